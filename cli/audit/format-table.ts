import { type Severity, severities } from "../../shared/control.ts";
import { isAllButCertain } from "../../shared/controls/terms/permissions/permissions.ts";
import { listWords } from "../../shared/text/list-words.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { subjectWords } from "../operator/words.ts";
import { type Paint, paintSeverity } from "../output.ts";
import { renderTable } from "../table.ts";
import type { AuditedAccount, AuditFinding, AuditReport, AuditUnknown } from "./report.ts";

/** For people: by account, findings, worst first, and what could not be judged; then accounts not read, then the count. */
export const formatTable = (report: AuditReport, paint: Paint, width: number): string => {
  const [failed, swept] = [report.accounts.filter(isFailed), report.accounts.filter((account) => !isFailed(account))];
  const sections = swept.flatMap((account) => accountSection(report, account, paint, width));
  if (failed.length > 0) {
    const rows = failed.map(({ id, name, error }) => [
      id,
      visibleText(`${name === null ? "" : `${name}: `}${error ?? "unknown"}`),
    ]);
    sections.push(`${paint("red", "Could not be read:")}\n${renderTable(["ACCOUNT", "WHY"], rows, width)}`);
  }
  return [...sections, summary(report, paint)].join("\n");
};

const isFailed = ({ status }: AuditedAccount): boolean => status === "failed";

const accountSection = (report: AuditReport, account: AuditedAccount, paint: Paint, width: number): string[] => {
  const findings = report.findings.filter((finding) => finding.account === account.id).sort(worstFirst);
  const unknown = report.unknown.filter((entry) => entry.account === account.id);
  const title = `${paint("bold", account.id)}${account.name === null ? "" : ` ${visibleText(account.name)}`}`;
  if (findings.length === 0 && unknown.length === 0) return [`${title}: nothing found\n`];
  const parts = [`${title}\n`];
  if (findings.length > 0) {
    const rows = findings.map((finding) => [
      paintSeverity(paint, finding.severity),
      finding.control,
      visibleText(finding.reason),
    ]);
    parts.push(renderTable(["SEVERITY", "CONTROL", "FINDING"], rows, width));
  }
  const [almost, open] = [unknown.filter(isAlmost), unknown.filter((entry) => !isAlmost(entry))];
  if (almost.length > 0) {
    const rows = almost.map(({ control, reason }) => [control, visibleText(reason)]);
    parts.push(
      `Found, unless what could not be read takes it away:\n${renderTable(["CONTROL", "FINDING"], rows, width)}`,
    );
  }
  if (open.length > 0) {
    const rows = groupUnknown(open).map(([control, why, count]) => [control, `${count}`, visibleText(why)]);
    parts.push(`Not judged:\n${renderTable(["CONTROL", "SUBJECTS", "WHY"], rows, width)}`);
  }
  return parts;
};

const isAlmost = ({ reason }: AuditUnknown): boolean => isAllButCertain(reason);

/** Many subjects with one cause are one row, which names the first of them; a single one has its own words. */
const groupUnknown = (unknown: readonly AuditUnknown[]): [control: string, why: string, count: number][] => {
  const groups = Map.groupBy(unknown, ({ control, cause }) => JSON.stringify([control, cause]));
  return [...groups.values()].flatMap((entries) => {
    const [first] = entries;
    if (first === undefined) return [];
    const who = listWords(entries.map(({ subject }) => subjectWords(subject)));
    return [[first.control, entries.length === 1 ? first.reason : `${first.cause} (${who})`, entries.length]];
  });
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const rank = (severity: Severity): number => severities.indexOf(severity);
const worstFirst = (a: AuditFinding, b: AuditFinding): number => rank(a.severity) - rank(b.severity);

const summary = ({ accounts, findings, unknown }: AuditReport, paint: Paint): string => {
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${paintSeverity(paint, severity)}`];
  });
  const failed = accounts.filter(isFailed).length;
  const calls = accounts
    .flatMap(({ apiCalls }) => Object.values(apiCalls))
    .reduce((sum, operationCalls) => sum + operationCalls, 0);
  return [
    `${counted(findings.length, "finding")}${counts.length === 0 ? "" : ` (${counts.join(", ")})`}; ${unknown.length} not judged\n`,
    `${counted(accounts.length - failed, "account")} read, ${failed} could not be read; ${counted(calls, "AWS call")}\n`,
  ].join("");
};
