import { type Severity, severities } from "../../shared/control.ts";
import type { LintFinding, LintReport, LintUnknown, LintUnread, Location } from "../../shared/lint/report.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { type Paint, paintSeverity } from "../output.ts";
import { renderTable } from "../table.ts";

/** For people: by file, findings by place, and what could not be judged or read; then the count. */
export const formatTable = (report: LintReport, paint: Paint, width: number): string => {
  const sections = report.files.flatMap((file) => fileSection(report, file, paint, width));
  return [...sections, summary(report, paint)].join("\n");
};

const placeOf = ({ line, column }: Location): string => `${line}:${column}`;
const at = (address: string, text: string): string => visibleText(address === "" ? text : `${address}: ${text}`);

const fileSection = (report: LintReport, file: string, paint: Paint, width: number): readonly string[] => {
  const inFile = <T extends { readonly location: Location }>(all: readonly T[]): readonly T[] =>
    all.filter(({ location }) => location.file === file);
  const [findings, unknown, unread] = [inFile(report.findings), inFile(report.unknown), inFile(report.unread)];
  if (findings.length + unknown.length + unread.length === 0) return [];
  const parts = [`${paint("bold", visibleText(file))}\n`];
  if (findings.length > 0) {
    const rows = findings.map((one) => [
      placeOf(one.location),
      paintSeverity(paint, one.severity),
      one.rule,
      textOf(one),
    ]);
    parts.push(renderTable(["PLACE", "SEVERITY", "RULE", "FINDING"], rows, width));
  }
  if (unknown.length + unread.length > 0)
    parts.push(`Not judged:\n${renderTable(["PLACE", "WHY"], notJudged(unknown, unread), width)}`);
  return parts;
};

/** Several controls that stop at the same are one row. */
const notJudged = (unknown: readonly LintUnknown[], unread: readonly LintUnread[]): readonly (readonly string[])[] => {
  const groups = Map.groupBy(unknown, ({ location, reason }) => JSON.stringify([placeOf(location), reason]));
  const rows = [...groups.values()].flatMap((same) => {
    const [first] = same;
    const names = same.map(({ control }) => control).join(", ");
    return first ? [[placeOf(first.location), at(first.address, `${first.reason} (${names})`)]] : [];
  });
  return [...rows, ...unread.map(({ location, address, reason }) => [placeOf(location), at(address, reason)])];
};

const textOf = ({ address, reason, alsoOf, related }: LintFinding): string => {
  const also = alsoOf.length > 0 ? [`The same of ${alsoOf.join(", ")}.`] : [];
  const further = related.length > 0 ? [`See also ${related.map(placeOf).join(", ")}.`] : [];
  return at(address, [reason, ...also, ...further].join(" "));
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const summary = ({ files, findings, unknown, unread, problems }: LintReport, paint: Paint): string => {
  const counts = severities.flatMap((severity: Severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${paintSeverity(paint, severity)}`];
  });
  const severe = counts.length === 0 ? "" : ` (${counts.join(", ")})`;
  return (
    `${counted(findings.length, "finding")}${severe} in ${counted(files.length, "file")}; ` +
    `${unknown.length + unread.length} not judged; ${counted(problems.length, "problem")} with the input\n`
  );
};
