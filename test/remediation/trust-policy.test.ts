import { describe, expect, it } from "vitest";
import { addRole } from "../../sandbox/iam/state.ts";
import { prepare } from "../../shared/remediation/prepare.ts";
import { failing } from "../support/iam-account.ts";
import { repairWith, undoWith } from "../support/repair-world.ts";
import { allow } from "../support/trust.ts";
import { doneOf, openRole } from "./worlds.ts";

const roleOf = ({ account }: Pick<ReturnType<typeof openRole>, "account">) => {
  const role = account.roles.get("app");
  if (!role) throw new Error("there is no role app");
  return role;
};

/** As IAM may hand out a document that says the same: its keys in another order, other white space. */
const said = (document: string, space?: number): string => {
  const turned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(turned);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, one]) => [key, turned(one)]),
    );
  };
  return JSON.stringify(turned(JSON.parse(document)), null, space);
};

describe("confining a role's trust to the organization", () => {
  it("changes that one condition, and undo brings the very text back", async () => {
    const world = openRole();
    const role = roleOf(world);
    const text =
      '{\n\t"Version":"2012-10-17", "Statement" : {"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}\n';
    role.trustPolicy = text;
    const remediation = doneOf(await repairWith(world.run(), world.request));
    expect(role.trustPolicy).toBe(
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorg1"}}}}',
    );
    await undoWith(world.run(), remediation);
    expect(role.trustPolicy).toBe(text);
  });

  it("sees its own work, and what it restored, whatever way IAM hands the document out", async () => {
    const world = openRole();
    const role = roleOf(world);
    world.sandbox.intercept(({ operation }) => {
      if (operation === "GetRole") role.trustPolicy = said(role.trustPolicy, 4);
    });
    const remediation = doneOf(await repairWith(world.run(), world.request));
    expect(remediation).toMatchObject({ state: "verified", failures: 0 });
    expect(await undoWith(world.run(), remediation)).toMatchObject({ state: "undone", undo: { drift: [] } });
  });

  it("refuses to be undone where somebody changed the document since, and knows another role of the name", async () => {
    const world = openRole();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    const theirs = JSON.stringify({ Version: "2012-10-17", Statement: [allow({ AWS: "444455556666" })] });
    roleOf(world).trustPolicy = theirs;
    await expect(undoWith(world.run(), remediation)).rejects.toMatchObject({
      name: "DriftError",
      drift: ["The trust policy of role app has another text."],
    });
    expect(roleOf(world).trustPolicy).toBe(theirs);

    world.account.roles.delete("app");
    const createdAt = world.sandbox.clock.now();
    addRole(world.account, world.sandbox.ids, { name: "app", createdAt, id: "AROAQEXAMPLEOTHER0001" });
    await expect(undoWith(world.run(), remediation, true)).rejects.toThrow(
      "The trust policy of role app is another role's of the same name (AROAQEXAMPLEOTHER0001, not AROAQEXAMPLEAPP000001).",
    );
  });

  it("is held where somebody changes the document while it is planned", async () => {
    const world = openRole();
    let reads = 0;
    world.sandbox.intercept(({ operation }, { RoleName }) => {
      if (operation === "GetRole" && RoleName === "app" && ++reads === 2)
        roleOf(world).trustPolicy = JSON.stringify({ Version: "2012-10-17", Statement: [allow("*", { Sid: "Mine" })] });
    });
    expect(await repairWith(world.run(), world.request)).toEqual({
      outcome: "held",
      why: "The trust policy of role app was changed while its repair was planned.",
    });
    expect(world.writes).toEqual([]);
  });

  it("writes over nothing that somebody changed after the plan", async () => {
    const world = openRole();
    const theirs = JSON.stringify({ Version: "2012-10-17", Statement: [allow({ AWS: "444455556666" })] });
    await world.die("UpdateAssumeRolePolicy");
    roleOf(world).trustPolicy = theirs;
    expect(await repairWith(world.run(), world.request)).toMatchObject({ outcome: "notViolating" });
    expect(roleOf(world).trustPolicy).toBe(theirs);
  });

  it("is held where the result would be longer than IAM allows in the account", async () => {
    const long = allow("*", { Condition: { StringNotEquals: { "aws:PrincipalTag/team": "a".repeat(1_900) } } });
    const world = openRole(long);
    world.account.quotas.assumeRolePolicySizeQuota = 2_048;
    expect(await prepare(world.run(), world.request)).toMatchObject({
      outcome: "held",
      why: "The trust policy of role app would have 2114 characters, and IAM allows 2048 in account 111122223333.",
    });
    world.account.quotas.assumeRolePolicySizeQuota = 4_096;
    expect(await prepare(world.run(), world.request)).toMatchObject({ outcome: "ready" });
    failing(world.sandbox, "GetAccountSummary");
    expect(await prepare(world.run(), world.request)).toMatchObject({
      outcome: "held",
      why: expect.stringContaining("iam:GetAccountSummary was denied"),
    });
  });
});
