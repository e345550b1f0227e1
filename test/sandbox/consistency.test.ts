import { afterEach, describe, expect, test, vi } from "vitest";
import { longestLagMs } from "../../sandbox/consistency.ts";
import { addUser } from "../../sandbox/iam/state.ts";
import { createRandom } from "../../sandbox/random.ts";
import { addAccount } from "../../sandbox/state.ts";
import { failureOf, startSandbox } from "./support.ts";

afterEach(() => vi.restoreAllMocks());

const boundary = "arn:aws:iam::aws:policy/PowerUserAccess";
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } },
});

/** An account whose reads lag by five seconds, with a role that all of them see. */
const lagging = async () => {
  const started = startSandbox();
  const { sandbox, iam } = started;
  await iam.createRole({ RoleName: "app", AssumeRolePolicyDocument: trust });
  sandbox.lagReads(5000);
  const boundaryOf = async (RoleName: string) =>
    (await iam.getRole({ RoleName })).Role?.PermissionsBoundary?.PermissionsBoundaryArn;
  return { ...started, boundaryOf };
};

describe("reads that lag", () => {
  test("see what stood before a write, and the write once the lag is over", async () => {
    const { sandbox, iam, boundaryOf } = await lagging();
    await iam.putRolePermissionsBoundary({ RoleName: "app", PermissionsBoundary: boundary });
    expect(await boundaryOf("app")).toBeUndefined();
    sandbox.clock.advance(4999);
    expect(await boundaryOf("app")).toBeUndefined();
    sandbox.clock.advance(1);
    expect(await boundaryOf("app")).toBe(boundary);
  });

  test("do not know what was just made, and still know what was just deleted", async () => {
    const { sandbox, iam } = await lagging();
    await iam.createUser({ UserName: "alice" });
    await iam.deleteRole({ RoleName: "app" });
    expect(await failureOf(iam.getUser({ UserName: "alice" }))).toMatchObject({ code: "NoSuchEntity" });
    expect((await iam.listUsers({})).Users).toEqual([]);
    expect((await iam.getRole({ RoleName: "app" })).Role?.RoleName).toBe("app");
    sandbox.clock.advance(5000);
    expect((await iam.getUser({ UserName: "alice" })).User?.UserName).toBe("alice");
    expect(await failureOf(iam.getRole({ RoleName: "app" }))).toMatchObject({ code: "NoSuchEntity" });
  });

  test("see writes one after the other, in order", async () => {
    const { sandbox, iam } = await lagging();
    const seen: (string | undefined)[] = [];
    for (const Description of ["first", "second", "third"]) {
      await iam.updateRole({ RoleName: "app", Description });
      sandbox.clock.advance(2000);
    }
    for (let at = 0; at < 3; at++) {
      seen.push((await iam.getRole({ RoleName: "app" })).Role?.Description);
      sandbox.clock.advance(2000);
    }
    expect(seen).toEqual(["first", "second", "third"]);
  });

  test("lag in the account that was written to, and in no other", async () => {
    const { sandbox, iam, boundaryOf, clientAs } = await lagging();
    const joinedAt = sandbox.clock.now();
    const other = addAccount(sandbox.state, { id: "222222222222", name: "other", joinedAt });
    addUser(other, sandbox.ids, { name: "bob", createdAt: joinedAt });
    await iam.putRolePermissionsBoundary({ RoleName: "app", PermissionsBoundary: boundary });
    addUser(other, sandbox.ids, { name: "carol", createdAt: joinedAt });
    expect((await clientAs("root", other.id).listUsers({})).Users).toHaveLength(2);
    expect(await boundaryOf("app")).toBeUndefined();
  });

  test("never make a write work on what is no longer true", async () => {
    const { iam } = await lagging();
    await iam.createUser({ UserName: "alice" });
    await iam.createAccessKey({ UserName: "alice" });
    expect(await failureOf(iam.createUser({ UserName: "alice" }))).toMatchObject({
      code: "EntityAlreadyExists",
    });
    await iam.createAccessKey({ UserName: "alice" });
    expect(await failureOf(iam.createAccessKey({ UserName: "alice" }))).toMatchObject({
      code: "LimitExceeded",
    });
  });

  test("leave credential reports as current as they are", async () => {
    const { iam, sandbox } = await lagging();
    await iam.createUser({ UserName: "alice" });
    await iam.generateCredentialReport({});
    sandbox.clock.advance(3000);
    await iam.createUser({ UserName: "bob" });
    const { Content } = await iam.getCredentialReport({});
    const report = Buffer.from(Content ?? []).toString();
    expect(report).toContain("alice");
    expect(report).not.toContain("bob");
  });

  test("leave last accessed details alone", async () => {
    const { iam, account } = await lagging();
    const Arn = account.roles.get("app")?.arn;
    const { JobId } = await iam.generateServiceLastAccessedDetails({ Arn });
    await iam.createUser({ UserName: "alice" });
    await iam.getServiceLastAccessedDetails({ JobId });
    expect(await iam.getServiceLastAccessedDetails({ JobId })).toMatchObject({ JobStatus: "COMPLETED" });
  });

  test("may each lag differently, by a seed the same each time", async () => {
    const life = async () => {
      const { sandbox, iam, boundaryOf } = await lagging();
      const random = createRandom(7);
      sandbox.lagReads(() => random() * 5000);
      await iam.putRolePermissionsBoundary({ RoleName: "app", PermissionsBoundary: boundary });
      sandbox.clock.advance(2500);
      const seen: boolean[] = [];
      for (let reads = 0; reads < 20; reads++) seen.push((await boundaryOf("app")) === boundary);
      return seen;
    };
    const seen = await life();
    expect(new Set(seen)).toEqual(new Set([true, false]));
    expect(await life()).toEqual(seen);
  });

  test("see everything at once when told so, whatever lagged before", async () => {
    const { sandbox, iam, boundaryOf } = await lagging();
    await iam.putRolePermissionsBoundary({ RoleName: "app", PermissionsBoundary: boundary });
    sandbox.lagReads(undefined);
    expect(await boundaryOf("app")).toBe(boundary);
    sandbox.lagReads(5000);
    expect(await boundaryOf("app")).toBe(boundary);
  });

  test("refuse a lag that nothing remembers", () => {
    const { sandbox } = startSandbox();
    for (const lag of [-1, longestLagMs + 1, Number.NaN]) {
      expect(() => sandbox.lagReads(lag)).toThrow(/a read lags by 0 to 300000 ms, not by/);
    }
  });
});

test("by default a read sees every write, and no state is copied", async () => {
  const clone = vi.spyOn(globalThis, "structuredClone");
  const { iam, account } = startSandbox();
  await iam.createUser({ UserName: "alice" });
  expect((await iam.getUser({ UserName: "alice" })).User?.UserName).toBe("alice");
  expect(clone.mock.calls.some(([copied]) => copied === account)).toBe(false);
});
