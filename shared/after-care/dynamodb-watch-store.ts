import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { accountKey, answered } from "../findings/answered.ts";
import { documentsOf } from "../findings/documents.ts";
import { expiring } from "../findings/table.ts";
import { isOn, type WatchedPrincipal, type WatchStore, watchFromItem } from "./watch-store.ts";

/** A name holds no `#`: no name is the beginning of another's key. */
const prefixOf = ({ kind, name }: WatchedPrincipal): string => `AFTERCARE#${kind}/${name}#`;

/** Watches in the findings table, which `findingTableDefinition` explains. */
export const createDynamoDbWatchStore = (options: { client: DynamoDBClient; table: string }): WatchStore => {
  const TableName = options.table;
  const client = documentsOf(options.client);
  return {
    put: async (watch) => {
      const { principal, remediationId, until } = watch;
      const Item = {
        ...structuredClone(watch),
        PK: accountKey(principal.accountId),
        SK: `${prefixOf(principal)}${remediationId}`,
        ...expiring(new Date(until)),
      };
      await answered(() => client.send(new PutCommand({ TableName, Item })));
    },
    of: async (principal, now) => {
      const query = {
        TableName,
        KeyConditionExpression: "PK = :pk AND begins_with(SK, :prefix)",
        ExpressionAttributeValues: { ":pk": accountKey(principal.accountId), ":prefix": prefixOf(principal) },
        ConsistentRead: true,
      };
      const pages = await answered(() => Array.fromAsync(paginateQuery({ client }, query)));
      return pages
        .flatMap(({ Items = [] }) => Items)
        .map(watchFromItem)
        .filter((watch) => isOn(watch, now));
    },
  };
};
