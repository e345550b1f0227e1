/** A value as DynamoDB writes it: one key says its type. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] };

export type Item = Readonly<Record<string, AttributeValue>>;

/** Names of key attributes. */
export interface KeySchema {
  readonly hash: string;
  readonly range?: string;
}

export interface Index extends KeySchema {
  readonly name: string;
  readonly isGlobal: boolean;
  readonly projection: "ALL" | "KEYS_ONLY";
}

/** What DynamoDB keeps of a table, as plain data in the sandbox's state. */
export interface Table {
  readonly arn: string;
  readonly name: string;
  readonly key: KeySchema;
  /** Types of the key attributes of table and indexes. */
  readonly attributeTypes: Readonly<Record<string, "S" | "N" | "B">>;
  readonly indexes: readonly Index[];
  /** The attribute that says when an item may be forgotten, in seconds since 1970. */
  readonly expiryAttribute?: string;
  /** By hash key, then by range key (`""` without one), both as JSON. */
  readonly items: Map<string, Map<string, Item>>;
}
