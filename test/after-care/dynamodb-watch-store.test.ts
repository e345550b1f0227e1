import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { createDynamoDbWatchStore } from "../../shared/after-care/dynamodb-watch-store.ts";
import { MalformedInputError, StoreError } from "../../shared/errors.ts";
import { useDynamoDb } from "../support/findings-table.ts";
import { aWatch, describeWatchStore } from "./watch-store-contract.ts";

const dynamoDb = useDynamoDb();

const create = async () => {
  const table = await dynamoDb().createTable();
  return { table, store: createDynamoDbWatchStore({ client: dynamoDb().client, table }) };
};

describeWatchStore(async () => (await create()).store);

test("a table that is not there is a retryable error, an item that is no watch is named", async () => {
  const missing = createDynamoDbWatchStore({ client: dynamoDb().client, table: "missing" });
  const { principal } = aWatch();
  await expect(missing.put(aWatch())).rejects.toThrow(StoreError);
  await expect(missing.of(principal, new Date())).rejects.toThrow(StoreError);
  const { table, store } = await create();
  const Item = { PK: { S: `ACCOUNT#${principal.accountId}` }, SK: { S: "AFTERCARE#role/app#x" } };
  await dynamoDb().client.send(new PutItemCommand({ TableName: table, Item }));
  await expect(store.of(principal, new Date(0))).rejects.toThrow(MalformedInputError);
});
