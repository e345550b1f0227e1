import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { createDynamoDbStore } from "../../shared/findings/dynamodb-store.ts";
import { forgetFindingAt, forgetRemediationAt } from "../../shared/history/forget.ts";
import { createDynamoDbRemediationStore } from "../../shared/remediation/dynamodb-store.ts";
import type { HistorySettings } from "../../shared/settings/settings.ts";
import { aRemediation } from "../remediation/store-contract.ts";
import { aFinding, hubAccount } from "../support/findings.ts";
import { useDynamoDb } from "../support/findings-table.ts";
import { sandboxDynamoDb } from "../support/sandbox-table.ts";
import { describeForgetting } from "./forgetting-contract.ts";

type Options = Pick<Parameters<typeof createDynamoDbStore>[0], "client" | "table">;

const storesOn = (on: Options, history: HistorySettings) => {
  const remediations = createDynamoDbRemediationStore({ ...on, forgetAt: forgetRemediationAt(history) });
  return { remediations, store: createDynamoDbStore({ ...on, forgetAt: forgetFindingAt(history, remediations) }) };
};

describe("on a DynamoDB that forgets at once", () => {
  const { sandbox, client, createTable } = sandboxDynamoDb();
  describeForgetting(async (history) => {
    const table = await createTable({ isForgetful: true });
    const under = (settings: HistorySettings) => storesOn({ client, table }, settings);
    return { clock: sandbox.clock, under, ...under(history) };
  });
});

describe("on a DynamoDB that has not come to it yet", () => {
  const dynamoDb = useDynamoDb();
  const over = aFinding({ status: "resolved", resolvedAt: "2026-11-04T00:00:00.500Z" });

  const created = async (history: HistorySettings = { keepResolvedDays: 30 }) => {
    const on = { client: dynamoDb().client, table: await dynamoDb().createTable() };
    const expiry = async (SK: string) => {
      const Key = { PK: { S: `ACCOUNT#${hubAccount.id}` }, SK: { S: SK } };
      const { Item } = await on.client.send(new GetItemCommand({ TableName: on.table, Key }));
      return Item?.expiresAt;
    };
    return { ...on, ...storesOn(on, history), expiryOf: () => expiry(`FINDING#${over.id}`), expiry };
  };
  const seconds = (at: string) => ({ N: String(Date.parse(at) / 1000) });

  test("a finding says in whole seconds when it may be forgotten, and is shown as it was put until then", async () => {
    const { store, expiryOf } = await created();
    await store.put(over);
    expect(await expiryOf()).toEqual(seconds("2026-12-04T00:00:01.000Z"));
    expect(await store.get(hubAccount.id, over.id)).toStrictEqual(over);
    expect(await store.listAll(hubAccount.id)).toStrictEqual([over]);
    await store.put({ ...over, status: "open", version: 2 });
    expect(await expiryOf()).toBeUndefined();
  });

  test("so does the record of a repair that is over", async () => {
    const { remediations, expiry } = await created();
    const record = aRemediation({ overAt: "2026-11-04T00:00:00.000Z" });
    await remediations.put(record);
    expect(await expiry(`REMEDIATION#${record.id}`)).toEqual(seconds("2026-12-04T00:00:00.000Z"));
    expect(await remediations.get(hubAccount.id, record.id)).toStrictEqual(record);
  });

  test("a repair whose record cannot be read may stand: its finding is written all the same, and kept", async () => {
    const { client, table, store, expiryOf } = await created();
    const Item = {
      ...{ PK: { S: `ACCOUNT#${hubAccount.id}` }, SK: { S: `REMEDIATION#${over.id}-0001` } },
      state: { S: "fine" },
    };
    await client.send(new PutItemCommand({ TableName: table, Item }));
    await store.put(over);
    expect(await store.get(hubAccount.id, over.id)).toStrictEqual(over);
    expect(await expiryOf()).toBeUndefined();
  });

  test("a finding with times that are none is kept", async () => {
    const { store, expiryOf } = await created();
    await store.put({ ...over, resolvedAt: "yesterday" });
    expect(await expiryOf()).toBeUndefined();
  });
});
