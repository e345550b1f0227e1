import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { MalformedInputError, StoreError } from "../../shared/errors.ts";
import { createDynamoDbMarkStore } from "../../shared/marks/dynamodb-mark-store.ts";
import { useDynamoDb } from "../support/findings-table.ts";
import { describeMarkStore, someMarks } from "./mark-store-contract.ts";

const dynamoDb = useDynamoDb();

const create = async () => {
  const table = await dynamoDb().createTable();
  return { table, store: createDynamoDbMarkStore({ client: dynamoDb().client, table }) };
};

describeMarkStore(async () => (await create()).store);

test("a table that is not there is a retryable error", async () => {
  const missing = createDynamoDbMarkStore({ client: dynamoDb().client, table: "missing" });
  await expect(missing.get("111122223333")).rejects.toThrow(StoreError);
  await expect(missing.put(someMarks())).rejects.toThrow(StoreError);
  await expect(missing.list()).rejects.toThrow(StoreError);
});

test("what cannot be read is thrown, or told of whoever asked for the rest", async () => {
  const { table, store } = await create();
  await store.put(someMarks({ accountId: "444455556666" }));
  const Item = { PK: { S: "MARKS" }, SK: { S: "ACCOUNT#111122223333" }, waiting: { S: "none" } };
  await dynamoDb().client.send(new PutItemCommand({ TableName: table, Item }));
  await expect(store.get("111122223333")).rejects.toThrow(MalformedInputError);
  await expect(store.list()).rejects.toThrow(MalformedInputError);
  const told: string[] = [];
  const rest = await store.list({ unreadable: (accountId) => void told.push(accountId) });
  expect([rest.map(({ accountId }) => accountId), told]).toEqual([["444455556666"], ["111122223333"]]);
});
