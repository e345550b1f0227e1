import type { Finding } from "../../shared/findings/finding.ts";
import type { SnsDelivery } from "../sns/state.ts";
import type { News } from "./record.ts";

/** Whether a message that somebody received after some news of a finding speaks of it. */
export const wasTold = (finding: Finding, news: News, delivery: SnsDelivery): boolean => {
  if (delivery.at.getTime() < news.at) return false;
  if (delivery.attributes.kind?.value !== "digest") return delivery.message.includes(`Finding ${finding.id}`);
  return entriesOf(delivery.message).some(
    (entry) =>
      entry.includes(`${subjectOf(finding)} in `) &&
      entry.includes(finding.account.id) &&
      entry.includes(`[${finding.control}`),
  );
};

/** The findings that a digest lists, each on one line. */
const entriesOf = (message: string): readonly string[] =>
  message.split("\n- ").map((entry) => entry.replace(/\s+/g, " "));

/** As a message names it. */
const subjectOf = ({ subject: { kind, name, accessKeyId } }: Finding): string => {
  if (kind === "accessKey") return `access key ${accessKeyId} of ${name}`;
  if (kind === "root") return name === "root" ? "root user" : "central root session";
  return `${kind} ${name}`;
};
