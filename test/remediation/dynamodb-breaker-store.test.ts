import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
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

test("a window can be looked up for 90 days after its hour, tripped or not, and is forgotten then", async () => {
  const { table, store } = await create();
  const item = async (hour: string) => {
    const Key = { PK: { S: `ACCOUNT#${hubAccount.id}` }, SK: { S: `BREAKER#${hour}` } };
    return (await dynamoDb().client.send(new GetItemCommand({ TableName: table, Key }))).Item;
  };
  const expiry = { N: String(Date.parse("2027-02-01T03:00:00.000Z") / 1000) };
  await store.take(take);
  expect((await item(window.hour))?.expiresAt).toEqual(expiry);
  const tripped = await store.take({ ...take, remediationId: "g-0001" });
  if (tripped.outcome !== "tripped") throw new Error("it did not trip");
  expect(await store.resume(tripped.trip, "ann", take.at)).toBe(true);
  expect(await item(window.hour)).toMatchObject({ expiresAt: expiry, resumedBy: { S: "ann" } });

  // A window that was full by a smaller allowance before it says so itself.
  const next = { ...take, window: { ...window, hour: "2026-11-03T03" } };
  await store.take({ ...next, allowance: { total: 2, ofKind: 2 } });
  await store.look({ ...next, remediationId: "g-0001" });
  expect(await item("2026-11-03T03")).toMatchObject({
    expiresAt: { N: String(Date.parse("2027-02-01T04:00:00.000Z") / 1000) },
    trippedBy: { S: "g-0001" },
  });
});
