import { rememberFor } from "../../shared/remember.ts";
import { holds, type Values } from "./evaluate.ts";
import type { AttributeValue, Index, Item, Table } from "./state.ts";
import { type Condition, invalid, type Operand } from "./syntax.ts";
import { compare, partitionOf } from "./table.ts";

/** Bytes that a page holds at most, as DynamoDB counts them. */
const pageBytes = 1_048_576;

/** How large DynamoDB takes an attribute to be, in bytes. */
const valueBytes = (value: AttributeValue): number => {
  if ("S" in value) return Buffer.byteLength(value.S);
  if ("N" in value) return Math.ceil(value.N.length / 2) + 1;
  if ("B" in value) return Buffer.from(value.B, "base64").length;
  if ("L" in value) return 3 + value.L.reduce((sum, item) => sum + valueBytes(item) + 1, 0);
  if ("M" in value) return 3 + itemBytes(value.M) + Object.keys(value.M).length;
  if ("SS" in value) return value.SS.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
  return "NS" in value ? value.NS.reduce((sum, one) => sum + Math.ceil(one.length / 2) + 1, 0) : 1;
};

/** How large DynamoDB takes an item to be, in bytes: names and values. */
export const itemBytes = rememberFor((item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0),
);

const isKey = (operand: Operand, name: string | undefined): boolean =>
  operand.type === "path" && operand.path.length === 1 && operand.path[0] === name;

/** The hash key's value that a key condition names; of the range key it may say one thing besides. */
const hashIn = (
  condition: Condition,
  { hash, range }: { hash: string; range?: string },
  values: Values,
): AttributeValue => {
  const parts = condition.type === "and" ? condition.parts : [condition];
  const [own, ...others] = parts.toSorted((a, b) => Number(isHash(b, hash)) - Number(isHash(a, hash)));
  const value = own?.type === "compare" && own.right.type === "value" ? values[own.right.name] : undefined;
  if (own === undefined || !isHash(own, hash) || value === undefined)
    return invalid(`Query condition missed key schema element: ${hash}`);
  if (others.length > 1 || others.some((part) => !isRange(part, range)))
    return invalid("Query key condition not supported");
  return value;
};

const isHash = (part: Condition, hash: string): boolean =>
  part.type === "compare" && part.operator === "=" && isKey(part.left, hash);

const isRange = (part: Condition, range: string | undefined): boolean => {
  if (part.type === "compare") return part.operator !== "<>" && isKey(part.left, range);
  if (part.type === "between") return isKey(part.of, range);
  return (
    part.type === "call" && part.name === "begins_with" && part.args[0] !== undefined && isKey(part.args[0], range)
  );
};

export interface Query {
  readonly index?: Index | undefined;
  readonly key: Condition;
  readonly filter?: Condition | undefined;
  readonly values: Values;
  readonly forward: boolean;
  readonly limit?: number | undefined;
  /** Begin after the item of this key. */
  readonly after?: Item | undefined;
  /** Virtual time. */
  readonly now: Date;
}

const keyOf = (table: Table, index: Index | undefined, item: Item): Item => {
  const names = [table.key.hash, table.key.range, index?.hash, index?.range].filter((name) => name !== undefined);
  return Object.fromEntries(names.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
};

/** A page of the items of a table or index under a key condition, and after which item the next one begins. */
export const query = (table: Table, { index, key, filter, values, forward, limit, after, now }: Query) => {
  const partition = partitionOf(table, index, hashIn(key, index ?? table.key, values), now);
  const inOrder = (forward ? partition : partition.toReversed()).filter((item) => holds(key, item, values));
  const { hash, range } = table.key;
  const isLast = (item: Item): boolean =>
    compare(item[hash], after?.[hash]) === 0 && (range === undefined || compare(item[range], after?.[range]) === 0);
  const start = after === undefined ? 0 : inOrder.findIndex(isLast) + 1;
  const page: Item[] = [];
  let bytes = 0;
  for (const item of inOrder.slice(start)) {
    bytes += itemBytes(item);
    if (page.length > 0 && bytes > pageBytes) break;
    page.push(item);
    if (page.length === limit) break;
  }
  const last = page.at(-1);
  const isAll = start + page.length >= inOrder.length && page.length !== limit;
  const found = page.filter((item) => filter === undefined || holds(filter, item, values));
  return {
    items: index?.projection === "KEYS_ONLY" ? found.map((item) => keyOf(table, index, item)) : found,
    scanned: page.length,
    ...(last && !isAll && { last: keyOf(table, index, last) }),
  };
};
