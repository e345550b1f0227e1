import { AwsError } from "../protocol/service.ts";
import { holds, typeOf, type Values } from "./evaluate.ts";
import { itemBytes } from "./query.ts";
import type { Item, Table } from "./state.ts";
import { invalid, parseCondition } from "./syntax.ts";
import { putItem } from "./table.ts";

/** In bytes. */
const largestItem = 400 * 1024;

/** @throws AwsError `ValidationException` unless these are the table's key attributes, and nothing else where `alone` */
export const checkKey = ({ key, attributeTypes, indexes }: Table, of: Item, alone: boolean): void => {
  const names = [key.hash, key.range].filter((name) => name !== undefined);
  if (alone && Object.keys(of).length !== names.length) invalid("The provided key element does not match the schema");
  for (const name of names) {
    const value = of[name];
    if (value === undefined) {
      invalid(
        alone
          ? "The provided key element does not match the schema"
          : `One of the required keys was not given a value: ${name}`,
      );
    } else if (typeOf(value) !== attributeTypes[name])
      invalid(`Type mismatch for key ${name} expected: ${attributeTypes[name]}`);
    else if ("S" in value && value.S === "")
      invalid(`The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`);
  }
  for (const name of indexes.flatMap(({ hash, range }) => [hash, range])) {
    const value = name === undefined ? undefined : of[name];
    if (name !== undefined && value !== undefined && typeOf(value) !== attributeTypes[name])
      invalid(`Type mismatch for Index Key ${name} Expected: ${attributeTypes[name]} Actual: ${typeOf(value)}`);
  }
};

/** @throws AwsError `ConditionalCheckFailedException` */
export const checkCondition = (
  existing: Item | undefined,
  {
    ConditionExpression,
    ExpressionAttributeNames,
    ExpressionAttributeValues,
  }: {
    ConditionExpression?: string | undefined;
    ExpressionAttributeNames: Record<string, string>;
    ExpressionAttributeValues: Values;
  },
): void => {
  if (ConditionExpression === undefined) return;
  const condition = parseCondition(ConditionExpression, ExpressionAttributeNames);
  if (!holds(condition, existing ?? {}, ExpressionAttributeValues))
    throw new AwsError("ConditionalCheckFailedException", "The conditional request failed");
};

/** Puts an item into its table. @throws AwsError `ValidationException` for keys that do not fit, or more than DynamoDB takes */
export const write = (table: Table, made: Item): void => {
  checkKey(table, made, false);
  if (itemBytes(made) > largestItem) invalid("Item size has exceeded the maximum allowed size");
  putItem(table, made);
};
