import { messageOf } from "../errors.ts";
import type { Fact } from "../facts/facts.ts";
import { byCodeUnit } from "../order.ts";
import { type OrganizationView, unlimited } from "../organization/view.ts";
import { nearest } from "../settings/explain.ts";
import type { Settings } from "../settings/settings.ts";
import { createLineFinder, type Range } from "../text/positions.ts";
import { SourceError } from "../text/source-error.ts";
import type { Reading } from "./declarations.ts";
import { judgeFile } from "./judge/judge-file.ts";
import { openActions } from "./judge/open-actions.ts";
import { readDeclarations } from "./read/index.ts";
import type { PolicyKind } from "./read/policy.ts";
import { refuseTerraformSource } from "./read/terraform-source.ts";
import type { LintFinding, LintProblem, LintReport, LintUnknown, Location } from "./report.ts";
import { applyRules } from "./rules/index.ts";
import { readSource, type Source } from "./source/source.ts";

/** A text with the name that the report calls it by. */
export interface LintFile {
  readonly name: string;
  readonly text: string;
}

export interface LintRequest {
  readonly settings: Settings;
  /** The account that templates and policies are for: twelve digits. */
  readonly accountId: string;
  readonly now: Date;
  /** The organization, as far as whoever asks knows it. */
  readonly organization?: Fact<OrganizationView>;
  /** Values for parameters of templates. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What bare policy documents are written for; absent: what they say. */
  readonly kind?: PolicyKind;
}

type FileReport = Pick<LintReport, "findings" | "unknown" | "unread" | "problems"> & {
  readonly parameters: readonly string[];
};

/** A file is judged as if no service control policy limited what it deploys. */
const organizationNotTold = unlimited(
  "the accounts of the organization are not known (--organization-accounts names them)",
);

/** Judges what files would deploy. One that cannot be read is a problem, and stops no other. */
export const lint = (files: readonly LintFile[], request: LintRequest): LintReport => {
  const reports = files.map((file) => lintFile(file, request));
  return {
    version: 1,
    files: files.map(({ name }) => name),
    findings: reports.flatMap(({ findings }) => findings),
    unknown: reports.flatMap(({ unknown }) => unknown),
    unread: reports.flatMap(({ unread }) => unread),
    problems: [
      ...reports.flatMap(({ problems }) => problems),
      ...unknownParameters(
        request,
        reports.flatMap(({ parameters }) => parameters),
      ),
    ],
  };
};

/** Whoever misspells a parameter would have its default judged. */
const unknownParameters = ({ parameters = {} }: LintRequest, declared: readonly string[]): readonly LintProblem[] =>
  Object.keys(parameters)
    .filter((name) => !declared.includes(name))
    .map((name) => {
      const meant = nearest(name, declared);
      const instead = meant === undefined ? "" : `; did you mean ${meant}?`;
      return { file: "--parameter", message: `no template has a parameter ${name}${instead}` };
    });

const lintFile = (file: LintFile, request: LintRequest): FileReport => {
  const lineColumn = createLineFinder(file.text);
  const problemAt = (offset: number, message: string): LintProblem => ({
    file: file.name,
    ...lineColumn(offset),
    message,
  });
  try {
    refuseTerraformSource(file.text, file.name);
    const source = readSource(file.text, file.name);
    return report(file, source, readDeclarations(source, file.name, request), request, problemAt);
  } catch (error) {
    // Whatever else goes wrong is told with the file that it went wrong in, and never hidden.
    const problem =
      error instanceof SourceError
        ? problemAt(error.offset, error.message)
        : { file: file.name, message: `cannot be judged: ${messageOf(error)}` };
    return { findings: [], unknown: [], unread: [], problems: [problem], parameters: [] };
  }
};

const report = (
  file: LintFile,
  source: Source,
  reading: Reading,
  request: LintRequest,
  problemAt: (offset: number, message: string) => LintProblem,
): FileReport => {
  const lineColumn = createLineFinder(file.text);
  const locate = ({ start, end }: Range): Location => {
    const [from, to] = [lineColumn(start), lineColumn(Math.max(start, end))];
    return { file: file.name, ...from, endLine: to.line, endColumn: to.column };
  };
  const { settings, accountId, now, organization = organizationNotTold } = request;
  const judging = { settings, account: { id: accountId }, now, organization };
  const readings = withNested(reading);
  const judged = readings.map(({ declarations }) => judgeFile(declarations, source.positions, judging));
  const own = readings.flatMap(({ declarations }) => applyRules(declarations, source.positions));
  const [findings, unknown] = [judged.flatMap((one) => one.findings), judged.flatMap((one) => one.unknown)];
  return {
    findings: [
      ...findings.map(
        ({ at, related, ...finding }): LintFinding => ({
          ...finding,
          location: locate(at),
          related: related.map(locate),
        }),
      ),
      ...own.map(
        ({ at, ...finding }): LintFinding => ({
          ...finding,
          ...{ location: locate(at), related: [], alsoOf: [], evidence: {} },
        }),
      ),
    ].sort(byPlace((one) => one.rule)),
    unknown: unknown
      .map(({ at, ...one }): LintUnknown => ({ ...one, location: locate(at) }))
      .sort(byPlace((one) => one.control)),
    unread: readings
      .flatMap(({ unread, declarations }) => [...unread, ...openActions(declarations, source.positions)])
      .map(({ at, address, why: reason }) => ({ location: locate(at), address, reason })),
    problems: readings.flatMap((one) => one.problems).map(({ offset, message }) => problemAt(offset, message)),
    parameters: reading.parameters ?? [],
  };
};

const withNested = (reading: Reading): readonly Reading[] => [reading, ...reading.nested.flatMap(withNested)];

const byPlace =
  <T extends { readonly location: Location }>(name: (one: T) => string) =>
  (a: T, b: T): number =>
    a.location.line - b.location.line || a.location.column - b.location.column || byCodeUnit(name(a), name(b));
