import * as z from "zod";
import { AwsError, type Call, integer, type Needs, type Operation, type Service } from "../protocol/service.ts";
import { checkCondition, checkKey, write } from "./checks.ts";
import { query } from "./query.ts";
import { conditionShape, expressionShape, indexList, item, schema, strictly, TableName } from "./shapes.ts";
import type { Index, Table } from "./state.ts";
import { invalid, parseCondition, parseUpdate } from "./syntax.ts";
import { addTable, deleteItem, getItem, tableArn } from "./table.ts";
import { applyUpdate } from "./update.ts";

/** @throws AwsError `ResourceNotFoundException` */
const requireTable = ({ state, account, region }: Call, name: string): Table => {
  const arn = name.startsWith("arn:") ? name : tableArn(account.id, region, name);
  const table = state.tables.get(arn);
  if (table === undefined) throw new AwsError("ResourceNotFoundException", "Requested resource not found");
  return table;
};

const requireIndex = ({ indexes }: Table, name: string | undefined): Index | undefined => {
  if (name === undefined) return undefined;
  return (
    indexes.find((index) => index.name === name) ?? invalid(`The table does not have the specified index: ${name}`)
  );
};

const describe = ({ name, arn, items }: Table) => ({
  TableName: name,
  TableArn: arn,
  TableStatus: "ACTIVE",
  ItemCount: [...items.values()].reduce((sum, partition) => sum + partition.size, 0),
});

const operations: Readonly<Record<string, Operation>> = {
  CreateTable: strictly(
    {
      TableName,
      KeySchema: schema,
      AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) })),
      LocalSecondaryIndexes: indexList,
      GlobalSecondaryIndexes: indexList,
      BillingMode: z.literal("PAY_PER_REQUEST"),
    },
    ({ state, account, region }, { TableName: name, KeySchema: key, ...input }) => {
      if (state.tables.has(tableArn(account.id, region, name)))
        throw new AwsError("ResourceInUseException", `Table already exists: ${name}`);
      const table = addTable(state, {
        ...{ accountId: account.id, region, name, key },
        attributeTypes: Object.fromEntries(
          input.AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
        ),
        indexes: [
          ...input.LocalSecondaryIndexes.map((index) => ({ ...index, isGlobal: false })),
          ...input.GlobalSecondaryIndexes.map((index) => ({ ...index, isGlobal: true })),
        ],
      });
      return { TableDescription: describe(table) };
    },
  ),

  DescribeTable: strictly({ TableName }, (call, input) => ({ Table: describe(requireTable(call, input.TableName)) })),

  GetItem: strictly(
    { TableName, Key: item, ConsistentRead: z.boolean().optional() },
    (call, { TableName: name, Key }) => {
      const table = requireTable(call, name);
      checkKey(table, Key, true);
      return { Item: getItem(table, Key, call.clock.now()) };
    },
  ),

  PutItem: strictly(
    { TableName, Item: item, ReturnValues: z.enum(["NONE", "ALL_OLD"]).default("NONE"), ...conditionShape },
    (call, { TableName: name, Item: made, ReturnValues, ...expressions }) => {
      const table = requireTable(call, name);
      const existing = getItem(table, made, call.clock.now());
      checkCondition(existing, expressions);
      write(table, made);
      return ReturnValues === "ALL_OLD" ? { Attributes: existing } : {};
    },
  ),

  DeleteItem: strictly(
    { TableName, Key: item, ...conditionShape },
    (call, { TableName: name, Key, ...expressions }) => {
      const table = requireTable(call, name);
      checkKey(table, Key, true);
      checkCondition(getItem(table, Key, call.clock.now()), expressions);
      deleteItem(table, Key);
      return {};
    },
  ),

  UpdateItem: strictly(
    {
      TableName,
      Key: item,
      UpdateExpression: z.string(),
      ReturnValues: z.enum(["NONE", "ALL_OLD", "ALL_NEW"]).default("NONE"),
      ...conditionShape,
    },
    (call, { TableName: name, Key, UpdateExpression, ReturnValues, ...expressions }) => {
      const table = requireTable(call, name);
      checkKey(table, Key, true);
      const existing = getItem(table, Key, call.clock.now());
      checkCondition(existing, expressions);
      const update = parseUpdate(UpdateExpression, expressions.ExpressionAttributeNames);
      const updated = applyUpdate(update, existing ?? Key, expressions.ExpressionAttributeValues);
      if (JSON.stringify({ ...updated, ...Key }) !== JSON.stringify(updated))
        invalid(
          "One or more parameter values were invalid: Cannot update attribute. This attribute is part of the key",
        );
      write(table, updated);
      return ReturnValues === "NONE" ? {} : { Attributes: ReturnValues === "ALL_NEW" ? updated : existing };
    },
  ),

  Query: strictly(
    {
      TableName,
      IndexName: z.string().optional(),
      KeyConditionExpression: z.string(),
      FilterExpression: z.string().optional(),
      ConsistentRead: z.boolean().default(false),
      ScanIndexForward: z.boolean().default(true),
      Limit: integer(1, 2 ** 31 - 1).optional(),
      ExclusiveStartKey: item.optional(),
      ...expressionShape,
    },
    (call, input) => {
      const table = requireTable(call, input.TableName);
      const index = requireIndex(table, input.IndexName);
      if (index?.isGlobal && input.ConsistentRead)
        invalid("Consistent reads are not supported on global secondary indexes");
      const { ExpressionAttributeNames: names, FilterExpression: filter } = input;
      const { items, scanned, last } = query(table, {
        ...{ index, forward: input.ScanIndexForward, limit: input.Limit, after: input.ExclusiveStartKey },
        key: parseCondition(input.KeyConditionExpression, names),
        filter: filter === undefined ? undefined : parseCondition(filter, names),
        values: input.ExpressionAttributeValues,
        now: call.clock.now(),
      });
      return { Items: items, Count: items.length, ScannedCount: scanned, LastEvaluatedKey: last };
    },
  ),
};

/** An operation needs its action on the table, or the index, that its input names. */
const needs: Needs<Readonly<Record<string, unknown>>> = ({ account, region }, { TableName: name, IndexName }) => {
  const table = String(name).startsWith("arn:") ? String(name) : tableArn(account.id, region, String(name));
  return [IndexName === undefined ? table : `${table}/index/${String(IndexName)}`];
};

/** Amazon DynamoDB, as far as single items and queries go. Reads are always consistent, global indexes included. */
export const dynamoDb: Service = {
  name: "dynamodb",
  protocol: { type: "json", target: "DynamoDB_20120810", codesAsTheyAre: true },
  operations,
  needs,
  unrecorded: ["DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"],
};
