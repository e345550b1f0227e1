import { MalformedInputError, messageOf } from "../../errors.ts";

/** Who a statement names: everyone, or values by type (`AWS`, `Service`, `Federated`, `CanonicalUser`). */
export type PrincipalElement = "*" | Readonly<Record<string, readonly string[]>>;

/** Condition operator to key to the values of which one has to match. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** One statement with every single value made a list. Exactly one of each positive and `not…` pair may be present. */
export interface Statement {
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  readonly principals?: PrincipalElement;
  readonly notPrincipals?: PrincipalElement;
  readonly conditions: ConditionBlock;
  /** Elements that the policy language does not have: nobody can say what such a statement does. */
  readonly unknownElements: readonly string[];
}

export interface PolicyDocument {
  readonly version?: string;
  readonly statements: readonly Statement[];
}

const elements = new Set([
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "NotPrincipal",
  "Condition",
]);

/**
 * Reads a policy document as IAM hands it out or people write it: an object, plain JSON, or RFC 3986 encoded JSON; any
 * list may be a single value.
 * @throws MalformedInputError if it is none of these, or a statement lacks an effect
 */
export const parsePolicy = (document: unknown): PolicyDocument => {
  const value = typeof document === "string" ? parseJson(document) : document;
  if (!isRecord(value)) throw new MalformedInputError("a policy document must be a JSON object");
  const statements = value.Statement;
  if (statements === undefined) throw new MalformedInputError("a policy document needs a Statement");
  const readText = value.Version === variablesSince ? asWritten : withoutVariables;
  return {
    ...(typeof value.Version === "string" && { version: value.Version }),
    statements: (Array.isArray(statements) ? statements : [statements]).map((each, index) =>
      parseStatement(each, index, readText),
    ),
  };
};

/** The version of the policy language that has variables; without it, and before, `${…}` stands for those characters. */
const variablesSince = "2012-10-17";

type ReadText = (text: string) => string;
const asWritten: ReadText = (text) => text;
const withoutVariables: ReadText = (text) => text.replaceAll("${", "${$}{");

/** The text of a document as it was written there. */
export const writtenIn =
  ({ version }: Pick<PolicyDocument, "version">): ReadText =>
  (text) =>
    version === variablesSince ? text : text.replaceAll("${$}{", "${");

/** The same without an error: what is no policy document says why, in the words of `parsePolicy`. */
export const readPolicyDocument = (document: unknown): PolicyDocument | { readonly malformed: string } => {
  try {
    return parsePolicy(document);
  } catch (error) {
    if (error instanceof MalformedInputError) return { malformed: error.message };
    throw error;
  }
};

const parseJson = (text: string): unknown => {
  const json = /^\s*%/.test(text) ? decodeURIComponentOrFail(text) : text;
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new MalformedInputError(`a policy document must be JSON: ${messageOf(error)}`, { cause: error });
  }
};

const decodeURIComponentOrFail = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new MalformedInputError("a policy document is neither JSON nor URL-encoded JSON", { cause: error });
  }
};

const parseStatement = (value: unknown, index: number, readText: ReadText): Statement => {
  const at = `Statement[${index}]`;
  if (!isRecord(value)) throw new MalformedInputError(`${at} must be an object`);
  const effect = value.Effect;
  if (effect !== "Allow" && effect !== "Deny") throw new MalformedInputError(`${at}.Effect must be Allow or Deny`);
  const list = (name: string) => optional(value, name, (found) => strings(found, `${at}.${name}`));
  const resources = (name: string) => list(name)?.map(readText);
  const principal = (name: string) => optional(value, name, (found) => parsePrincipal(found, `${at}.${name}`));
  return withoutUndefined({
    sid: typeof value.Sid === "string" ? value.Sid : undefined,
    effect,
    actions: list("Action"),
    notActions: list("NotAction"),
    resources: resources("Resource"),
    notResources: resources("NotResource"),
    principals: principal("Principal"),
    notPrincipals: principal("NotPrincipal"),
    conditions: parseConditions(value.Condition, `${at}.Condition`, readText),
    unknownElements: Object.keys(value).filter((name) => !elements.has(name)),
  });
};

const optional = <T>(value: Record<string, unknown>, name: string, read: (found: unknown) => T): T | undefined =>
  value[name] === undefined ? undefined : read(value[name]);

const withoutUndefined = <T extends object>(value: T): T => {
  const kept: Partial<T> = {};
  for (const key in value) if (value[key] !== undefined) kept[key] = value[key];
  return kept as T;
};

const parsePrincipal = (value: unknown, at: string): PrincipalElement => {
  if (value === "*") return "*";
  if (!isRecord(value)) throw new MalformedInputError(`${at} must be "*" or an object such as {"AWS": …}`);
  return mapValues(value, (each, type) => strings(each, `${at}.${type}`));
};

const parseConditions = (value: unknown, at: string, readText: ReadText): ConditionBlock => {
  if (value === undefined) return {};
  if (!isRecord(value)) throw new MalformedInputError(`${at} must be an object`);
  return mapValues(value, (keys, operator) => {
    if (!isRecord(keys)) throw new MalformedInputError(`${at}.${operator} must be an object`);
    return mapValues(keys, (values, key) => strings(values, `${at}.${operator}.${key}`).map(readText));
  });
};

/** A value or a list of values; numbers and booleans stand for their spelling, as IAM reads them. */
const strings = (value: unknown, at: string): readonly string[] =>
  (Array.isArray(value) ? value : [value]).map((each) => {
    if (typeof each === "string" || typeof each === "number" || typeof each === "boolean") return String(each);
    throw new MalformedInputError(`${at} must be a string or a list of strings`);
  });

const mapValues = <T>(value: Record<string, unknown>, map: (each: unknown, key: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(value).map(([key, each]) => [key, map(each, key)]));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
