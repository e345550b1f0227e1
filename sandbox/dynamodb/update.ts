import { at, operandValue, type Values } from "./evaluate.ts";
import type { AttributeValue, Item } from "./state.ts";
import { type Assignment, invalid, type Operand, type Path, type Update } from "./syntax.ts";

/** The item with a value at a path; what the path goes through has to be there. */
const withAt = (item: Item, path: Path, value: AttributeValue | undefined): Item => {
  const [name, ...rest] = path;
  if (typeof name !== "string") return invalid("a document path begins with a name");
  if (rest.length === 0) {
    const { [name]: _, ...others } = item;
    return value === undefined ? others : { ...item, [name]: value };
  }
  const inner = item[name];
  if (inner === undefined) return noPath();
  return { ...item, [name]: within(inner, rest, value) };
};

const noPath = (): never => invalid("The document path provided in the update expression is invalid for update");

const within = (container: AttributeValue, path: Path, value: AttributeValue | undefined): AttributeValue => {
  const [step, ...rest] = path;
  if (typeof step === "string") return "M" in container ? { M: withAt(container.M, path, value) } : noPath();
  if (step === undefined || !("L" in container)) return noPath();
  const items = [...container.L];
  const found = items[step];
  if (rest.length > 0) {
    if (found === undefined) return noPath();
    items[step] = within(found, rest, value);
  } else if (value === undefined) items.splice(step, 1);
  else items[Math.min(step, items.length)] = value;
  return { L: items };
};

const numberOf = (value: AttributeValue): number =>
  "N" in value ? Number(value.N) : invalid("An operand in the update expression has an incorrect data type");

const operandOf = (operand: Operand, item: Item, values: Values): AttributeValue => {
  if (operand.type === "call" && operand.name !== "size") {
    const [first, second] = operand.args;
    if (first === undefined || second === undefined) return invalid(`${operand.name} takes two operands`);
    if (operand.name === "if_not_exists") return operandValue(first, item, values) ?? operandOf(second, item, values);
    if (operand.name !== "list_append") return invalid(`Invalid function name; function: ${operand.name}`);
    const [one, other] = [operandOf(first, item, values), operandOf(second, item, values)];
    if (!("L" in one && "L" in other)) return invalid("An operand in the update expression has an incorrect data type");
    return { L: [...one.L, ...other.L] };
  }
  return (
    operandValue(operand, item, values) ??
    invalid("The provided expression refers to an attribute that does not exist in the item")
  );
};

const assigned = ({ left, operator, right }: Assignment, item: Item, values: Values): AttributeValue => {
  const first = operandOf(left, item, values);
  if (operator === undefined || right === undefined) return first;
  const second = numberOf(operandOf(right, item, values));
  return { N: String(numberOf(first) + (operator === "+" ? second : -second)) };
};

type SetType = "SS" | "NS" | "BS";
const setTypeOf = (value: AttributeValue): SetType | undefined =>
  (["SS", "NS", "BS"] as const).find((type) => type in value);
const membersOf = (value: AttributeValue, type: SetType): readonly string[] =>
  (value as Readonly<Record<SetType, readonly string[]>>)[type];
const sameMember = (type: SetType, a: string, b: string): boolean =>
  type === "NS" ? Number(a) === Number(b) : a === b;

const incorrectType = (clause: string): never =>
  invalid(`Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ${clause}`);

const added = (before: AttributeValue | undefined, value: AttributeValue): AttributeValue => {
  const type = setTypeOf(value);
  if (type === undefined && !("N" in value)) return incorrectType("ADD");
  if (before === undefined) return value;
  if (type === undefined) return { N: String(numberOf(before) + numberOf(value)) };
  if (setTypeOf(before) !== type) return invalid("An operand in the update expression has an incorrect data type");
  const old = membersOf(before, type);
  const fresh = membersOf(value, type).filter((one) => !old.some((other) => sameMember(type, one, other)));
  return { [type]: [...old, ...fresh] } as unknown as AttributeValue;
};

const withoutMembers = (before: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined => {
  const type = setTypeOf(value) ?? incorrectType("DELETE");
  if (before === undefined) return undefined;
  if (setTypeOf(before) !== type) return invalid("An operand in the update expression has an incorrect data type");
  const gone = membersOf(value, type);
  const left = membersOf(before, type).filter((one) => !gone.some((other) => sameMember(type, one, other)));
  return left.length === 0 ? undefined : ({ [type]: left } as unknown as AttributeValue);
};

const overlap = (one: Path, other: Path): boolean =>
  one.every((step, index) => index >= other.length || step === other[index]);

/** The item after an update: every part of it reads the item as it was before. @throws AwsError `ValidationException` */
export const applyUpdate = (update: Update, before: Item, values: Values): Item => {
  const paths = [...update.set, ...update.add, ...update.delete].map(({ path }) => path).concat(update.remove);
  for (const [index, path] of paths.entries())
    if (paths.slice(index + 1).some((other) => overlap(path, other)))
      invalid(
        "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths",
      );
  const changes: [Path, AttributeValue | undefined][] = [
    ...update.set.map((one): [Path, AttributeValue] => [one.path, assigned(one, before, values)]),
    ...update.add.map(({ path, value }): [Path, AttributeValue] => [
      path,
      added(at(before, path), operandOf(value, before, values)),
    ]),
    ...update.delete.map(({ path, value }): [Path, AttributeValue | undefined] => [
      path,
      withoutMembers(at(before, path), operandOf(value, before, values)),
    ]),
    // From the end, so that a position taken out of a list moves none that is still to be.
    ...update.remove.toSorted(byLastPosition).map((path): [Path, undefined] => [path, undefined]),
  ];
  return changes.reduce((item, [path, value]) => withAt(item, path, value), before);
};

const byLastPosition = (a: Path, b: Path): number => Number(b.at(-1)) - Number(a.at(-1)) || 0;
