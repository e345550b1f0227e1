import { DeleteItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { MalformedInputError, StoreError, ThrottledError } from "../../shared/errors.ts";
import { createDynamoDbOrganizationStore } from "../../shared/organization/dynamodb-store.ts";
import { useDynamoDb } from "../support/findings-table.ts";
import { aReading, describeOrganizationStore, large } from "./store-contract.ts";

const dynamoDb = useDynamoDb();

const create = async () => {
  const table = await dynamoDb().createTable();
  return { table, store: createDynamoDbOrganizationStore({ client: dynamoDb().client, table }) };
};

const itemsOf = async (TableName: string) => (await dynamoDb().client.send(new ScanCommand({ TableName }))).Items ?? [];

describeOrganizationStore(async () => (await create()).store);

test("what is half written is never read", async () => {
  const { table, store } = await create();
  await store.put(aReading());
  // Eleven parts, and the item that names them.
  for (const answers of [0, 1, 5, 11]) {
    let left = answers;
    const client = dynamoDb().createClient({ maxAttempts: 1 });
    client.middlewareStack.add(
      (next) => async (args) => {
        if (left-- <= 0) throw Object.assign(new Error("gone"), { name: "TimeoutError" });
        return next(args);
      },
      { step: "build" },
    );
    const dying = createDynamoDbOrganizationStore({ client, table });
    await expect(dying.put(large("2026-11-03T06:00:00.000Z"))).rejects.toThrow(ThrottledError);
    expect(await store.latest()).toEqual(aReading());
  }
  await store.put(large("2026-11-03T06:00:00.000Z"));
  expect(await store.latest()).toEqual(large("2026-11-03T06:00:00.000Z"));
});

test("a reading that lost a part, or is no reading, is malformed", async () => {
  const { table, store } = await create();
  await store.put(large());
  const { client } = dynamoDb();
  const part = (await itemsOf(table)).find(({ SK }) => SK?.S === "PART#00001");
  await client.send(
    new DeleteItemCommand({ TableName: table, Key: { PK: part?.PK ?? { S: "" }, SK: part?.SK ?? { S: "" } } }),
  );
  await expect(store.latest()).rejects.toThrow(/there are \d+ parts; \d+ were written/);
  await client.send(new PutItemCommand({ TableName: table, Item: { ...part, text: { S: "{" } } }));
  await expect(store.latest()).rejects.toThrow(MalformedInputError);
  const Item = { PK: { S: "ORGANIZATION" }, SK: { S: "READING" }, generation: { N: "1" } };
  await client.send(new PutItemCommand({ TableName: table, Item }));
  await expect(store.latest()).rejects.toThrow(MalformedInputError);
});

test("every item of a reading ends, and none is larger than DynamoDB takes", async () => {
  const { table, store } = await create();
  await store.put(large());
  const items = await itemsOf(table);
  expect(items.length).toBeGreaterThan(3);
  const thirtyDays = Date.parse("2026-11-02T06:00:00Z") / 1000 + 30 * 86_400;
  for (const item of items) {
    expect(item.expiresAt).toEqual({ N: String(thirtyDays) });
    expect(Buffer.byteLength(item.text?.S ?? "")).toBeLessThan(400_000);
  }
});

test("a table that is not there is a retryable error", async () => {
  const missing = createDynamoDbOrganizationStore({ client: dynamoDb().client, table: "missing" });
  await expect(missing.latest()).rejects.toThrow(StoreError);
  await expect(missing.generation()).rejects.toThrow(StoreError);
  await expect(missing.put(aReading())).rejects.toThrow(StoreError);
  await expect(missing.claim(new Date())).rejects.toThrow(StoreError);
});
