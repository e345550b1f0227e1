import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, type PutCommandInput, paginateQuery } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { MalformedInputError } from "../errors.ts";
import { answered, refusedCondition } from "../findings/answered.ts";
import { documentsOf } from "../findings/documents.ts";
import { readItem } from "../findings/read-item.ts";
import { expiryAttribute } from "../findings/table.ts";
import { generationOf, readingFromText, readingToText } from "./item.ts";
import { claimMinutes, type OrganizationStore } from "./store.ts";

const organizationKey = "ORGANIZATION";
const currentKey = { PK: organizationKey, SK: "READING" };
const claimKey = { PK: organizationKey, SK: "READING-CLAIM" };
const partsKey = (generation: string): string => `${organizationKey}#${generation}`;

/** Characters of one part, each of them a byte: an item has room for 400 KiB. */
const partLength = 300_000;
/** So long a reading is kept, the latest too: long before, it is too old for anybody to judge by. */
const keptDays = 30;

const currentItem = z.object({
  generation: z.string(),
  readAt: z.iso.datetime(),
  parts: z.int().positive(),
});
const partItem = z.object({ text: z.string() });
type Current = z.output<typeof currentItem>;

/**
 * The organization in the findings table, which `findingTableDefinition` explains. Each reading is in parts of its own; when
 * all are written, one item is made to name them. So what is half written is never read, and what was before stays until
 * DynamoDB forgets it.
 */
export const createDynamoDbOrganizationStore = (options: {
  client: DynamoDBClient;
  table: string;
}): OrganizationStore => {
  const TableName = options.table;
  const client = documentsOf(options.client);

  /** Whether the condition held, and so the item was written. */
  const putIf = async (input: Omit<PutCommandInput, "TableName">): Promise<boolean> => {
    try {
      await answered(() => client.send(new PutCommand({ TableName, ...input })));
      return true;
    } catch (error) {
      if (refusedCondition(error) === undefined) throw error;
      return false;
    }
  };

  const current = async (): Promise<Current | undefined> => {
    const { Item } = await answered(() =>
      client.send(new GetCommand({ TableName, Key: currentKey, ConsistentRead: true })),
    );
    return Item === undefined ? undefined : readItem("organization", currentItem, Item);
  };

  return {
    latest: async () => {
      const named = await current();
      if (named === undefined) return undefined;
      const query = {
        TableName,
        KeyConditionExpression: "PK = :pk",
        ExpressionAttributeValues: { ":pk": partsKey(named.generation) },
        ConsistentRead: true,
      };
      const pages = await answered(() => Array.fromAsync(paginateQuery({ client }, query)));
      const parts = pages.flatMap(({ Items = [] }) => Items).map((item) => readItem("organization", partItem, item));
      if (parts.length !== named.parts)
        throw new MalformedInputError(
          `Of the stored organization ${named.generation} there are ${parts.length} parts; ${named.parts} were written`,
        );
      return readingFromText(parts.map(({ text }) => text).join(""));
    },
    generation: async () => (await current())?.generation,
    put: async (reading) => {
      const text = readingToText(reading);
      const generation = generationOf(reading, text);
      const [PK, parts] = [partsKey(generation), Math.ceil(text.length / partLength)];
      const expiry = { [expiryAttribute]: Math.ceil(Date.parse(reading.readAt) / 1000) + keptDays * 86_400 };
      for (let at = 0; at < parts; at++) {
        const SK = `PART#${String(at).padStart(5, "0")}`;
        const Item = { PK, SK, text: text.slice(at * partLength, (at + 1) * partLength), ...expiry };
        await answered(() => client.send(new PutCommand({ TableName, Item })));
      }
      const { readAt } = reading;
      await putIf({
        Item: { ...currentKey, generation, readAt, parts, ...expiry },
        ConditionExpression: "attribute_not_exists(PK) OR readAt <= :readAt",
        ExpressionAttributeValues: { ":readAt": readAt },
      });
    },
    claim: (now) =>
      putIf({
        Item: { ...claimKey, claimedAt: now.toISOString() },
        ConditionExpression: "attribute_not_exists(PK) OR claimedAt <= :lapsed",
        ExpressionAttributeValues: { ":lapsed": new Date(now.getTime() - claimMinutes * 60_000).toISOString() },
      }),
  };
};
