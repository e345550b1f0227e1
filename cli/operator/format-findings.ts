import type { FindingSummary } from "../../shared/operator/summary.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { paintSeverity, stdoutPaint } from "../output.ts";
import { renderTable } from "../table.ts";
import { accountWords, paintStatus, shortId } from "./words.ts";

/** For people: by account, in the order in which they come. */
export const formatFindings = (findings: readonly FindingSummary[], width: number): string => {
  if (findings.length === 0) return "No findings.\n";
  const byAccount = Map.groupBy(findings, ({ account }) => account.id);
  const sections = [...byAccount.values()].map((ofAccount) => {
    const [first] = ofAccount;
    const rows = ofAccount.map((finding) => [
      shortId(finding.id),
      paintSeverity(stdoutPaint, finding.severity),
      paintStatus(finding.status),
      visibleText(`${finding.control}: ${finding.reason}${standingWords(finding)}`),
    ]);
    const title = first === undefined ? "" : stdoutPaint("bold", accountWords(first.account));
    return `${title}\n${renderTable(["ID", "SEVERITY", "STATUS", "FINDING"], rows, width)}`;
  });
  const counts = Map.groupBy(findings, ({ status }) => status);
  const words = [...counts].map(([status, some]) => `${some.length} ${status}`).join(", ");
  return `${sections.join("\n")}\n${findings.length} ${findings.length === 1 ? "finding" : "findings"}: ${words}\n`;
};

const standingWords = ({ status, repair, exemption }: FindingSummary): string => {
  if (status === "exempt") return ` [excused until ${exemption?.until} by ${exemption?.by}: ${exemption?.reason}]`;
  return (status === "held" || status === "failed") && repair ? ` [${status}: ${repair.why}]` : "";
};
