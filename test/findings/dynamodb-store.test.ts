import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import * as z from "zod";
import { MalformedInputError, StoreError } from "../../shared/errors.ts";
import { createDynamoDbStore } from "../../shared/findings/dynamodb-store.ts";
import { aFinding, aVerification, hubAccount } from "../support/findings.ts";
import { useDynamoDb } from "../support/findings-table.ts";
import { aSweep, describeStore } from "./store-contract.ts";

const dynamoDb = useDynamoDb();

describeStore(async () => createDynamoDbStore({ client: dynamoDb().client, table: await dynamoDb().createTable() }));

test("a table that is not there is a retryable error, not an empty list", async () => {
  const store = createDynamoDbStore({ client: dynamoDb().client, table: "missing" });
  await expect(store.listOpen(hubAccount.id)).rejects.toThrow(StoreError);
  await expect(store.put(aFinding())).rejects.toThrow(/ResourceNotFoundException/);
  await expect(Array.fromAsync(store.undelivered())).rejects.toMatchObject({ retryable: true });
});

test("an endpoint that does not answer is a retryable error", async () => {
  const client = new DynamoDBClient({
    region: "eu-central-1",
    endpoint: "http://127.0.0.1:1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  const store = createDynamoDbStore({ client, table: "any" });
  await expect(store.get(hubAccount.id, "x")).rejects.toMatchObject({ retryable: true });
});

test("an item that is no finding is named, and is not taken for one", async () => {
  const TableName = await dynamoDb().createTable();
  const store = createDynamoDbStore({ client: dynamoDb().client, table: TableName });
  const finding = aFinding();
  const Key = { PK: { S: `ACCOUNT#${hubAccount.id}` }, SK: { S: `FINDING#${finding.id}` } };
  await dynamoDb().client.send(new PutItemCommand({ TableName, Item: { ...Key, status: { S: "fine" } } }));
  await expect(store.get(hubAccount.id, finding.id)).rejects.toThrow(MalformedInputError);
  await expect(store.listAll(hubAccount.id)).rejects.toThrow(finding.id);
});

test("verifications are named where they cannot be read, fit into an item at their most, and expire", async () => {
  const TableName = await dynamoDb().createTable();
  const store = createDynamoDbStore({ client: dynamoDb().client, table: TableName });
  const reportAt = new Date("2026-11-03T06:00:00.000Z");
  const users = Array.from({ length: 5_000 }, (_, index) => aVerification({ userId: `AIDA${index}` }));
  await store.putVerifications({ accountId: hubAccount.id, reportAt, users });
  const Key = { PK: { S: `ACCOUNT#${hubAccount.id}` }, SK: { S: "VERIFICATIONS" } };
  const { Item } = await dynamoDb().client.send(new GetItemCommand({ TableName, Key }));
  expect(JSON.stringify(Item?.users?.S?.length)).toMatch(/^3[0-9]{5}$/);
  expect(Item?.expiresAt).toEqual({ N: String(reportAt.getTime() / 1000 + 24 * 3600) });
  for (const broken of ["{}", "[{}]", "[", '[{"userId":"AIDA"}]']) {
    await dynamoDb().client.send(new PutItemCommand({ TableName, Item: { ...Item, ...Key, users: { S: broken } } }));
    await expect(store.verifications(hubAccount.id)).rejects.toThrow(MalformedInputError);
  }
});

test("the result of a sweep can be looked up for 90 days, and is forgotten then", async () => {
  const TableName = await dynamoDb().createTable();
  const store = createDynamoDbStore({ client: dynamoDb().client, table: TableName });
  await store.putSweep(aSweep({ population: { users: 1, roles: 2, accessKeys: 3 } }));
  const of = async (PK: string) => {
    const Key = { PK: { S: PK }, SK: { S: `ACCOUNT#${hubAccount.id}` } };
    return (await dynamoDb().client.send(new GetItemCommand({ TableName, Key }))).Item;
  };
  const at = Date.parse(aSweep().finishedAt) + 90 * 24 * 3_600_000;
  expect((await of(`RUN#${aSweep().runId}`))?.expiresAt).toEqual({ N: String(at / 1000) });
  // What was counted last is asked for as long as nobody counts again.
  const population = await of("POPULATIONS");
  expect(population?.users).toEqual({ N: "1" });
  expect(population).not.toHaveProperty("expiresAt");
});

test("index attributes are there only as long as they are needed", async () => {
  const TableName = await dynamoDb().createTable();
  const store = createDynamoDbStore({ client: dynamoDb().client, table: TableName });
  const finding = aFinding();
  const attributes = async () => {
    const Key = { PK: { S: `ACCOUNT#${hubAccount.id}` }, SK: { S: `FINDING#${finding.id}` } };
    const { Item } = await dynamoDb().client.send(new GetItemCommand({ TableName, Key }));
    return ["activeId", "undeliveredShard", "undeliveredSince"].filter((name) => Item?.[name] !== undefined);
  };
  const told = { id: "v1", kind: "opened", at: finding.openedAt, delivery: "single", reason: "" } as const;
  await store.put({ ...finding, outbox: [told] });
  expect(await attributes()).toEqual(["activeId", "undeliveredShard", "undeliveredSince"]);
  await store.put({ ...finding, version: 2 });
  expect(await attributes()).toEqual(["activeId"]);
  await store.put({ ...finding, version: 3, status: "resolved" });
  expect(await attributes()).toEqual([]);
});

test("every read of the base table and of the local index is strongly consistent", async () => {
  const table = await dynamoDb().createTable();
  const client = dynamoDb().createClient();
  const reads: string[] = [];
  const read = z.object({
    IndexName: z.string().optional(),
    ConsistentRead: z.boolean().optional(),
    Item: z.unknown().optional(),
  });
  client.middlewareStack.add(
    (next) => (args) => {
      const input = read.parse(args.input);
      if (input.Item === undefined)
        reads.push(`${input.IndexName ?? "base"} ${input.ConsistentRead ? "strongly" : "eventually"}`);
      return next(args);
    },
    { step: "initialize" },
  );
  const store = createDynamoDbStore({ client, table });
  const finding = aFinding({
    outbox: [{ id: "v1", kind: "opened", at: "2026-11-03T02:13:05.000Z", delivery: "single", reason: "" }],
  });
  await store.put(finding);
  await store.get(hubAccount.id, finding.id);
  await store.listOpen(hubAccount.id);
  await store.listAll(hubAccount.id);
  await store.listSweeps("r1");
  await store.accountsWithFindings();
  await Array.fromAsync(store.undelivered());
  expect([...new Set(reads)].sort()).toEqual(["active strongly", "base strongly", "undelivered eventually"]);
  client.destroy();
});
