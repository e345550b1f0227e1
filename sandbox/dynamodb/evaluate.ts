import { isDeepStrictEqual } from "node:util";
import type { AttributeValue, Item } from "./state.ts";
import { type Condition, invalid, type Operand, type Path } from "./syntax.ts";
import { compare } from "./table.ts";

export type Values = Readonly<Record<string, AttributeValue>>;

/** The one key of a value, which says its type: `S`, `N`, `M`… */
export const typeOf = (value: AttributeValue): string => Object.keys(value)[0] ?? "";

/** What stands at a path; undefined if nothing does. */
export const at = (item: Item, path: Path): AttributeValue | undefined => {
  let value: AttributeValue | undefined = { M: item };
  for (const step of path) value = value && within(value, step);
  return value;
};

const within = (value: AttributeValue, step: string | number): AttributeValue | undefined => {
  if (typeof step === "number") return "L" in value ? value.L[step] : undefined;
  return "M" in value && Object.hasOwn(value.M, step) ? value.M[step] : undefined;
};

const members = (value: AttributeValue): readonly string[] | undefined =>
  "SS" in value
    ? value.SS
    : "NS" in value
      ? value.NS.map((text) => String(Number(text)))
      : "BS" in value
        ? value.BS
        : undefined;

/** Equal in type and value: numbers by size, sets without regard to order. */
export const equal = (a: AttributeValue | undefined, b: AttributeValue | undefined): boolean => {
  if (a === undefined || b === undefined || typeOf(a) !== typeOf(b)) return false;
  if ("N" in a && "N" in b) return Number(a.N) === Number(b.N);
  if ("L" in a && "L" in b) return a.L.length === b.L.length && a.L.every((item, index) => equal(item, b.L[index]));
  if ("M" in a && "M" in b) {
    const names = Object.keys(a.M);
    const others = b.M;
    return names.length === Object.keys(others).length && names.every((name) => equal(a.M[name], others[name]));
  }
  const [ours, theirs] = [members(a), members(b)];
  return ours && theirs ? isDeepStrictEqual(new Set(ours), new Set(theirs)) : isDeepStrictEqual(a, b);
};

const sizeOf = (value: AttributeValue): number | undefined => {
  if ("S" in value) return value.S.length;
  if ("B" in value) return Buffer.from(value.B, "base64").length;
  if ("L" in value) return value.L.length;
  if ("M" in value) return Object.keys(value.M).length;
  return members(value)?.length;
};

/** What an operand of an expression is for an item. @throws AwsError `ValidationException` for a value nobody gave */
export const operandValue = (operand: Operand, item: Item, values: Values): AttributeValue | undefined => {
  if (operand.type === "path") return at(item, operand.path);
  if (operand.type === "value")
    return (
      values[operand.name] ??
      invalid(`An expression attribute value used in expression is not defined; attribute value: ${operand.name}`)
    );
  const [first = invalid(`${operand.name} needs an operand`)] = operand.args;
  if (operand.name !== "size") return invalid(`Invalid function name; function: ${operand.name}`);
  const found = operandValue(first, item, values);
  const size = found && sizeOf(found);
  return size === undefined ? undefined : { N: String(size) };
};

const ordered: Readonly<Record<string, (order: number) => boolean>> = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

const contains = (whole: AttributeValue | undefined, part: AttributeValue | undefined): boolean => {
  if (whole === undefined || part === undefined) return false;
  if ("S" in whole) return "S" in part && whole.S.includes(part.S);
  if ("L" in whole) return whole.L.some((item) => equal(item, part));
  if ("SS" in whole) return "S" in part && whole.SS.includes(part.S);
  if ("NS" in whole) return "N" in part && whole.NS.some((text) => Number(text) === Number(part.N));
  return "BS" in whole && "B" in part && whole.BS.includes(part.B);
};

const called = ({ name, args }: Condition & { type: "call" }, item: Item, values: Values): boolean => {
  const arities: Readonly<Record<string, number>> = {
    attribute_exists: 1,
    attribute_not_exists: 1,
    attribute_type: 2,
    begins_with: 2,
    contains: 2,
  };
  if (!Object.hasOwn(arities, name)) return invalid(`Invalid function name; function: ${name}`);
  if (args.length !== arities[name])
    invalid(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${args.length}`,
    );
  const [first, second] = args.map((operand) => operandValue(operand, item, values));
  switch (name) {
    case "attribute_exists":
      return first !== undefined;
    case "attribute_not_exists":
      return first === undefined;
    case "attribute_type":
      return first !== undefined && second !== undefined && "S" in second && typeOf(first) === second.S;
    case "begins_with":
      return (
        first !== undefined && second !== undefined && "S" in first && "S" in second && first.S.startsWith(second.S)
      );
    default:
      return contains(first, second);
  }
};

/** Whether a condition holds for an item; `{}` stands for one that is not there. */
export const holds = (condition: Condition, item: Item, values: Values): boolean => {
  const of = (operand: Operand) => operandValue(operand, item, values);
  switch (condition.type) {
    case "and":
      return condition.parts.every((part) => holds(part, item, values));
    case "or":
      return condition.parts.some((part) => holds(part, item, values));
    case "not":
      return !holds(condition.part, item, values);
    case "call":
      return called(condition, item, values);
    case "between":
      return compare(of(condition.of), of(condition.least)) >= 0 && compare(of(condition.of), of(condition.most)) <= 0;
    case "in":
      return condition.values.some((one) => equal(of(condition.of), of(one)));
    case "compare": {
      const [left, right] = [of(condition.left), of(condition.right)];
      if (condition.operator === "=") return equal(left, right);
      if (condition.operator === "<>") return !equal(left, right);
      return ordered[condition.operator]?.(compare(left, right)) ?? false;
    }
  }
};
