import { SNSClient } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createS3Bucket } from "../../shared/aws/s3-bucket.ts";
import { keepPlan, readPlan } from "../../shared/sweep/kept-plan.ts";
import { type S3Server, s3Credentials, startS3Server } from "../support/s3-server.ts";

const plan = {
  runId: "sweep-2026-11-03T06:00:00.000Z",
  listedAt: "2026-11-03T06:00:01.000Z",
  accounts: [
    { id: "111122223333", name: "data \u2013 prod", ouPath: "Root/Prod", owner: "payments" },
    { id: "444455556666" },
  ],
};

describe("a plan in S3, which checks each signature", () => {
  let server: S3Server;
  beforeEach(async () => {
    server = await startS3Server();
  });
  afterEach(() => server.close());
  const bucket = () => {
    const { config } = new SNSClient({ region: "eu-west-1", credentials: s3Credentials });
    const { credentials, sha256 } = config;
    return createS3Bucket({ bucket: "reports", region: "eu-west-1", endpoint: server.url, credentials, sha256 });
  };

  it("is read as it was kept, and passes on only where its accounts lie", async () => {
    const kept = await keepPlan(bucket(), plan);
    expect(kept).toEqual({
      ...{ runId: plan.runId, listedAt: plan.listedAt },
      accountsKey: "plans/sweep-2026-11-03T06-00-00.000Z/2026-11-03T06-00-01.000Z.json",
    });
    expect(await readPlan(bucket(), { ...kept, step: "report" as const })).toEqual({ ...plan, step: "report" });
  });

  it("stays what it was where a schedule fires twice, and the second run lists its accounts while the first sweeps", async () => {
    const first = await keepPlan(bucket(), plan);
    const second = { ...plan, listedAt: "2026-11-03T06:04:00.000Z", accounts: [{ id: "777788889999" }] };
    expect(await readPlan(bucket(), await keepPlan(bucket(), second))).toEqual(second);
    expect(await readPlan(bucket(), first)).toEqual(plan);
  });

  it("that is not kept is an error that another try may mend", async () => {
    server.fail(503, "<Error><Code>SlowDown</Code></Error>");
    const keeping = keepPlan(bucket(), plan);
    await expect(keeping).rejects.toMatchObject({ name: "SweepPlanError", retryable: true });
    await expect(keeping).rejects.toThrow(
      "The plan was not kept as s3://reports/plans/sweep-2026-11-03T06-00-00.000Z/2026-11-03T06-00-01.000Z.json: Error: S3 answered 503: SlowDown",
    );
  });

  it.each([
    ["is not there", undefined, "NoSuchKey"],
    ["is torn", '[{ "id": "1111', "JSON"],
    ["is none", '[{ "id": "everything" }]', "id"],
  ])("that %s is an error, not a sweep of nothing", async (_what, body, says) => {
    const kept = { runId: "r", listedAt: plan.listedAt, accountsKey: "plans/r.json" };
    if (body !== undefined) await bucket().put(kept.accountsKey, "application/json", body);
    const reading = readPlan(bucket(), kept);
    await expect(reading).rejects.toMatchObject({ name: "SweepPlanError", retryable: true });
    await expect(reading).rejects.toThrow(says);
  });
});
