import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { MalformedInputError, StoreError } from "../../shared/errors.ts";
import { createDynamoDbStore } from "../../shared/findings/dynamodb-store.ts";
import { createDynamoDbBreakerStore } from "../../shared/remediation/dynamodb-breaker-store.ts";
import { aFinding, hubAccount } from "../support/findings.ts";
import { useDynamoDb } from "../support/findings-table.ts";
import { describeBreakerStore } from "./breaker-store-contract.ts";

const dynamoDb = useDynamoDb();

const create = async () => {
  const table = await dynamoDb().createTable();
  return { table, store: createDynamoDbBreakerStore({ client: dynamoDb().client, table }) };
};
const window = { scope: { account: hubAccount.id }, hour: "2026-11-03T02" };
const take = {
  window,
  remediationId: "f-0001",
  kind: "user",
  allowance: { total: 1, ofKind: 1 },
  at: new Date("2026-11-03T02:13:05.000Z"),
} as const;

describeBreakerStore(async () => (await create()).store);

test("is not taken for a finding of its account", async () => {
  const { table, store } = await create();
  const findings = createDynamoDbStore({ client: dynamoDb().client, table });
  await findings.put(aFinding());
  await store.take(take);
  expect(await findings.listAll(hubAccount.id)).toEqual([aFinding()]);
  expect(await findings.listActive(hubAccount.id)).toEqual([aFinding()]);
});

test("a slot whose answer was lost is not taken twice when the SDK asks again", async () => {
  const { table } = await create();
  const client = dynamoDb().createClient({ maxAttempts: 3 });
  let updates = 0;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName !== "UpdateItemCommand") return next(args);
        updates += 1;
        const isFirst = updates === 1;
        const answer = await next(args);
        if (isFirst) throw Object.assign(new Error("reset"), { name: "TimeoutError", $retryable: {} });
        return answer;
      },
    { step: "finalizeRequest", priority: "low" },
  );
  const store = createDynamoDbBreakerStore({ client, table });
  const allowance = { total: 2, ofKind: 2 };
  expect(await store.take({ ...take, allowance })).toEqual({ outcome: "taken" });
  expect(updates).toBe(2);
  const outcomes = [];
  for (const id of ["g-0001", "h-0001"])
    outcomes.push((await store.take({ ...take, allowance, remediationId: id })).outcome);
  expect(outcomes).toEqual(["taken", "tripped"]);
  client.destroy();
});

test("a table that is not there is a retryable error, an item that is no breaker is named", async () => {
  const missing = createDynamoDbBreakerStore({ client: dynamoDb().client, table: "missing" });
  await expect(missing.take(take)).rejects.toThrow(StoreError);
  await expect(missing.tripOf(window)).rejects.toThrow(StoreError);
  const { table, store } = await create();
  const Item = { PK: { S: `ACCOUNT#${hubAccount.id}` }, SK: { S: "BREAKER#2026-11-03T02" }, trippedAt: { N: "7" } };
  await dynamoDb().client.send(new PutItemCommand({ TableName: table, Item }));
  await expect(store.take(take)).rejects.toThrow(MalformedInputError);
  await expect(store.tripOf(window)).rejects.toThrow("BREAKER#2026-11-03T02");
});
