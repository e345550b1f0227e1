import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { MalformedInputError, StoreError } from "../../shared/errors.ts";
import { createDynamoDbStore } from "../../shared/findings/dynamodb-store.ts";
import { createDynamoDbRemediationStore } from "../../shared/remediation/dynamodb-store.ts";
import { aFinding, hubAccount } from "../support/findings.ts";
import { useDynamoDb } from "../support/findings-table.ts";
import { aRemediation, describeRemediationStore } from "./store-contract.ts";

const dynamoDb = useDynamoDb();

const create = async () => {
  const table = await dynamoDb().createTable();
  return { table, store: createDynamoDbRemediationStore({ client: dynamoDb().client, table }) };
};

describeRemediationStore(async () => (await create()).store);

test("shares the table with the findings, and neither is taken for the other", async () => {
  const { table, store } = await create();
  const findings = createDynamoDbStore({ client: dynamoDb().client, table });
  await findings.put(aFinding());
  await store.put(aRemediation());
  expect(await findings.listAll(hubAccount.id)).toEqual([aFinding()]);
  expect(await findings.listActive(hubAccount.id)).toEqual([aFinding()]);
  expect(await store.ofFinding(hubAccount.id, aFinding().id)).toEqual([aRemediation()]);
});

test("a table that is not there is a retryable error, an item that is no remediation is named", async () => {
  const missing = createDynamoDbRemediationStore({ client: dynamoDb().client, table: "missing" });
  await expect(missing.put(aRemediation())).rejects.toThrow(StoreError);
  await expect(missing.get(hubAccount.id, "x")).rejects.toThrow(StoreError);
  await expect(missing.ofFinding(hubAccount.id, "x")).rejects.toThrow(StoreError);
  const { table, store } = await create();
  const { id, findingId } = aRemediation();
  const Item = { PK: { S: `ACCOUNT#${hubAccount.id}` }, SK: { S: `REMEDIATION#${id}` }, state: { S: "fine" } };
  await dynamoDb().client.send(new PutItemCommand({ TableName: table, Item }));
  await expect(store.get(hubAccount.id, id)).rejects.toThrow(MalformedInputError);
  await expect(store.ofFinding(hubAccount.id, findingId)).rejects.toThrow(id);
});
