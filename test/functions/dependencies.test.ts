import { expect, test } from "vitest";
import { dynamoDbClient, stores } from "../../functions/dependencies.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { aFinding } from "../support/findings.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";
import { sandboxDynamoDb } from "../support/sandbox-table.ts";

// The SDK's own default waits for an answer without end: a sweep would hang until Lambda stops it.
test("no call to the findings table waits for an answer without end", async () => {
  const { config } = dynamoDbClient("eu-central-1");
  await expect(config.maxAttempts()).resolves.toBeGreaterThan(3);
  await expect(Reflect.get(config.requestHandler, "configProvider")).resolves.toMatchObject({
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    throwOnRequestTimeout: true,
  });
});

test("the stores of one function do not change how one another write", async () => {
  const { client, createTable } = sandboxDynamoDb();
  const FINDINGS_TABLE = await createTable();
  const connection = { credentials: client.config.credentials, requestHandler: client.config.requestHandler };
  const { store, exemptions, remediations, breakers, watches } = stores({
    ...{ telemetry: recordedTelemetry(), variables: {}, clock: () => new Date(), sleep: async () => {}, connection },
    environment: { AWS_REGION: "us-east-1", FINDINGS_TABLE },
    settings: defaultSettings(),
  });
  expect([exemptions, remediations, breakers, watches]).toHaveLength(4);
  const finding = aFinding();
  // As transitions write it: who or why it was is undefined where nobody knows.
  const history = finding.history.map((entry) => ({ ...entry, by: undefined as never }));
  await store.put({ ...finding, history });
  expect(await store.get(finding.account.id, finding.id)).toMatchObject({ id: finding.id });
});
