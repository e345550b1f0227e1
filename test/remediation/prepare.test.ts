import { describe, expect, it } from "vitest";
import { controlById } from "../../shared/controls/catalogue.ts";
import { prepare } from "../../shared/remediation/prepare.ts";
import { remediationId } from "../../shared/remediation/remediation.ts";
import { failing } from "../support/iam-account.ts";
import { repairWith, undoWith } from "../support/repair-world.ts";
import { aRemediation } from "./store-contract.ts";
import { bob, boundedRole, doneOf, idleRole, policyName, staleKey } from "./worlds.ts";

const allowing = (characters: number, space = ""): string => {
  const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*", Sid: "" }] };
  const missing = characters - JSON.stringify(document).length;
  return JSON.stringify(document).replace('"Sid":""', `${space}"Sid":"${"x".repeat(missing)}"`);
};
/** The characters of bob's own policy that the fixture gives him, and of ours. */
const ownSize = async () => {
  const world = bob();
  const remediation = doneOf(await repairWith(world.run(), world.request));
  const [recorded] = remediation.steps;
  if (recorded?.step.write.operation !== "PutUserPolicy") throw new Error("not the policy");
  return { own: world.user.inlinePolicies.get("own")?.length ?? 0, ours: recorded.step.write.document.length };
};

describe("prepare", () => {
  it("waits for a person after an undo, but not where another user has that name by now", async () => {
    const world = bob();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    await undoWith(world.run(), remediation);
    expect(await prepare(world.run(), world.request)).toMatchObject({ outcome: "held" });
    Object.assign(world.user, { id: "AIDAANOTHERUSER000001" });
    expect(await prepare(world.run(), world.request)).toMatchObject({ outcome: "ready", prepared: { number: 2 } });
  });

  it("numbers on from the last, though earlier ones were forgotten", async () => {
    const world = bob();
    const last = aRemediation({
      ...{ id: remediationId(world.finding.id, 7), findingId: world.finding.id, account: world.finding.account },
      ...{ stage: "final", state: "verified", overAt: "2026-11-03T02:13:05.000Z" },
    });
    await world.store.put(last);
    expect(await prepare(world.run(), world.request)).toMatchObject({ outcome: "ready", prepared: { number: 8 } });
    expect(doneOf(await repairWith(world.run(), world.request))).toMatchObject({
      id: remediationId(world.finding.id, 8),
    });
  });

  it("holds a quarantine where a policy stands under its name already, which undo would only bring back", async () => {
    const planted = idleRole();
    const role = planted.account.roles.get("app");
    const Statement = { Sid: "Planted", Effect: "Deny", Action: ["*"], Resource: "*" };
    role?.inlinePolicies.set("iam-warden-quarantine", JSON.stringify({ Version: "2012-10-17", Statement }));
    expect(await prepare(planted.run(), planted.request)).toEqual({
      outcome: "held",
      why: "The inline policy iam-warden-quarantine of role app stands already, and no repair of this finding put it there: it denies everything, and undo would bring it back. Look whose it is, and delete it first.",
    });
    expect(planted.writes).toEqual([]);
  });

  it("writes nothing, and says the same each time", async () => {
    const world = bob();
    const first = await prepare(world.run(), world.request);
    const second = await prepare(world.run(), world.request);
    if (first.outcome !== "ready" || second.outcome !== "ready") throw new Error(first.outcome);
    expect(first.prepared).toMatchObject({ stage: "repair", number: 1, verdict: { outcome: "violation" } });
    expect(second.prepared.digest).toBe(first.prepared.digest);
    expect(world.writes).toEqual([]);
    expect(await world.store.ofFinding(world.account.id, world.finding.id)).toEqual([]);
  });

  it("tells plans with other before-images apart", async () => {
    const digests = await Promise.all(
      [bob(), bob(allowing(100)), bob(allowing(101))].map(async (world) => {
        const preparation = await prepare(world.run(), world.request);
        return preparation.outcome === "ready" ? preparation.prepared.digest : preparation.outcome;
      }),
    );
    expect(new Set(digests).size).toBe(3);
  });

  it("fills a user's inline policies to the last character, and holds what would be one more", async () => {
    const { own, ours } = await ownSize();
    const left = 2_048 - own - ours;
    const fits = bob(undefined, { other: allowing(left, " \n\t".repeat(100)) });
    expect(doneOf(await repairWith(fits.run(), fits.request)).state).toBe("verified");
    const full = bob(undefined, { other: allowing(left + 1) });
    expect(await repairWith(full.run(), full.request)).toEqual({
      outcome: "held",
      why: `User bob has ${own + left + 1} characters of other inline policies; with the ${ours} of ${policyName} that is more than the 2048 that IAM allows.`,
    });
    expect(full.writes).toEqual([]);
  });

  it("does not count what stands under the policy's own name", async () => {
    const world = bob(allowing(1_500));
    expect(doneOf(await repairWith(world.run(), world.request)).state).toBe("verified");
  });

  it.each(["GetUser", "GetUserPolicy", "ListUserPolicies"])("holds where %s is denied", async (operation) => {
    const world = bob();
    failing(world.sandbox, operation);
    expect(await repairWith(world.run(), world.request)).toMatchObject({
      outcome: "held",
      why: expect.stringMatching(new RegExp(`^What it would change cannot be read: iam:${operation} was denied`)),
    });
    expect(world.writes).toEqual([]);
  });

  it("holds where live facts cannot tell", async () => {
    const world = bob();
    failing(world.sandbox, "ListMFADevices");
    expect(await repairWith(world.run(), world.request)).toEqual({
      outcome: "held",
      why: "Cannot tell whether console user bob has an MFA device: iam:ListMFADevices was denied",
    });
  });

  it("holds where nobody may see whether there is a boundary to attach", async () => {
    const world = boundedRole();
    failing(world.sandbox, "GetPolicy");
    expect(await repairWith(world.run(), world.request)).toMatchObject({ outcome: "held" });
  });

  it("sees that the user is gone, or has helped himself", async () => {
    const gone = bob();
    gone.account.users.clear();
    expect(await prepare(gone.run(), gone.request)).toEqual({
      outcome: "notViolating",
      reason: "The user bob does not exist any more.",
    });
    const mended = bob();
    mended.user.mfaDevices.push({ serial: "GAHT12345678", enabledAt: mended.sandbox.clock.now() });
    expect(await prepare(mended.run(), mended.request)).toEqual({ outcome: "notViolating", reason: "It complies." });
  });

  it("leaves a user alone who helped himself after a run that was killed before it wrote", async () => {
    const world = bob();
    await world.die("PutUserPolicy");
    world.user.mfaDevices.push({ serial: "GAHT12345678", enabledAt: world.sandbox.clock.now() });
    expect(await repairWith(world.run(), world.request)).toEqual({ outcome: "notViolating", reason: "It complies." });
    expect(world.writes).toEqual([]);
  });

  it("repairs anew what somebody changed back by other means than undo", async () => {
    const world = staleKey();
    const first = doneOf(await repairWith(world.run(), world.request));
    const key = world.account.users.get("bob")?.accessKeys.find(({ id }) => id === first.subject.accessKeyId);
    if (!key) throw new Error("no such key");
    key.status = "Active";
    const second = doneOf(await repairWith(world.run(), world.request));
    expect([first.id, second.id].map((id) => id.slice(-4))).toEqual(["0001", "0002"]);
  });

  it("refuses a control that the finding is not of, one without a repair, and a key without an id", async () => {
    const { request, run } = bob();
    const other = controlById("root-mfa-not-hardware");
    if (other?.type !== "state") throw new Error("no such control");
    expect(await prepare(run(), { ...request, control: other })).toMatchObject({ outcome: "held" });
    const finding = { ...request.finding, control: other.id };
    expect(await prepare(run(), { ...request, control: other, finding })).toMatchObject({
      outcome: "held",
      why: "root-mfa-not-hardware has no repair.",
    });
    const key = staleKey();
    const { accessKeyId: _id, ...subject } = key.finding.subject;
    const nameless = { ...key.request, finding: { ...key.finding, subject } };
    expect(await prepare(key.run(), nameless)).toMatchObject({ outcome: "held" });
  });

  it("has no final plan where the control has none", async () => {
    const { request, run } = bob();
    expect(await prepare(run(), { ...request, stage: "final" })).toEqual({
      outcome: "held",
      why: "console-user-without-mfa has no final plan.",
    });
  });
});
