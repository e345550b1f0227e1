import { afterAll, beforeAll } from "vitest";
import { createDynamoDbStore } from "../../shared/findings/dynamodb-store.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { startDynamoDb } from "./findings-table.ts";

export const storeKinds = ["memory", "DynamoDB"] as const;

/** In a `describe`: gives new, empty stores of a kind, and takes down what they needed. */
export const useStores = (kind: (typeof storeKinds)[number]): (() => Promise<FindingStore>) => {
  let dynamoDb: Awaited<ReturnType<typeof startDynamoDb>> | undefined;
  beforeAll(async () => {
    if (kind === "DynamoDB") dynamoDb = await startDynamoDb();
  });
  afterAll(() => dynamoDb?.close());
  return async () =>
    dynamoDb === undefined
      ? createMemoryStore()
      : createDynamoDbStore({ client: dynamoDb.client, table: await dynamoDb.createTable() });
};
