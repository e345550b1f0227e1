import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { MalformedInputError, StoreError } from "../../shared/errors.ts";
import { createDynamoDbExemptionStore } from "../../shared/exemptions/dynamodb-store.ts";
import { createDynamoDbStore } from "../../shared/findings/dynamodb-store.ts";
import { aFinding, hubAccount } from "../support/findings.ts";
import { useDynamoDb } from "../support/findings-table.ts";
import { anExemption } from "./exemptions.ts";
import { describeExemptionStore } from "./store-contract.ts";

const dynamoDb = useDynamoDb();

const create = async () => {
  const table = await dynamoDb().createTable();
  return { table, store: createDynamoDbExemptionStore({ client: dynamoDb().client, table }) };
};

describeExemptionStore(async () => (await create()).store);

test("shares the table with the findings, and neither is taken for the other", async () => {
  const { table, store } = await create();
  const findings = createDynamoDbStore({ client: dynamoDb().client, table });
  await findings.put(aFinding());
  await store.put(anExemption());
  expect(await findings.listAll(hubAccount.id)).toEqual([aFinding()]);
  expect(await findings.accountsWithFindings()).toEqual([hubAccount.id]);
  expect(await store.list()).toEqual([anExemption()]);
});

test("a table that is not there is a retryable error, an item that is no exemption is named", async () => {
  const missing = createDynamoDbExemptionStore({ client: dynamoDb().client, table: "missing" });
  await expect(missing.put(anExemption())).rejects.toThrow(StoreError);
  await expect(missing.get("x")).rejects.toThrow(StoreError);
  await expect(missing.list()).rejects.toThrow(StoreError);
  await expect(missing.list({ unreadable: () => {} })).rejects.toThrow(StoreError);
  const { table, store } = await create();
  const Item = { PK: { S: "EXEMPTIONS" }, SK: { S: "EXEMPTION#abc" }, controls: { S: "all" } };
  await dynamoDb().client.send(new PutItemCommand({ TableName: table, Item }));
  await expect(store.get("abc")).rejects.toThrow(MalformedInputError);
  await expect(store.list()).rejects.toThrow("EXEMPTIONS EXEMPTION#abc");
  const reported: string[] = [];
  expect(await store.list({ unreadable: (id) => reported.push(id) })).toEqual([]);
  expect(reported).toEqual(["abc"]);
});
