import { byCodeUnit } from "../../order.ts";
import { negations, type Operator, parseOperator } from "../language/condition.ts";
import type { ConditionBlock } from "../language/document.ts";
import {
  type ConditionValue,
  type ConfinementKind,
  confinementKey,
  type OperatorFamily,
  ownAccount,
  ownOrganization,
} from "./confinement-keys.ts";

export type { ConfinementKind } from "./confinement-keys.ts";
export { ownAccount, ownOrganization } from "./confinement-keys.ts";

/** A condition that a request meets only from within what it names. */
export interface Confinement {
  readonly kind: ConfinementKind;
  /** In lower case. */
  readonly key: string;
  /** As they are written, of which one has to match. */
  readonly values: readonly string[];
  /** `*` and `?` in the values are wildcards. */
  readonly arePatterns: boolean;
  /** The accounts or organizations that the values name, `ownAccount` and `ownOrganization` among them; empty if they name none. */
  readonly of: readonly string[];
}

/** One value of a confinement. */
export interface ConfinementValue {
  /** As it is written. */
  readonly text: string;
  /** What it begins with that no wildcard can change. */
  readonly fixedStart: string;
  readonly hasWildcard: boolean;
}

export const valuesOf = ({ values, arePatterns }: Confinement): readonly ConfinementValue[] =>
  values.map((text) => {
    const fixedStart = arePatterns ? (/^[^*?]*/.exec(text)?.[0] ?? "") : text;
    return { text, fixedStart, hasWildcard: fixedStart.length < text.length };
  });

/** A condition that does not confine, or of which nobody can say whether it does. */
export interface Unconfining {
  readonly operator: string;
  /** As it is written. */
  readonly key: string;
  readonly why: string;
}

/** What a condition block confines to: all of `confining` hold at once. Each list is ordered by key. */
export interface Confinements {
  readonly confining: readonly Confinement[];
  readonly loose: readonly Unconfining[];
  /** Of an operator or a key that is not known: it may narrow what is confined already, and confines nothing by itself. */
  readonly undecided: readonly Unconfining[];
}

const families: Readonly<Record<string, OperatorFamily>> = {
  stringequals: "text",
  stringequalsignorecase: "text",
  stringlike: "text",
  arnequals: "arn",
  arnlike: "arn",
  numericequals: "number",
  numericlessthan: "number",
  numericlessthanequals: "number",
  numericgreaterthan: "number",
  numericgreaterthanequals: "number",
  dateequals: "date",
  datelessthan: "date",
  datelessthanequals: "date",
  dategreaterthan: "date",
  dategreaterthanequals: "date",
  ipaddress: "address",
  bool: "boolean",
  binaryequals: "binary",
};

const isIn = (table: Readonly<Record<string, unknown>>, name: string): boolean => Object.hasOwn(table, name);

/** Whether a condition is false where its key is absent. Of a negated operator it is the one with `ForAnyValue:`. */
const needsKey = ({ set, name, ifExists }: Operator, values: readonly string[]): boolean => {
  if (name === "null") return values.length > 0 && values.every((value) => /^false$/i.test(value));
  if (ifExists || set === "forallvalues") return false;
  return isIn(families, name) || (isIn(negations, name) && set === "foranyvalue");
};

/**
 * What the conditions of a statement confine requests to. Whoever makes a request with other values, or without the key, is
 * not let through by a confining condition: an operator ending in `IfExists` or beginning with `ForAllValues:` is true where
 * the key is absent and confines only with another condition that asks for the key; a negated one leaves out some and lets
 * through all others; one loose value among several makes the whole condition loose.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export const confinementsOf = (conditions: ConditionBlock): Confinements => {
  const all = Object.entries(conditions)
    .flatMap(([operator, keys]) => Object.entries(keys).map(([key, values]) => ({ operator, key, values })))
    .toSorted(
      (a, b) =>
        byCodeUnit(a.key.toLowerCase(), b.key.toLowerCase()) ||
        byCodeUnit(a.operator, b.operator) ||
        byCodeUnit(a.key, b.key),
    );
  const required = new Set(
    all.filter(({ operator, values }) => needsKey(parseOperator(operator), values)).map(({ key }) => key.toLowerCase()),
  );
  const confining: Confinement[] = [];
  const loose: Unconfining[] = [];
  const undecided: Unconfining[] = [];
  for (const { operator, key, values } of all) {
    const judged = judge(parseOperator(operator), key.toLowerCase(), values, required);
    if ("kind" in judged) confining.push(judged);
    else (judged.decided ? loose : undecided).push({ operator, key, why: judged.why });
  }
  return { confining, loose, undecided };
};

type JudgedCondition = Confinement | { readonly decided: boolean; readonly why: string };

const isLoose = (why: string): JudgedCondition => ({ decided: true, why });
const isUndecided = (why: string): JudgedCondition => ({ decided: false, why });

const whereAbsent = ({ ifExists }: Operator): JudgedCondition =>
  isLoose(`${ifExists ? "…IfExists" : "ForAllValues:"} is true where the key is absent`);

const judge = (
  operator: Operator,
  key: string,
  values: readonly string[],
  required: ReadonlySet<string>,
): JudgedCondition => {
  const { name, set, ifExists } = operator;
  if (name === "null") return judgeNull(key, values);
  if (isIn(negations, name)) return isLoose("it leaves out some and lets through all others");
  const family = isIn(families, name) ? families[name] : undefined;
  if (family === undefined) return isUndecided("the policy language has no such operator");
  if (values.length === 0) return isUndecided("it has no values");
  const arePatterns = name === "stringlike" || family === "arn";
  const about = confinementKey(key);
  const fits = (about?.families ?? ["text", "arn"]).includes(family);
  if (!(about && fits) && arePatterns && values.some((value) => /^[*?]*\*[*?]*$/.test(value))) {
    return isLoose("its wildcards match whatever is there");
  }
  const isTrueWhenAbsent = (ifExists || set === "forallvalues") && !required.has(key);
  if (!(about && fits) && isTrueWhenAbsent) return whereAbsent(operator);
  if (about === undefined) return isUndecided("it is not known what the key says");
  if (!fits) return cannotConfine(name, about.kind) ? isLoose(misfit) : isUndecided(misfit);
  if (key === "aws:multifactorauthage" && !/^numericlessthan/.test(name)) {
    return isLoose("it lets through an MFA of any age");
  }
  const of = new Set<string>();
  for (const text of values) {
    const value = toValue(text, arePatterns, family === "arn");
    if (value === undefined) return isLoose("its value is taken from the request");
    const found = about.judge(value);
    if ("why" in found) return isLoose(found.why);
    if (found.of !== undefined) of.add(found.of);
  }
  const together = about.together?.(values);
  if (together !== undefined) return isLoose(together);
  if (isTrueWhenAbsent) return whereAbsent(operator);
  return { kind: about.kind, key, values, arePatterns, of: [...of].sort() };
};

const misfit = "the operator does not fit the key";

/** Whatever AWS makes of an operator that does not fit: more or less than a value fixes nobody, nor does what is not about whom. */
const cannotConfine = (name: string, kind: ConfinementKind): boolean =>
  /^(?:numeric|date)(?:less|greater)/.test(name) || ["network", "session", "tag", "time"].includes(kind);

/** Only those who gave a code have an age of it. */
const judgeNull = (key: string, values: readonly string[]): JudgedCondition => {
  if (key === "aws:multifactorauthage" && values.length > 0 && values.every((value) => /^false$/i.test(value))) {
    return { kind: "mfa", key, values, arePatterns: false, of: [] };
  }
  return isLoose("it asks whether the key is there, not what it says");
};

/** A value with the variables for what is the role's own spelled one way; `undefined` if it holds another variable. */
const toValue = (written: string, isPattern: boolean, isArn: boolean): ConditionValue | undefined => {
  const text = [ownAccount, ownOrganization].reduce(
    (so, own) => so.replaceAll(new RegExp(own.replace(/[${}]/g, "\\$&"), "gi"), () => own),
    written,
  );
  const others = text.replaceAll(ownAccount, "").replaceAll(ownOrganization, "");
  return others.includes("${") ? undefined : { text, isPattern, isArn };
};

/**
 * What is left of all requests once those that a block matches are denied: the blocks of which one holds for whatever is
 * left. `undefined`: nothing is left, for a block without conditions matches all.
 */
export const complementOf = (conditions: ConditionBlock): readonly ConditionBlock[] | undefined => {
  const blocks = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(
      ([key, values]): ConditionBlock | readonly never[] => opposite(operator, key, values) ?? [],
    ),
  );
  return blocks.length === 0 ? undefined : blocks;
};

/** What every request meets. */
const anything = (key: string): ConditionBlock => ({ Null: { [key]: ["true", "false"] } });
const isThere = (key: string): ConditionBlock => ({ Null: { [key]: ["false"] } });
const isAbsent = (key: string): ConditionBlock => ({ Null: { [key]: ["true"] } });

/**
 * The condition that holds exactly where another does not; `undefined`: nowhere. An operator that is not known stays, and so stays
 * unknown; where all but a few are left, it is all.
 */
const opposite = (operator: string, key: string, values: readonly string[]): ConditionBlock | undefined => {
  const { set, name, ifExists } = parseOperator(operator);
  if (name === "null" || name === "bool") return oppositeOfFlags({ set, name, ifExists }, key, values);
  // What is one text in all the world leaves the world.
  if (name === "binaryequals") return anything(key);
  const twin = Object.hasOwn(opposites, name) ? opposites[name] : undefined;
  if (twin === undefined) return { unknown: { [key]: values } };
  // What is true where the key is absent is left only where it is there.
  const isTrueWhenAbsent = ifExists || set === "forallvalues" || (isIn(negations, name) && set === undefined);
  // What is no number is neither less nor greater.
  const possible = name.startsWith("numeric") ? values.filter((value) => /^-?\d+(?:\.\d+)?$/.test(value)) : values;
  if (possible.length === 0 && values.length > 0) return isTrueWhenAbsent ? isThere(key) : anything(key);
  if (set !== undefined) {
    return { [`${set === "forallvalues" ? "ForAnyValue" : "ForAllValues"}:${twin}`]: { [key]: possible } };
  }
  const present = isIn(negations, twin) ? `ForAnyValue:${twin}` : twin;
  return { [isTrueWhenAbsent ? present : `${twin}IfExists`]: { [key]: possible } };
};

const oppositeOfFlags = (
  { set, name, ifExists }: Operator,
  key: string,
  values: readonly string[],
): ConditionBlock | undefined => {
  const flags = new Set(values.map((value) => value.toLowerCase()).filter((value) => /^(?:true|false)$/.test(value)));
  const [flag] = flags;
  if (name === "null") {
    if (flags.size > 1) return undefined;
    if (flag === undefined || flags.size < new Set(values.map((value) => value.toLowerCase())).size)
      return { unknown: { [key]: values } };
    return flag === "true" ? isThere(key) : isAbsent(key);
  }
  const isTrueWhenAbsent = ifExists || set === "forallvalues";
  if (flag === undefined) return isTrueWhenAbsent ? isThere(key) : anything(key);
  if (flags.size > 1) return isTrueWhenAbsent ? undefined : isAbsent(key);
  const other = { [key]: [flag === "true" ? "false" : "true"] };
  if (set !== undefined) return { [set === "forallvalues" ? "ForAnyValue:Bool" : "ForAllValues:Bool"]: other };
  return { [ifExists ? "Bool" : "BoolIfExists"]: other };
};

const opposites: Readonly<Record<string, string>> = {
  ...negations,
  ...Object.fromEntries(Object.entries(negations).map(([negated, positive]) => [positive, negated])),
  numericlessthan: "numericgreaterthanequals",
  numericlessthanequals: "numericgreaterthan",
  numericgreaterthan: "numericlessthanequals",
  numericgreaterthanequals: "numericlessthan",
  datelessthan: "dategreaterthanequals",
  datelessthanequals: "dategreaterthan",
  dategreaterthan: "datelessthanequals",
  dategreaterthanequals: "datelessthan",
};
