import { describe, expect, it } from "vitest";
import { AwsError } from "../../sandbox/protocol/service.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { failing } from "../support/iam-account.ts";
import { repairWith, undoWith } from "../support/repair-world.ts";
import { doneOf, idleRole, unlookedAt } from "./worlds.ts";

const key = "iam-warden-quarantine";
const [home, other] = ["us-east-1", "eu-central-1"] as const;

/** A service control policy keeps everybody from this operation in one Region. */
const denyIn = (sandbox: Sandbox, denied: string, operations: readonly string[]) =>
  sandbox.intercept(({ operation, region }) => {
    if (region === denied && operations.includes(operation))
      throw new AwsError("AccessDeniedException", "with an explicit deny in a service control policy", 403);
  });

const regionsOf = ({ account }: Pick<ReturnType<typeof unlookedAt>, "account">): readonly string[] =>
  [...account.analyzers.values()].map(({ region }) => region).sort();

describe("a repair of several steps of which one is refused", () => {
  const halfDone = async () => {
    const world = unlookedAt();
    const allow = denyIn(world.sandbox, other, ["CreateAnalyzer", "DeleteAnalyzer"]);
    const failed = doneOf(await repairWith(world.run(), world.request));
    return { ...world, allow, failed };
  };

  it("says what of it stands", async () => {
    const world = await halfDone();
    expect(regionsOf(world)).toEqual([home]);
    expect(world.failed).toMatchObject({
      state: "failed",
      failure: expect.stringMatching(
        /^access-analyzer:CreateAnalyzer was denied .* Before that it makes the analyzer iam-warden in us-east-1, which stands\.$/,
      ),
    });
  });

  it("is undone though what was refused is refused still: there is nothing to take back", async () => {
    const world = await halfDone();
    expect(await undoWith(world.run(), world.failed)).toMatchObject({ state: "undone" });
    expect(regionsOf(world)).toEqual([]);
  });

  it("is undone where it died after a write that nobody recorded", async () => {
    const world = idleRole();
    await world.die("PutRolePolicy", "after");
    const allow = failing(world.sandbox, "PutRolePolicy");
    const [intended] = await world.store.ofFinding(world.account.id, world.finding.id);
    if (intended === undefined) throw new Error("nothing was recorded");
    const policies = world.account.roles.get("app")?.inlinePolicies;
    expect(policies?.has(key)).toBe(true);
    await undoWith(world.run(), intended);
    allow();
    expect(policies?.has(key)).toBe(false);
  });

  it("is completed by the next run once nobody refuses it", async () => {
    const world = await halfDone();
    world.allow();
    const again = doneOf(await repairWith(world.run(), world.request));
    expect(again).toMatchObject({ id: world.failed.id, state: "verified" });
    expect(again.failure).toBeUndefined();
    expect(regionsOf(world)).toEqual([other, home]);
  });
});

describe("an undo of several steps of which one is refused", () => {
  it("takes back the others, says so, and can be asked for again", async () => {
    const world = unlookedAt();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    const allow = denyIn(world.sandbox, other, ["DeleteAnalyzer"]);
    const undoing = undoWith(world.run(), remediation);
    await expect(undoing).rejects.toMatchObject({ name: "UndoUnfinishedError", retryable: false });
    await expect(undoing).rejects.toThrow(
      /^It deletes the analyzer iam-warden in us-east-1\. The rest was refused: access-analyzer:DeleteAnalyzer was denied/,
    );
    expect(regionsOf(world)).toEqual([other]);
    allow();
    expect(await undoWith(world.run(), remediation)).toMatchObject({ state: "undone" });
    expect(regionsOf(world)).toEqual([]);
  });

  it("is done where it is only the tag that stays", async () => {
    const world = idleRole();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    failing(world.sandbox, "UntagRole");
    expect(await undoWith(world.run(), remediation)).toMatchObject({
      state: "undone",
      undo: { left: expect.stringContaining("iam:UntagRole was denied in account 111122223333") },
    });
    const role = world.account.roles.get("app");
    expect(role?.inlinePolicies.has(key)).toBe(false);
    expect(role?.tags.has(key)).toBe(true);
  });
});
