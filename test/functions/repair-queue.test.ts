import { expect, test } from "vitest";
import { repairQueue } from "../../functions/dependencies.ts";
import { readEnvironment } from "../../functions/environment.ts";

const undo = {
  kind: "undo",
  accountId: "111122223333",
  remediationId: "r1",
  by: "ann",
  why: "x",
  force: false,
} as const;

test("where nothing is deployed that repairs, asking for it is refused in words, and not tried again", async () => {
  const environment = readEnvironment(["AWS_REGION", "REPAIR_QUEUE_URL"], { AWS_REGION: "eu-west-1" });
  await expect(repairQueue({ environment, connection: {} }).send(undo)).rejects.toMatchObject({
    name: "ConflictError",
    retryable: false,
    message: expect.stringContaining("no control in mode remediate"),
  });
});

test("a queue's URL that is none is a mistake of the deployment, not the absence of a queue", () => {
  const broken = { AWS_REGION: "eu-west-1", REPAIR_QUEUE_URL: "iam-warden-repairs" };
  expect(() => readEnvironment(["AWS_REGION", "REPAIR_QUEUE_URL"], broken)).toThrow(/REPAIR_QUEUE_URL must be the URL/);
});
