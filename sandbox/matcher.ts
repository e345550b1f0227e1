import { BlockList, isIP } from "node:net";
import type { EventPattern, Json } from "../shared/control.ts";
import { MalformedInputError } from "../shared/errors.ts";

type Leaf = null | boolean | number | string;
type Test = (value: Leaf) => boolean;

/** One list of a pattern: a leaf that passes a test matches it; with `absent`, so does having no leaf there. */
interface Condition {
  readonly path: string;
  readonly tests: readonly Test[];
  readonly absent: boolean;
}

/** A pattern without its `$or`s: it matches if every condition of one branch does. */
interface CompiledPattern {
  readonly branches: readonly (readonly Condition[])[];
  /** Every path of the pattern and every prefix of one: what else an event holds is never looked at. */
  readonly steps: ReadonlySet<string>;
}

/** The elements of arrays (numbered as met) that a leaf lies in, from the innermost out. */
interface Membership {
  readonly array: number;
  readonly element: number;
  readonly outer: Membership | undefined;
}
interface Field {
  readonly value: Leaf;
  readonly membership: Membership | undefined;
}
/** The element that was chosen of each array so far. */
type Choice = ReadonlyMap<number, number>;

/** EventBridge compares numbers only within this range. */
const largestNumber = 5e9;
const reservedInOr = new Set([
  "exactly",
  "prefix",
  "suffix",
  "equals-ignore-case",
  "wildcard",
  "numeric",
  "anything-but",
  "exists",
  "cidr",
]);

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isLeaf = (value: unknown): value is Leaf =>
  value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
const show = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));

const malformed = (where: string, problem: string): never => {
  throw new MalformedInputError(`event pattern, ${where || "top level"}: ${problem}`);
};

const text = (value: unknown, where: string, operator: string): string =>
  typeof value === "string" ? value : malformed(where, `${operator} takes a string, not ${show(value)}`);

/** A string, or a list of them where EventBridge takes lists. */
const texts = (value: unknown, where: string, operator: string): readonly string[] => {
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0) malformed(where, `${operator} takes a string or a list of strings, not an empty list`);
  return values.map((one) => text(one, where, operator));
};

const onText =
  (test: (value: string) => boolean): Test =>
  (value) =>
    typeof value === "string" && test(value);

const fold = (value: string): string => value.toLowerCase();

/** `*` stands for any run of characters; a backslash makes `*` or a backslash literal. Never backtracks. */
const wildcardTest = (pattern: string, where: string): Test => {
  const pieces = [""];
  for (let at = 0; at < pattern.length; at++) {
    let char = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    if (char === "*") {
      if (next === "*") malformed(where, `wildcard ${show(pattern)} has consecutive wildcard characters`);
      pieces.push("");
      continue;
    }
    if (char === "\\") {
      if (next !== "*" && next !== "\\") malformed(where, `wildcard ${show(pattern)} may escape only * and \\`);
      char = next;
      at++;
    }
    pieces[pieces.length - 1] += char;
  }
  const [first = "", ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return onText((value) => value === first);
  return onText((value) => {
    if (!value.startsWith(first)) return false;
    let from = first.length;
    for (const piece of rest) {
      const found = value.indexOf(piece, from);
      if (found < 0) return false;
      from = found + piece.length;
    }
    return value.length - last.length >= from && value.endsWith(last);
  });
};

const numericTest = (value: unknown, where: string): Test => {
  if (!Array.isArray(value)) malformed(where, `numeric takes a list such as [">", 0, "<=", 5], not ${show(value)}`);
  const terms = value as readonly unknown[];
  const operators = terms.filter((_, at) => at % 2 === 0);
  const bounds = terms
    .filter((_, at) => at % 2 === 1)
    .map((bound) => {
      if (typeof bound !== "number" || Math.abs(bound) > largestNumber) {
        return malformed(where, `numeric compares with numbers from -5e9 to 5e9, not ${show(bound)}`);
      }
      return bound;
    });
  const shape = operators.join(" ");
  if (terms.length % 2 !== 0 || !/^(=|>=?|<=?|>=? <=?)$/.test(shape)) {
    malformed(where, `numeric takes =, <, <=, >, >=, or a lower and then an upper bound, not ${show(value)}`);
  }
  const [low, high] = bounds as [number, number | undefined];
  if (high !== undefined && low >= high) malformed(where, `numeric ${show(value)} holds for no number`);
  const compare = (operator: unknown, bound: number, number: number): boolean =>
    operator === "="
      ? number === bound
      : operator === "<"
        ? number < bound
        : operator === "<="
          ? number <= bound
          : operator === ">"
            ? number > bound
            : number >= bound;
  return (number) =>
    typeof number === "number" &&
    Math.abs(number) <= largestNumber &&
    bounds.every((bound, at) => compare(operators[at], bound, number));
};

const cidrTest = (value: unknown, where: string): Test => {
  const block = text(value, where, "cidr");
  const [address = "", bits = "", ...more] = block.split("/");
  const family = isIP(address) === 4 ? "ipv4" : "ipv6";
  const longest = family === "ipv4" ? 32 : 128;
  if (isIP(address) === 0 || more.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > longest) {
    malformed(where, `cidr takes a block such as 10.0.0.0/24, not ${show(value)}`);
  }
  const blocks = new BlockList();
  blocks.addSubnet(address, Number(bits), family);
  return onText((candidate) => isIP(candidate) === (family === "ipv4" ? 4 : 6) && blocks.check(candidate, family));
};

/** The single operator of `{ "operator": operand }`. */
const operatorOf = (expression: { readonly [key: string]: unknown }, where: string): [string, unknown] => {
  const [first, ...rest] = Object.entries(expression);
  if (first === undefined || rest.length > 0) {
    return malformed(where, `a match expression has exactly one operator, not ${show(expression)}`);
  }
  return first;
};

const prefixTest = (operand: unknown, where: string): Test => {
  if (!isObject(operand)) {
    const prefix = text(operand, where, "prefix");
    return onText((value) => value.startsWith(prefix));
  }
  const prefix = fold(text(ignoreCaseOperand(operand, where), where, "prefix/equals-ignore-case"));
  return onText((value) => fold(value).startsWith(prefix));
};

const suffixTest = (operand: unknown, where: string): Test => {
  if (!isObject(operand)) {
    const suffix = text(operand, where, "suffix");
    return onText((value) => value.endsWith(suffix));
  }
  const suffix = fold(text(ignoreCaseOperand(operand, where), where, "suffix/equals-ignore-case"));
  return onText((value) => fold(value).endsWith(suffix));
};

const ignoreCaseOperand = (operand: { readonly [key: string]: unknown }, where: string): unknown => {
  const [operator, value] = operatorOf(operand, where);
  return operator === "equals-ignore-case" ? value : malformed(where, `${operator} cannot be nested here`);
};

const equalsIgnoreCaseTest = (operand: string): Test => onText((value) => fold(value) === fold(operand));

/** What `anything-but` excludes; a leaf of any type that is not excluded matches. */
const exclusions = (operand: unknown, where: string): readonly Test[] => {
  if (isObject(operand)) {
    const [operator, nested] = operatorOf(operand, where);
    const values = texts(nested, where, `anything-but/${operator}`);
    switch (operator) {
      case "prefix":
      case "suffix":
        if (values.includes("")) malformed(where, `anything-but/${operator} "" excludes every string`);
        return values.map((value) => (operator === "prefix" ? prefixTest(value, where) : suffixTest(value, where)));
      case "equals-ignore-case":
        return values.map(equalsIgnoreCaseTest);
      case "wildcard":
        return values.map((value) => wildcardTest(value, where));
      default:
        return malformed(where, `anything-but takes no ${operator}`);
    }
  }
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  const types = new Set(values.map((value) => typeof value));
  if (types.size !== 1 || !(types.has("string") || types.has("number"))) {
    malformed(where, `anything-but takes strings or numbers, all of one type, not ${show(operand)}`);
  }
  return values.map((excluded) => (value) => value === excluded);
};

const operatorTest = (expression: { readonly [key: string]: unknown }, where: string): Test | "absent" => {
  const [operator, operand] = operatorOf(expression, where);
  switch (operator) {
    case "prefix":
      return prefixTest(operand, where);
    case "suffix":
      return suffixTest(operand, where);
    case "equals-ignore-case":
      return equalsIgnoreCaseTest(text(operand, where, operator));
    case "wildcard":
      return wildcardTest(text(operand, where, operator), where);
    case "numeric":
      return numericTest(operand, where);
    case "cidr":
      return cidrTest(operand, where);
    case "anything-but": {
      const excluded = exclusions(operand, where);
      return (value) => !excluded.some((test) => test(value));
    }
    case "exists":
      if (typeof operand !== "boolean") malformed(where, `exists takes true or false, not ${show(operand)}`);
      return operand ? () => true : "absent";
    default:
      return malformed(where, `there is no operator ${show(operator)}`);
  }
};

const compileList = (values: readonly unknown[], path: string): Condition => {
  if (values.length === 0) malformed(path, "an empty list matches nothing");
  const tests = values.map((value, at): Test | "absent" => {
    const where = `${path}[${at}]`;
    if (isLeaf(value)) return (candidate) => candidate === value;
    return isObject(value) ? operatorTest(value, where) : malformed(where, "a list cannot hold a list");
  });
  return { path, tests: tests.filter((test) => test !== "absent"), absent: tests.includes("absent") };
};

/** The branches of a pattern: the conditions of its fields, joined with every combination of its `$or`s. */
const compileObject = (pattern: unknown, path: string, inOr: boolean): readonly (readonly Condition[])[] => {
  if (!isObject(pattern)) return malformed(path, `expected an object of fields, not ${show(pattern)}`);
  if (Object.keys(pattern).length === 0) malformed(path, "an empty object matches nothing");
  let branches: readonly (readonly Condition[])[] = [[]];
  const and = (alternatives: readonly (readonly Condition[])[]) => {
    branches = branches.flatMap((branch) => alternatives.map((alternative) => [...branch, ...alternative]));
  };
  for (const [field, value] of Object.entries(pattern)) {
    const where = path === "" ? field : `${path}.${field}`;
    if (field === "$or") {
      if (!Array.isArray(value) || value.length < 2) malformed(where, "$or takes a list of at least two objects");
      and((value as readonly unknown[]).flatMap((one) => compileObject(one, path, true)));
    } else if (inOr && reservedInOr.has(field)) {
      malformed(where, `${field} is an operator, and $or takes objects of fields`);
    } else if (Array.isArray(value)) {
      and([[compileList(value, where)]]);
    } else if (isObject(value)) {
      and(compileObject(value, where, inOr));
    } else {
      malformed(where, `expected an object or a list, not ${show(value)}`);
    }
  }
  return branches;
};

const compile = (pattern: EventPattern): CompiledPattern => {
  const branches = compileObject(pattern, "", false).map((branch) =>
    // By name, as EventBridge visits them: which elements of an array an absence is asked of depends on it.
    branch.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
  );
  const steps = new Set<string>();
  for (const { path } of branches.flat()) {
    const parts = path.split(".");
    parts.forEach((_, at) => {
      steps.add(parts.slice(0, at + 1).join("."));
    });
  }
  return { branches, steps };
};

/** The leaves of an event by path, as far as a pattern asks for them. Iterative: events may be nested without bound. */
const flatten = (event: unknown, steps: ReadonlySet<string>): ReadonlyMap<string, readonly Field[]> => {
  const fields = new Map<string, Field[]>();
  const pending: { value: unknown; path: string; membership: Membership | undefined }[] = [
    { value: event, path: "", membership: undefined },
  ];
  let arrays = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, path, membership } = next;
    if (Array.isArray(value)) {
      const array = arrays++;
      value.forEach((element, at) => {
        const inside = isLeaf(element) ? membership : { array, element: at, outer: membership };
        pending.push({ value: element, path, membership: inside });
      });
    } else if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) {
        const innerPath = path === "" ? key : `${path}.${key}`;
        if (steps.has(innerPath)) pending.push({ value: inner, path: innerPath, membership });
      }
    } else if (isLeaf(value)) {
      const at = fields.get(path);
      if (at === undefined) fields.set(path, [{ value, membership }]);
      else at.push({ value, membership });
    }
  }
  return fields;
};

/** The choice with a leaf's elements added, or `undefined` if it had chosen another element of one of the arrays. */
const choose = (choice: Choice, membership: Membership | undefined): Choice | undefined => {
  if (membership === undefined) return choice;
  const chosen = new Map(choice);
  for (let at: Membership | undefined = membership; at !== undefined; at = at.outer) {
    if ((chosen.get(at.array) ?? at.element) !== at.element) return undefined;
    chosen.set(at.array, at.element);
  }
  return chosen;
};

const matchesBranch = (
  conditions: readonly Condition[],
  fields: ReadonlyMap<string, readonly Field[]>,
  at = 0,
  choice: Choice = new Map(),
): boolean => {
  const condition = conditions[at];
  if (condition === undefined) return true;
  const candidates = fields.get(condition.path) ?? [];
  for (const { value, membership } of candidates) {
    if (!condition.tests.some((test) => test(value))) continue;
    const chosen = choose(choice, membership);
    if (chosen !== undefined && matchesBranch(conditions, fields, at + 1, chosen)) return true;
  }
  return (
    condition.absent &&
    !candidates.some(({ membership }) => choose(choice, membership) !== undefined) &&
    matchesBranch(conditions, fields, at + 1, choice)
  );
};

const compiled = new WeakMap<EventPattern, CompiledPattern>();

/**
 * Whether EventBridge would deliver `event` to a rule with this pattern. The semantics are those of AWS's own
 * matcher (github.com/aws/event-ruler): fields are ANDed, values of a list ORed, an array in the event matches if one of
 * its elements does, fields of objects in one array must match in the same element, `exists` looks at leaves only.
 * Numbers are compared as numbers: `300` and `3.0e2` are one, since a parsed event no longer tells them apart.
 * A pattern must not be changed after its first use: it is compiled once.
 * @throws MalformedInputError where EventBridge would refuse the pattern; the message says where and why
 */
export const matches = (pattern: EventPattern, event: unknown): boolean => {
  let ready = compiled.get(pattern);
  if (ready === undefined) {
    ready = compile(pattern);
    compiled.set(pattern, ready);
  }
  const fields = flatten(event, ready.steps);
  return ready.branches.some((branch) => matchesBranch(branch, fields));
};

/** @throws MalformedInputError where EventBridge would refuse the pattern */
export const checkPattern = (pattern: unknown): void => {
  compileObject(pattern, "", false);
};

/** Reads a pattern from its JSON text, e.g. an SNS filter policy. @throws MalformedInputError */
export const parsePattern = (json: string): EventPattern => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new MalformedInputError(`event pattern: not JSON: ${String(error)}`, { cause: error });
  }
  checkPattern(value);
  return value as { readonly [field: string]: readonly Json[] };
};
