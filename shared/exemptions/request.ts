import * as z from "zod";
import { controls as catalogue, controlById } from "../controls/catalogue.ts";
import { MalformedInputError } from "../errors.ts";
import { nearest, quote, showPath, valueAt, whatIs } from "../settings/explain.ts";
import { subjectKinds } from "../subject.ts";
import { visibleLength } from "../visible-text.ts";
import type { ExemptedWhat, Exemption, ExemptionScope } from "./exemption.ts";
import { type Problem, ruleProblems } from "./rules.ts";
import { accountId, isOuPath, longestDays, longestMilliseconds, longestReason } from "./shapes.ts";

/** In characters that show; a reason of fewer gives none. */
const shortestReason = 10;
/** A request that is wrong all through is told by its first problems. */
const mostProblems = 20;
const mostControls = 100;

const phrases = {
  controls: "a list of controls' ids, or all",
  scope: "one of organization: true, ou: an OU path such as Root/Workloads/Prod, account: an account id",
  ou: "an OU path from the root down, such as Root/Workloads/Prod, without characters that do not show",
  account: "an account id of twelve digits, as text",
  kind: `one of ${subjectKinds.join(", ")}`,
  reason: "why, in a sentence",
  until: `when it ends, at most ${longestDays} days from now, such as 2027-01-31 or 2027-01-31T12:00:00Z`,
};

/** What somebody may ask for; a message says what would be right, as a noun phrase. */
const requestSchema = z.strictObject(
  {
    controls: z.union([z.literal("all"), z.array(z.unknown())], { error: phrases.controls }),
    scope: z.strictObject(
      {
        organization: z.literal(true, { error: "true, or leave it out" }).optional(),
        ou: z.string({ error: phrases.ou }).refine(isOuPath, { error: phrases.ou }).optional(),
        account: z.string({ error: phrases.account }).regex(accountId, { error: phrases.account }).optional(),
      },
      { error: phrases.scope },
    ),
    subject: z
      .strictObject(
        {
          kind: z.enum(subjectKinds, { error: phrases.kind }),
          pattern: z.string({ error: "a name or a pattern such as ci-*" }),
        },
        { error: "a mapping of kind and pattern, or leave it out" },
      )
      .optional(),
    // Halves of pairs would not come back from the table as they were.
    reason: z.string({ error: phrases.reason }).transform((reason) => reason.trim().toWellFormed()),
    until: z.union([z.iso.date(), z.iso.datetime({ offset: true })], { error: phrases.until }),
  },
  { error: "a mapping of controls, scope, subject, reason, until" },
);
type Request = z.infer<typeof requestSchema>;

/**
 * What is asked for, in its one form: controls ordered, times in UTC.
 * @throws MalformedInputError with a line for each problem: `where: what is wrong; what would be right`
 */
export const readRequest = (request: unknown, now: Date): ExemptedWhat & Pick<Exemption, "reason" | "until"> => {
  const parsed = requestSchema.safeParse(request);
  if (!parsed.success) return refuse(parsed.error.issues.flatMap((issue) => shapeProblems(issue, request)));
  const { reason, until, subject, ...rest } = parsed.data;
  const scope = scopeOf(rest.scope);
  const { ids, problems } = readControls(rest.controls);
  const problemsOfAll = [
    ...problems,
    ...(scope
      ? []
      : [{ path: ["scope"], text: `names ${Object.keys(rest.scope).length} places; write ${phrases.scope}` }]),
    ...kindProblems(ids, subject),
    ...(scope ? ruleProblems({ controls: ids, scope, ...(subject && { subject }) }) : []),
    ...reasonProblems(reason),
    ...untilProblems(until, now),
  ];
  if (problemsOfAll.length > 0 || !scope) return refuse(problemsOfAll);
  return { controls: ids, scope, ...(subject && { subject }), reason, until: new Date(until).toISOString() };
};

const refuse = (problems: readonly Problem[]): never => {
  const lines = problems.slice(0, mostProblems).map(({ path, text }) => `${where(path)}: ${text}`);
  const more = problems.length - lines.length;
  throw new MalformedInputError([...lines, ...(more > 0 ? [`and ${more} more problems`] : [])].join("\n"));
};

const where = (path: readonly PropertyKey[]): string => (path.length === 0 ? "the request" : showPath(path));

const shapeProblems = (issue: z.core.$ZodIssue, request: unknown): readonly Problem[] => {
  const { path } = issue;
  if (issue.code !== "unrecognized_keys")
    return [{ path, text: `${whatIs(valueAt(request, path))}; write ${issue.message}` }];
  return issue.keys.map((key) => ({ path: [...path, key], text: unknownKey(path, key) }));
};

const unknownKey = (path: readonly PropertyKey[], key: string): string => {
  if (path.length === 0 && key === "by") return "is for the authenticated request to say; leave it out";
  const shape =
    path[0] === "scope" ? requestSchema.shape.scope.shape : path[0] === "subject" ? subjectShape : requestSchema.shape;
  const known = Object.keys(shape);
  const meant = nearest(key, known);
  return `no such field; ${meant ? `did you mean ${meant}?` : `write any of ${known.join(", ")}`}`;
};
const subjectShape = requestSchema.shape.subject.unwrap().shape;

/** `undefined` unless it names exactly one place. */
const scopeOf = ({ organization, ou, account }: Request["scope"]): ExemptionScope | undefined => {
  const named: ExemptionScope[] = [];
  if (organization) named.push({ organization });
  if (ou !== undefined) named.push({ ou });
  if (account !== undefined) named.push({ account });
  return named.length === 1 ? named[0] : undefined;
};

const readControls = (
  controls: Request["controls"],
): { readonly ids: readonly string[] | "all"; readonly problems: readonly Problem[] } => {
  if (controls === "all") return { ids: "all", problems: [] };
  if (controls.length === 0 || controls.length > mostControls) {
    const text = `has ${controls.length} entries; write 1 to ${mostControls} ids of controls, or all`;
    return { ids: [], problems: [{ path: ["controls"], text }] };
  }
  const known = catalogue.map(({ id }) => id);
  const ids = controls.filter((id): id is string => typeof id === "string" && controlById(id) !== undefined);
  const problems = controls.flatMap((id, index): Problem[] => {
    const path = ["controls", index];
    if (typeof id !== "string") return [{ path, text: `${whatIs(id)}; write the id of a control` }];
    if (controlById(id)) return [];
    const meant = nearest(id, known);
    return [
      {
        path,
        text: `${quote(id)} is no control; ${meant ? `did you mean ${meant}?` : `write any of ${known.join(", ")}`}`,
      },
    ];
  });
  return { ids: [...new Set(ids)].sort(), problems };
};

/** A control that never judges such subjects would seem excused, and would not be. */
const kindProblems = (ids: readonly string[] | "all", subject: Request["subject"]): readonly Problem[] => {
  if (ids === "all" || subject === undefined) return [];
  const other = ids
    .map(controlById)
    .find((control) => control !== undefined && !control.subjects.includes(subject.kind));
  if (other === undefined) return [];
  const text = `is ${subject.kind}, which ${other.id} does not judge; write ${other.subjects.join(" or ")}, or leave that control out`;
  return [{ path: ["subject", "kind"], text }];
};

const reasonProblems = (reason: string): readonly Problem[] => {
  const path = ["reason"];
  const visible = visibleLength(reason);
  if (visible < shortestReason)
    return [{ path, text: `has ${visible} visible characters; write ${phrases.reason}, at least ${shortestReason}` }];
  if (reason.length > longestReason)
    return [{ path, text: `has ${reason.length} characters; write at most ${longestReason}` }];
  return [];
};

const untilProblems = (until: string, now: Date): readonly Problem[] => {
  const path = ["until"];
  const latest = new Date(now.getTime() + longestMilliseconds);
  const at = new Date(until);
  if (!(at > now))
    return [{ path, text: `is ${until}, which is not in the future; write a time after ${now.toISOString()}` }];
  if (at > latest)
    return [
      {
        path,
        text: `is ${until}, which is more than ${longestDays} days from now; write at most ${latest.toISOString()}`,
      },
    ];
  return [];
};
