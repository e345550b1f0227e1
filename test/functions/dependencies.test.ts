import { expect, test } from "vitest";
import { dynamoDbClient } from "../../functions/dependencies.ts";

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
