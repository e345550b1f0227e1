import { describe, expect, it } from "vitest";
import { NotYetVisibleError } from "../../shared/errors.ts";
import { prepare } from "../../shared/remediation/prepare.ts";
import { passwordPolicy } from "../support/facts.ts";
import { failing } from "../support/iam-account.ts";
import { repairWith, undoWith } from "../support/repair-world.ts";
import { doneOf, weakPasswords } from "./worlds.ts";

const weak = passwordPolicy({ minimumLength: 8, remembered: null, maxAgeDays: 90, usersMayChange: false });

describe("undoing a stronger password policy", () => {
  it("brings every field back", async () => {
    const world = weakPasswords(weak);
    const before = structuredClone(world.account.passwordPolicy);
    const remediation = doneOf(await repairWith(world.run(), world.request));
    expect(world.account.passwordPolicy).toEqual({
      ...before,
      MinimumPasswordLength: 14,
      PasswordReusePrevention: 24,
    });
    await undoWith(world.run(), remediation);
    expect(world.account.passwordPolicy).toEqual(before);
  });

  it("deletes it where there was none, also if that was done by an undo that nobody heard of", async () => {
    const world = weakPasswords(null);
    const remediation = doneOf(await repairWith(world.run(), world.request));
    expect(world.account.passwordPolicy).toBeDefined();
    await undoWith(world.run(), remediation);
    expect(world.account.passwordPolicy).toBeUndefined();
    await world.store.put({ ...remediation, version: remediation.version + 3 });
    await undoWith(world.run(), remediation, true);
    expect(world.account.passwordPolicy).toBeUndefined();
  });

  it.each([
    [
      "changed it",
      { MinimumPasswordLength: 30 },
      "The account's password policy asks for 30 characters with lower case, upper case, numbers, symbols; 24 passwords remembered; expiry after 90 days; users may not change their own.",
    ],
    ["deleted it", undefined, "The account's password policy has been deleted."],
  ])("refuses where somebody %s since, unless it is forced", async (_, change, drift) => {
    const world = weakPasswords(weak);
    const before = structuredClone(world.account.passwordPolicy);
    const remediation = doneOf(await repairWith(world.run(), world.request));
    if (change === undefined) delete world.account.passwordPolicy;
    else Object.assign(world.account.passwordPolicy ?? {}, change);
    const theirs = structuredClone(world.account.passwordPolicy);
    await expect(undoWith(world.run(), remediation)).rejects.toMatchObject({ name: "DriftError", drift: [drift] });
    expect(world.account.passwordPolicy).toEqual(theirs);
    await undoWith(world.run(), remediation, true);
    expect(world.account.passwordPolicy).toEqual(before);
  });
});

describe("the plan of a stronger password policy", () => {
  it("is held where somebody changes the policy while it is made", async () => {
    const world = weakPasswords(weak);
    let reads = 0;
    world.sandbox.intercept(({ operation }) => {
      if (operation === "GetAccountPasswordPolicy" && ++reads === 2)
        Object.assign(world.account.passwordPolicy ?? {}, { MinimumPasswordLength: 30 });
    });
    expect(await repairWith(world.run(), world.request)).toEqual({
      outcome: "held",
      why: "The password policy of account 111122223333 was changed while its repair was planned.",
    });
    expect(world.writes).toEqual([]);
  });

  it("has IAM make a credential report where there is none, and waits for it", async () => {
    const world = weakPasswords(weak);
    delete world.account.credentialReport;
    await expect(prepare(world.run(), world.request)).rejects.toThrow(NotYetVisibleError);
    world.sandbox.clock.advance(10_000);
    expect(await prepare(world.run(), world.request)).toMatchObject({ outcome: "ready" });
  });

  it("is held where no report can be made, or an older one knows of nobody with a password", async () => {
    const denied = weakPasswords(weak);
    delete denied.account.credentialReport;
    failing(denied.sandbox, "GenerateCredentialReport");
    expect(await prepare(denied.run(), denied.request)).toEqual({
      outcome: "held",
      why: "Cannot tell whether a user of account 111122223333 has a console password: iam:GenerateCredentialReport was denied",
    });
    const old = weakPasswords(weak);
    delete old.account.users.get("ann")?.loginProfile;
    delete old.account.credentialReport;
    await expect(prepare(old.run(), old.request)).rejects.toThrow(NotYetVisibleError);
    old.sandbox.clock.advance(6 * 60_000);
    expect(await prepare(old.run(), old.request)).toMatchObject({
      outcome: "held",
      why: expect.stringContaining("has no user with a console password"),
    });
  });
});
