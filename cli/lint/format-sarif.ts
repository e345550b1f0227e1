import { createHash } from "node:crypto";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Severity } from "../../shared/control.ts";
import type { LintFinding, LintProblem, LintReport, Location } from "../../shared/lint/report.ts";
import { byCodeUnit } from "../../shared/order.ts";
import { guidanceOf } from "./guidance.ts";

const levels = { critical: "error", high: "error", medium: "warning", low: "note" } as const satisfies Record<
  Severity,
  string
>;
/** GitHub code scanning shows a rule as critical from 9.0 on, as high from 7.0 and as medium from 4.0. */
const scores = { critical: "9.5", high: "8.0", medium: "5.5", low: "3.0" } as const satisfies Record<Severity, string>;

/**
 * SARIF 2.1.0, as code scanning takes it.
 * @param folder that paths are relative to, as the repository's root is for code scanning
 * @see https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
export const formatSarif = (
  report: LintReport,
  { version, folder }: { readonly version: string; readonly folder: string },
): string => {
  const ids = [...new Set(report.findings.map(({ rule }) => rule))].sort(byCodeUnit);
  const artifactLocation = (file: string) => ({ uri: uriOf(file, folder) });
  const physicalLocation = ({ file, line, column, endLine, endColumn }: Location) => ({
    artifactLocation: artifactLocation(file),
    region: { startLine: line, startColumn: column, endLine, endColumn },
  });
  const result = (finding: LintFinding) => ({
    ruleId: finding.rule,
    ruleIndex: ids.indexOf(finding.rule),
    level: levels[finding.severity],
    message: { text: messageOf(finding) },
    locations: [
      {
        physicalLocation: physicalLocation(finding.location),
        ...(finding.address !== "" && {
          logicalLocations: [{ fullyQualifiedName: finding.address, kind: "resource" }],
        }),
      },
    ],
    ...(finding.related.length > 0 && {
      relatedLocations: finding.related.map((location, id) => ({
        id,
        physicalLocation: physicalLocation(location),
        message: { text: "It comes from this, too." },
      })),
    }),
    partialFingerprints: { "iamWarden/v1": fingerprint(finding, folder) },
  });
  const notification = (
    level: "error" | "warning",
    text: string,
    { file, line, column }: Pick<LintProblem, "file" | "line" | "column">,
  ) => ({
    level,
    message: { text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactLocation(file),
          ...(line !== undefined && { region: { startLine: line, startColumn: column ?? 1 } }),
        },
      },
    ],
  });
  const sarif = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "iam-warden", version, rules: ids.map(rule) } },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: report.problems.length === 0,
            toolExecutionNotifications: [
              ...report.problems.map((problem) => notification("error", problem.message, problem)),
              ...report.unknown.map(({ control, location, address, reason }) =>
                notification("warning", `${control} not judged of ${address || "the policy"}: ${reason}`, location),
              ),
              ...report.unread.map(({ location, address, reason }) =>
                notification("warning", `${address} not judged: ${reason}`, location),
              ),
            ],
          },
        ],
        results: report.findings.map(result),
      },
    ],
  };
  return `${JSON.stringify(sarif, null, 2)}\n`;
};

const messageOf = ({ reason, alsoOf }: LintFinding): string =>
  alsoOf.length === 0 ? reason : `${reason} The same of ${alsoOf.join(", ")}.`;

const rule = (id: string) => {
  const { title, severity, what, why, fix, page } = guidanceOf(id);
  const examples = fix
    ? `\n\n**CloudFormation**\n\n\`\`\`yaml\n${fix.cloudFormation}\n\`\`\`\n\n**Terraform**\n\n\`\`\`hcl\n${fix.terraform}\n\`\`\``
    : "";
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: `${what} ${why}` },
    help: {
      text: `${what} ${why} How to mend it: ${page} of iam-warden.`,
      markdown: `${what}\n\n${why}${examples}\n\nMore in iam-warden's \`${page}\`.`,
    },
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: ["security", "aws", "iam"], precision: "high", "security-severity": scores[severity] },
  };
};

/** The same whatever lines the file gains elsewhere, so that a finding is one for code scanning too. */
const fingerprint = ({ rule: id, location, address, subject, reason }: LintFinding, folder: string): string =>
  createHash("sha256")
    .update(
      JSON.stringify([id, uriOf(location.file, folder), address, subject?.kind ?? "", subject?.name ?? "", reason]),
    )
    .digest("hex")
    .slice(0, 32);

const uriOf = (file: string, folder: string): string => {
  const path = relative(folder, resolve(folder, file));
  if (path.startsWith("..") || isAbsolute(path)) return pathToFileURL(resolve(folder, file)).href;
  return path.split(sep).map(encodeURIComponent).join("/");
};
