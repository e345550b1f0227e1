import { BlockList, isIP } from "node:net";
import { matchesPattern } from "../../wildcard.ts";
import type { ConditionBlock } from "./document.ts";
import { all, any, not, type Ternary } from "./ternary.ts";
import { patternOf, type RequestContext } from "./variables.ts";

/** Whether one value of the request satisfies one value of the policy. */
type Comparison = (actual: string, wanted: string, context: RequestContext) => Ternary;

const like: Comparison = (actual, wanted, context) => {
  const pattern = patternOf(wanted, context);
  return pattern !== undefined && matchesPattern(pattern, actual);
};

/** Without wildcards: `*` in the policy is itself, variables still stand for their values. */
const equal: Comparison = (actual, wanted, context) =>
  like(
    actual,
    wanted.replace(/\$\{[^}]*\}|[*?]/g, (found) => (found.length === 1 ? `\${${found}}` : found)),
    context,
  );

const equalIgnoringCase: Comparison = (actual, wanted, context) =>
  equal(actual.toLowerCase(), wanted.toLowerCase(), lowerCase(context));

const lowerCase = (context: RequestContext): RequestContext =>
  new Map([...context].map(([key, values]) => [key, values.map((value) => value.toLowerCase())]));

/** ARNs are compared segment by segment: a `*` does not reach over a colon of the first five. */
const arnLike: Comparison = (actual, wanted, context) => {
  const [actualSegments, wantedSegments] = [segmentsOf(actual), segmentsOf(wanted)];
  if (actualSegments.length !== 6) return false;
  return (
    wanted === "*" || all(wantedSegments.map((segment, index) => like(actualSegments[index] ?? "", segment, context)))
  );
};

/** The six parts of an ARN; the last keeps its own colons. Colons within `${…}` do not count. */
const segmentsOf = (arn: string): readonly string[] => {
  const pieces = arn.match(/(?:\$\{[^}]*\}|[^:])+|(?<=:|^)(?=:|$)/g) ?? [];
  return pieces.length <= 6 ? pieces : [...pieces.slice(0, 5), pieces.slice(5).join(":")];
};

const numeric =
  (compare: (actual: number, wanted: number) => boolean): Comparison =>
  (actual, wanted) => {
    const [left, right] = [Number(actual), Number(wanted)];
    return Number.isNaN(left) || Number.isNaN(right) || actual.trim() === "" ? false : compare(left, right);
  };

/** Dates are ISO 8601 or seconds since 1970. */
const timeOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const date =
  (compare: (actual: number, wanted: number) => boolean): Comparison =>
  (actual, wanted) => {
    const [left, right] = [timeOf(actual), timeOf(wanted)];
    return Number.isNaN(left) || Number.isNaN(right) ? false : compare(left, right);
  };

const ipAddress: Comparison = (actual, wanted) => {
  const [network = "", length] = wanted.split("/");
  const family = isIP(network);
  if (family === 0 || isIP(actual) === 0) return false;
  const bits = length === undefined ? (family === 4 ? 32 : 128) : Number(length);
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) return "unknown";
  const list = new BlockList();
  list.addSubnet(network, bits, family === 4 ? "ipv4" : "ipv6");
  return list.check(actual, isIP(actual) === 4 ? "ipv4" : "ipv6");
};

const bool: Comparison = (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase();

const comparisons: Readonly<Record<string, Comparison>> = {
  stringequals: equal,
  stringequalsignorecase: equalIgnoringCase,
  stringlike: like,
  arnequals: arnLike,
  arnlike: arnLike,
  numericequals: numeric((actual, wanted) => actual === wanted),
  numericlessthan: numeric((actual, wanted) => actual < wanted),
  numericlessthanequals: numeric((actual, wanted) => actual <= wanted),
  numericgreaterthan: numeric((actual, wanted) => actual > wanted),
  numericgreaterthanequals: numeric((actual, wanted) => actual >= wanted),
  dateequals: date((actual, wanted) => actual === wanted),
  datelessthan: date((actual, wanted) => actual < wanted),
  datelessthanequals: date((actual, wanted) => actual <= wanted),
  dategreaterthan: date((actual, wanted) => actual > wanted),
  dategreaterthanequals: date((actual, wanted) => actual >= wanted),
  ipaddress: ipAddress,
  bool,
  binaryequals: (actual, wanted) => actual === wanted,
};

/** Negated operators hold where their positive twin does not, and where the key is absent. */
export const negations: Readonly<Record<string, string>> = {
  stringnotequals: "stringequals",
  stringnotequalsignorecase: "stringequalsignorecase",
  stringnotlike: "stringlike",
  arnnotequals: "arnequals",
  arnnotlike: "arnlike",
  numericnotequals: "numericequals",
  datenotequals: "dateequals",
  notipaddress: "ipaddress",
};

/**
 * Whether a condition block holds for a request: every operator, every key, one of the values.
 * An operator that the policy language does not have is `unknown`.
 */
export const conditionHolds = (conditions: ConditionBlock, context: RequestContext): Ternary =>
  all(
    Object.entries(conditions).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, wanted]) => holds(operator, key.toLowerCase(), wanted, context)),
    ),
  );

/** A condition operator taken apart, all in lower case: `ForAnyValue:StringLikeIfExists` is `stringlike` of `foranyvalue`. */
export interface Operator {
  readonly set?: string;
  readonly name: string;
  readonly ifExists: boolean;
}

/** Operators are matched without regard to case. */
export const parseOperator = (operator: string): Operator => {
  const parsed = /^(?:(forallvalues|foranyvalue):)?(.*?)(ifexists)?$/.exec(operator.toLowerCase());
  const [, set, name = "", ifExists] = parsed ?? [];
  return { ...(set !== undefined && { set }), name, ifExists: ifExists !== undefined };
};

/** Whether the policy language has such an operator. */
export const isConditionOperator = (operator: string): boolean => {
  const { name } = parseOperator(operator);
  return name === "null" || ownEntry(comparisons, ownEntry(negations, name) ?? name) !== undefined;
};

const holds = (operator: string, key: string, wanted: readonly string[], context: RequestContext): Ternary => {
  const { set, name, ifExists } = parseOperator(operator);
  const actual = context.get(key);
  if (name === "null") return all([any(wanted.map((each) => nullHolds(each, actual)))]);
  const negated = ownEntry(negations, name);
  const comparison = ownEntry(comparisons, negated ?? name);
  if (comparison === undefined) return "unknown";
  if (actual === undefined || actual.length === 0) {
    return ifExists || set === "forallvalues" || (negated !== undefined && set === undefined);
  }
  const matchesOne = (value: string) => {
    const found = any(wanted.map((each) => comparison(value, each, context)));
    return negated === undefined ? found : not(found);
  };
  return set === "forallvalues" || (negated !== undefined && set === undefined)
    ? all(actual.map(matchesOne))
    : any(actual.map(matchesOne));
};

/** An operator may bear any name, also that of a property which every object has. */
const ownEntry = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const nullHolds = (wanted: string, actual: readonly string[] | undefined): Ternary => {
  const absent = actual === undefined || actual.length === 0;
  if (/^true$/i.test(wanted)) return absent;
  return /^false$/i.test(wanted) ? !absent : "unknown";
};
