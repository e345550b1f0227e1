import type * as z from "zod";
import { noChoiceInChat } from "./chat-schema.ts";
import { keysOf, nearest, schemaAt, showPath, valueAt, whatIs, whatWouldBeRight } from "./explain.ts";
import { settingsJsonSchema } from "./settings.ts";

/** What is wrong with a text, and where in it, from 0. */
export interface Problem {
  readonly offset: number;
  readonly text: string;
}

/** What a text says, and where each part of it stands, whatever its format. */
export interface Written {
  readonly value: unknown;
  /** Where the value at a path begins; of one that is missing, its nearest ancestor. */
  offsetOf(path: readonly PropertyKey[]): number;
  /** Where a key of the mapping at a path begins. */
  offsetOfKey(path: readonly PropertyKey[], key: string): number;
}

/** The first so many of a schema's issues as problems, and how many more there are. */
export const problemsIn = (
  issues: readonly z.core.$ZodIssue[],
  written: Written,
  most: number,
): { readonly problems: readonly Problem[]; readonly more: number } => {
  const single = issues.flatMap(oneByOne);
  const schema = settingsJsonSchema();
  return {
    problems: single.slice(0, most).flatMap((issue) => problemsOf(issue, written, schema)),
    more: single.length - most,
  };
};

/** All unknown keys of a mapping are one issue. */
const oneByOne = (issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] =>
  issue.code === "unrecognized_keys" ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue];

const problemsOf = (
  issue: z.core.$ZodIssue,
  written: Written,
  schema: z.core.JSONSchema.BaseSchema,
): readonly Problem[] => {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      offset: written.offsetOfKey(issue.path, key),
      text: `${showPath([...issue.path, key])}: ${unknownKey(issue.path, key, keysOf(schemaAt(schema, issue.path)))}`,
    }));
  }
  const at = schemaAt(schema, issue.path);
  const value = valueAt(written.value, issue.path);
  const path = showPath(issue.path);
  const offset = written.offsetOf(issue.path);
  if (issue.code === "custom") return [{ offset, text: `${path}: ${issue.message}` }];
  const right = whatWouldBeRight(at, issue.message);
  const beyond = beyondControl(issue.path, value);
  if (beyond !== undefined) return [{ offset, text: `${path}: is ${value}, ${beyond}; ${right}` }];
  if (issue.code === "invalid_key") {
    const reason = issue.issues[0]?.message ?? issue.message;
    return [{ offset, text: `${path}: is not a possible key; write ${reason}` }];
  }
  if (value === undefined) {
    return [{ offset, text: `${path}: is missing; ${path === "version" ? "write version: 1" : right}` }];
  }
  return [{ offset, text: `${path}: ${whatIs(value)}; ${right}` }];
};

/** Why a control cannot be set to something that others can. */
const beyondControl = (path: readonly PropertyKey[], value: unknown): string | undefined => {
  const key = path.at(-1);
  if (path[0] !== "controls" || (key !== "mode" && key !== "do")) return undefined;
  if (value === "remediate") return "but this control has no repair";
  return value === "finish" && key === "do" ? "but this control has no repair that a later step finishes" : undefined;
};

const unknownKey = (path: readonly PropertyKey[], key: string, known: readonly string[]): string => {
  if (path.at(-1) === "options") {
    return `no such option; ${known.length > 0 ? `write any of ${known.join(", ")}` : "this control has none, remove it"}`;
  }
  if (path[0] === "chat" && path.length > 1 && key === "only") return noChoiceInChat;
  const meant = nearest(key, known);
  const what = path.at(-1) === "controls" ? "no such control" : "no such setting";
  return `${what}; ${meant ? `did you mean ${meant}?` : `write any of ${known.join(", ")}`}`;
};
