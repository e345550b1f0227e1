import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { accountKey, answered } from "../findings/answered.ts";
import { reporting } from "../findings/item.ts";
import { putVersion } from "../findings/versioned.ts";
import { type MarkStore, marksFromItem } from "./mark-store.ts";

/** One partition for all accounts: they are listed together every hour, and each is written a few times a day. */
const marksKey = "MARKS";

/** The marks of accounts in the findings table, which `findingTableDefinition` explains. */
export const createDynamoDbMarkStore = (options: { client: DynamoDBClient; table: string }): MarkStore => {
  const TableName = options.table;
  const client = DynamoDBDocumentClient.from(options.client, { marshallOptions: { removeUndefinedValues: true } });
  return {
    get: async (accountId) => {
      const Key = { PK: marksKey, SK: accountKey(accountId) };
      const { Item } = await answered(() => client.send(new GetCommand({ TableName, Key, ConsistentRead: true })));
      return Item === undefined ? undefined : marksFromItem(Item);
    },
    put: (marks) => {
      const Item = { ...marks, PK: marksKey, SK: accountKey(marks.accountId) };
      return putVersion(client, { TableName, Item }, marks.version, `The state of account ${marks.accountId}'s marks`);
    },
    list: async ({ unreadable } = {}) => {
      const query = {
        TableName,
        KeyConditionExpression: "PK = :pk",
        ExpressionAttributeValues: { ":pk": marksKey },
        ConsistentRead: true,
      };
      const pages = await answered(() => Array.fromAsync(paginateQuery({ client }, query)));
      return pages
        .flatMap(({ Items = [] }) => Items)
        .flatMap((item) => {
          const accountId = String(item.SK).slice(accountKey("").length);
          return reporting(unreadable, accountId, () => marksFromItem(item)) ?? [];
        });
    },
  };
};
