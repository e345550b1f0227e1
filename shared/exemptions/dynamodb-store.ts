import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { answered } from "../findings/answered.ts";
import { documentsOf } from "../findings/documents.ts";
import { reporting } from "../findings/item.ts";
import { expiring, lookedUpMs } from "../findings/table.ts";
import { putVersion } from "../findings/versioned.ts";
import type { Exemption } from "./exemption.ts";
import { exemptionFromItem, exemptionToItem } from "./item.ts";
import type { ExemptionStore } from "./store.ts";

const PK = "EXEMPTIONS";
const prefix = "EXEMPTION#";

/** Not for ever: all of them are read in each batch of events. */
const forgottenAt = ({ until, endedAt }: Exemption): Date =>
  new Date(Math.min(Date.parse(until), Date.parse(endedAt ?? until)) + lookedUpMs);

/** Exemptions in the findings table, which `findingTableDefinition` explains. */
export const createDynamoDbExemptionStore = (options: { client: DynamoDBClient; table: string }): ExemptionStore => {
  const TableName = options.table;
  const client = documentsOf(options.client);
  return {
    get: async (id) => {
      // A key of the table has at most 1,024 bytes; ids come from people.
      if (Buffer.byteLength(id) > 1_000) return undefined;
      const Key = { PK, SK: `${prefix}${id}` };
      const { Item } = await answered(() => client.send(new GetCommand({ TableName, Key, ConsistentRead: true })));
      return Item === undefined ? undefined : exemptionFromItem(Item);
    },
    put: async (exemption) => {
      const { id, version } = exemption;
      const Item = { ...exemptionToItem(exemption), ...expiring(forgottenAt(exemption)), PK, SK: `${prefix}${id}` };
      await putVersion(client, { TableName, Item }, version, `Exemption ${id}`);
    },
    list: async ({ unreadable } = {}) => {
      const items = await answered(async () => {
        const query = {
          TableName,
          KeyConditionExpression: "PK = :pk AND begins_with(SK, :prefix)",
          ExpressionAttributeValues: { ":pk": PK, ":prefix": prefix },
          ConsistentRead: true,
        };
        const pages = await Array.fromAsync(paginateQuery({ client }, query));
        return pages.flatMap(({ Items = [] }) => Items);
      });
      return items.flatMap(
        (item) => reporting(unreadable, String(item.SK).slice(prefix.length), () => exemptionFromItem(item)) ?? [],
      );
    },
  };
};
