import type { SandboxState } from "../state.ts";
import type { AttributeValue, Index, Item, KeySchema, Table } from "./state.ts";

/** @throws Error if no attribute is the hash key */
export const keySchemaOf = (
  schema: readonly { readonly AttributeName: string; readonly KeyType: "HASH" | "RANGE" }[],
): KeySchema => {
  const named = (type: string) => schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
  const hash = named("HASH");
  if (hash === undefined) throw new Error("a key schema needs a hash key");
  const range = named("RANGE");
  return { hash, ...(range !== undefined && { range }) };
};

export const tableArn = (accountId: string, region: string, name: string): string =>
  `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;

/** Adds an empty table to the state. @throws Error if there is one of that name */
export const addTable = (
  state: Pick<SandboxState, "tables">,
  of: Omit<Table, "arn" | "items"> & { readonly accountId: string; readonly region: string },
): Table => {
  const { accountId, region, ...rest } = of;
  const arn = tableArn(accountId, region, rest.name);
  if (state.tables.has(arn)) throw new Error(`there is a table ${arn} already`);
  const table: Table = { ...rest, arn, items: new Map() };
  state.tables.set(arn, table);
  return table;
};

const keyText = (value: AttributeValue | undefined): string => (value === undefined ? "" : JSON.stringify(value));

/** The item under a key; undefined if there is none. */
export const getItem = ({ items, key }: Table, of: Item): Item | undefined =>
  items.get(keyText(of[key.hash]))?.get(key.range === undefined ? "" : keyText(of[key.range]));

export const putItem = (table: Table, item: Item): void => {
  const hash = keyText(item[table.key.hash]);
  const partition = table.items.get(hash) ?? new Map<string, Item>();
  partition.set(table.key.range === undefined ? "" : keyText(item[table.key.range]), item);
  table.items.set(hash, partition);
};

export const deleteItem = (table: Table, of: Item): void => {
  const { hash, range } = table.key;
  table.items.get(keyText(of[hash]))?.delete(range === undefined ? "" : keyText(of[range]));
};

/** Forgets what has expired. (AWS takes up to some days; readers have to bear both.) */
export const expire = (table: Table, now: Date): void => {
  const { expiryAttribute: name } = table;
  if (name === undefined) return;
  for (const partition of table.items.values())
    for (const [range, item] of partition) {
      const at = item[name];
      if (at !== undefined && "N" in at && Number(at.N) * 1000 <= now.getTime()) partition.delete(range);
    }
};

/** The items of a table or index under a hash key, in the order of the range key, ties by the table's own key. */
export const partitionOf = (table: Table, index: Index | undefined, hash: AttributeValue): readonly Item[] => {
  const { hash: hashName, range } = index ?? table.key;
  const wanted = keyText(hash);
  const candidates =
    hashName === table.key.hash ? [table.items.get(wanted) ?? new Map<string, Item>()] : [...table.items.values()];
  const found = candidates
    .flatMap((partition) => [...partition.values()])
    .filter((item) => keyText(item[hashName]) === wanted && (range === undefined || item[range] !== undefined));
  const names = [range, table.key.hash, table.key.range].filter((name) => name !== undefined);
  return found.sort((a, b) => {
    for (const name of names) {
      const order = compare(a[name], b[name]);
      if (order !== 0) return order;
    }
    return 0;
  });
};

/** The order of two values of the same type: numbers by size, text by its UTF-8 bytes. NaN: they have none. */
export const compare = (a: AttributeValue | undefined, b: AttributeValue | undefined): number => {
  if (a === undefined || b === undefined) return Number.NaN;
  if ("N" in a && "N" in b) return Number(a.N) - Number(b.N);
  if ("S" in a && "S" in b) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if ("B" in a && "B" in b) return Buffer.compare(Buffer.from(a.B, "base64"), Buffer.from(b.B, "base64"));
  return Number.NaN;
};
