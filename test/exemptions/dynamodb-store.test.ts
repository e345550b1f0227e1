import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { MalformedInputError, StoreError } from "../../shared/errors.ts";
import { createDynamoDbExemptionStore } from "../../shared/exemptions/dynamodb-store.ts";
import { endExemption } from "../../shared/exemptions/exemption.ts";
import { createDynamoDbStore } from "../../shared/findings/dynamodb-store.ts";
import { aFinding, hubAccount } from "../support/findings.ts";
import { useDynamoDb } from "../support/findings-table.ts";
import { anExemption, caller, days } from "./exemptions.ts";
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

test("the table forgets an exemption ninety days after it ended, by its date or by hand", async () => {
  const { table, store } = await create();
  const exemption = anExemption();
  const forgotten = async () => {
    const Key = { PK: { S: "EXEMPTIONS" }, SK: { S: `EXEMPTION#${exemption.id}` } };
    const { Item } = await dynamoDb().client.send(new GetItemCommand({ TableName: table, Key }));
    return new Date(Number(Item?.expiresAt?.N) * 1000).toISOString();
  };
  const later = (at: string) => new Date(Date.parse(at) + 90 * 24 * 3_600_000).toISOString();
  await store.put(exemption);
  expect(await forgotten()).toBe(later(exemption.until));
  await store.put(endExemption(exemption, { by: caller, now: days(1) }));
  expect(await forgotten()).toBe(later(days(1).toISOString()));
  expect(await store.list()).toEqual([endExemption(exemption, { by: caller, now: days(1) })]);
});
