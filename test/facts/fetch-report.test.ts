import { describe, expect, test } from "vitest";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { fetchCredentialReport } from "../../shared/facts/fetch-report.ts";
import { accountWith, failing } from "../support/iam-account.ts";

const start = () => {
  const sandbox = createSandbox();
  const world = accountWith(sandbox, [{ name: "alice" }]);
  const fetch = (options: { maxWaitMs?: number; signal?: AbortSignal } = {}) =>
    fetchCredentialReport(world.aws.iam(world.ref.id), world.ref.id, { sleep: world.sleep, ...options });
  return { sandbox, ...world, fetch };
};

const ready = { ready: true, content: expect.any(Uint8Array), generatedAt: expect.any(Date) };
const text = (content: Uint8Array) => Buffer.from(content).toString();

describe("a credential report", () => {
  test("that does not exist is made and waited for, in three calls", async () => {
    const { fetch, calls, slept, sandbox } = start();
    const madeAt = sandbox.clock.now();
    const report = await fetch();
    expect(report).toEqual({ ...ready, generatedAt: madeAt });
    expect(report.ready && text(report.content)).toContain("alice,arn:aws:iam::111122223333:user/alice,");
    expect(slept).toEqual([1000, 2000]);
    expect(calls()).toEqual({ "iam:GenerateCredentialReport": 1, "iam:GetCredentialReport": 2, "sts:AssumeRole": 1 });
  });

  test("that exists costs two calls and no wait, up to four hours long", async () => {
    const { fetch, slept, sandbox } = start();
    const first = await fetch();
    sandbox.clock.advance(3.9 * 3_600_000);
    slept.length = 0;
    expect(await fetch()).toEqual(first);
    expect(slept).toEqual([]);
    sandbox.clock.advance(0.2 * 3_600_000);
    expect(await fetch()).not.toEqual(first);
  });

  test.each([
    ["ReportInProgress", 404],
    ["ReportNotPresent", 410],
    ["ReportExpired", 410],
    ["Throttling", 400],
    ["ServiceFailure", 500],
  ])("is waited for when GetCredentialReport first answers %s", async (code, status) => {
    const { fetch, sandbox } = start();
    failing(sandbox, "GetCredentialReport", code, { status, times: 1 });
    expect(await fetch()).toEqual(ready);
  });

  test.each([
    ["LimitExceeded", 409],
    ["Throttling", 400],
  ])("is asked for again when GenerateCredentialReport answers %s", async (code, status) => {
    const { fetch, sandbox, slept, calls } = start();
    failing(sandbox, "GenerateCredentialReport", code, { status, times: 2 });
    expect(await fetch()).toEqual(ready);
    expect(slept.slice(0, 2)).toEqual([1000, 2000]);
    expect(calls()["iam:GenerateCredentialReport"]).toBe(3);
  });

  test("that expires twice is given up", async () => {
    const { fetch, sandbox, calls } = start();
    failing(sandbox, "GetCredentialReport", "ReportExpired", { status: 410 });
    expect(await fetch()).toEqual({ ready: false, why: "the credential report expired as often as it was made" });
    expect(calls()["iam:GenerateCredentialReport"]).toBe(2);
  });

  test.each([
    ["GetCredentialReport", "ReportInProgress", 404],
    ["GetCredentialReport", "ReportNotPresent", 410],
    ["GenerateCredentialReport", "LimitExceeded", 409],
    ["GenerateCredentialReport", "Throttling", 400],
  ])("that never comes (%s: %s) is given up after three minutes, with few calls", async (operation, code, status) => {
    const { fetch, sandbox, slept, total } = start();
    failing(sandbox, operation, code, { status });
    expect(await fetch()).toEqual({
      ready: false,
      why: expect.stringMatching(/^no credential report after 180 seconds/),
    });
    expect(slept.reduce((sum, ms) => sum + ms)).toBe(180_000);
    expect(total()).toBeLessThan(25);
  });

  test("is not waited for longer than one likes", async () => {
    const { fetch, sandbox, slept } = start();
    failing(sandbox, "GetCredentialReport", "ReportInProgress", { status: 404 });
    expect(await fetch({ maxWaitMs: 2500 })).toMatchObject({ ready: false });
    expect(slept).toEqual([1000, 1500]);
  });

  test("is not asked for again after its reader has stopped", async () => {
    const { fetch, sandbox, total } = start();
    const stop = new AbortController();
    sandbox.intercept((call) => {
      if (call.operation === "GenerateCredentialReport") stop.abort();
    });
    expect(await fetch({ signal: stop.signal })).toMatchObject({ ready: false });
    expect(total()).toBe(2);
  });

  test.each(["GenerateCredentialReport", "GetCredentialReport"])(
    "that %s denies names the permission",
    async (operation) => {
      const { fetch, sandbox } = start();
      failing(sandbox, operation);
      expect(await fetch()).toEqual({ ready: false, why: `iam:${operation} was denied` });
    },
  );

  test("that fails for another reason fails loudly", async () => {
    const { fetch, sandbox } = start();
    failing(sandbox, "GetCredentialReport", "MalformedSomething", { status: 400 });
    await expect(fetch()).rejects.toThrow("MalformedSomething");
  });
});
