import type { Finding } from "./finding.ts";

/** Whether an exemption excuses a finding now: an exemption that is over excuses nothing, whoever has noticed that yet. */
export const isExempt = ({ exemption }: Pick<Finding, "exemption">, now: Date): boolean =>
  exemption !== undefined && now.getTime() < Date.parse(exemption.until);

export const shownStatuses = ["open", "exempt", "held", "remediating", "failed", "resolved"] as const;
export type ShownStatus = (typeof shownStatuses)[number];

/** How a finding stands, in one word for people. */
export const shownStatus = (finding: Finding, now: Date): ShownStatus => {
  if (finding.status === "resolved") return "resolved";
  if (isExempt(finding, now)) return "exempt";
  const state = finding.repair?.state;
  return state === "held" || state === "remediating" || state === "failed" ? state : "open";
};
