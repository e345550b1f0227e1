import * as z from "zod";
import type { AnyControl } from "../control.ts";
import { controls } from "../controls/catalogue.ts";
import { MalformedRequestError } from "../errors.ts";
import { nearest, showPath, valueAt, whatIs } from "../settings/explain.ts";
import type { Caller, OperatorDependencies } from "./dependencies.ts";

/** What a command answers when it is asked with arguments that nobody has checked yet. */
export type Ask<Result> = (dependencies: OperatorDependencies, caller: Caller, args: object) => Promise<Result>;

/** Makes a command of its arguments' schema, whose messages say what would be right, as noun phrases. */
export const defineCommand =
  <Schema extends z.ZodObject, Result>(
    schema: Schema,
    run: (dependencies: OperatorDependencies, caller: Caller, args: z.output<Schema>) => Promise<Result>,
  ): Ask<Result> =>
  (dependencies, caller, args) =>
    run(dependencies, caller, parseArgs(schema, args));

/** @throws MalformedRequestError with a line for each problem: `where: what is wrong; what would be right` */
const parseArgs = <Schema extends z.ZodObject>(schema: Schema, args: object): z.output<Schema> => {
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  throw new MalformedRequestError(
    parsed.error.issues
      .slice(0, 20)
      .flatMap((issue) => problemsOf(issue, schema, args))
      .join("\n"),
  );
};

const problemsOf = (issue: z.core.$ZodIssue, schema: z.ZodObject, args: object): readonly string[] => {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") return issue.keys.slice(0, 20).map((key) => unknownKey(key, schema));
  const where = path.length === 0 ? "the request" : showPath(path);
  return [`${where}: ${whatIs(valueAt(args, path))}; write ${issue.message}`];
};

/** Whoever could write it there could act in somebody else's name. */
const identityKeys = ["by", "caller", "arn", "userArn", "principal"];

const unknownKey = (key: string, schema: z.ZodObject): string => {
  const name = showPath([key]);
  if (identityKeys.includes(key)) return `${name}: is for the authenticated request to say; leave it out`;
  const known = Object.keys(schema.shape);
  const meant = nearest(key, known);
  if (meant !== undefined) return `${name}: no such field; did you mean ${meant}?`;
  return `${name}: no such field; ${known.length === 0 ? "leave it out" : `write any of ${known.join(", ")}`}`;
};

// What several commands take.

const oneOf = (values: readonly string[]): string => `one of ${values.join(", ")}`;

/** One of some words, or a list of them. */
export const listOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.array(z.enum(values, { error: oneOf(values) }), { error: `a list of ${oneOf(values)}` }).max(50);

export const accountIdArg = z
  .string({ error: "an account id of twelve digits, as text" })
  .regex(/^\d{12}$/, { error: "an account id of twelve digits, as text" });

const idError = "the id of a finding, or at least its first 8 characters (0-9, a-f)";
/** A finding's id or how it begins. */
export const findingIdArg = z
  .string({ error: idError })
  .regex(/^[0-9a-f]{8,32}$/i, { error: idError })
  .transform((id) => id.toLowerCase());

const digestError = "the digest of the plan that is approved, as `plan` gives it: 20 characters (0-9, a-f)";
/** The digest of a plan. */
export const digestArg = z.string({ error: digestError }).regex(/^[0-9a-f]{20}$/, { error: digestError });

const whyError = "why, in 1 to 500 characters";
/** A person's reason, kept with what they did. */
export const whyArg = z
  .string({ error: whyError })
  // Halves of pairs would not come back from the table as they were.
  .transform((why) => why.trim().toWellFormed())
  .pipe(z.string().min(1, { error: whyError }).max(500, { error: whyError }));

export const limitArg = (most: number) => {
  const error = `a whole number from 1 to ${most}`;
  return z.int({ error }).min(1, { error }).max(most, { error });
};

/** What a control is called; findings outlive their control, so it need not be in the catalogue. */
const controlIdAmong = (what: string, known: readonly AnyControl[]) => {
  const ids = known.map(({ id }) => id);
  const error = `the id of ${what}: ${ids.join(", ")}`;
  return z.string({ error }).refine((id) => ids.includes(id), { error });
};

export const controlIdArg = controlIdAmong("a control", controls);

export const repairedControlIdArg = controlIdAmong(
  "a control that has a repair",
  controls.filter((control) => control.type === "state" && control.repair !== undefined),
);
