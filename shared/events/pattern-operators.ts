import { BlockList, isIP } from "node:net";
import { MalformedInputError } from "../errors.ts";
import { isObject } from "./record.ts";

/** What an event holds at the end of a path. */
export type Leaf = null | boolean | number | string;
export type Test = (value: Leaf) => boolean;

/** Names that a field inside `$or` must not have. */
export const operatorNames: ReadonlySet<string> = new Set([
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

/** EventBridge compares numbers only within this range. */
const largestNumber = 5e9;

export const isLeaf = (value: unknown): value is Leaf =>
  value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
export const show = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));

/** @throws MalformedInputError always */
export const malformed = (where: string, problem: string): never => {
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

/** The test of one match expression, e.g. `{ prefix: "aws." }`. `exists: false` is no test of a leaf: `absent`. */
export const operatorTest = (expression: { readonly [key: string]: unknown }, where: string): Test | "absent" => {
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
