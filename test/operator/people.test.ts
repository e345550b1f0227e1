import { describe, expect, it } from "vitest";
import { hourOf } from "../../shared/remediation/breaker.ts";
import { bob, staleKey } from "../remediation/worlds.ts";
import { hostileNames } from "../support/findings.ts";
import { ann, operatorWorld, planOf, zoe } from "./world.ts";

const reason = "The vendor cannot change before its next release";
const until = "2026-12-31";

/** Two more findings of the world's control: of another user in the account, and in an account without a name. */
const withOthers = async () => {
  const world = await operatorWorld(bob());
  const cem = {
    ...world.finding,
    id: `a${world.finding.id.slice(1)}`,
    subject: { ...world.finding.subject, name: "cem" },
  };
  const elsewhere = { ...cem, id: `b${world.finding.id.slice(1)}`, account: { id: "444455556666" } };
  for (const finding of [cem, elsewhere]) await world.store.put(finding);
  const shown = async () => {
    const { items } = await world.done("findings");
    return items.map(({ account, subject, status }) => `${account.id} ${subject.name} ${status}`);
  };
  return { ...world, shown };
};

describe("exempt", () => {
  it("excuses the subject of a finding, for whoever asked, and tells those who had been told", async () => {
    const world = await withOthers();
    const { id, account } = world.finding;
    const { exemption, marked } = await world.done("exempt", { id, reason, until }, zoe);
    expect(exemption).toMatchObject({
      controls: ["console-user-without-mfa"],
      scope: { account: account.id },
      subject: { kind: "user", pattern: "bob" },
      by: zoe,
      reason,
      until: "2026-12-31T00:00:00.000Z",
    });
    expect(marked).toEqual({ findings: 1, isWhole: true });
    expect(await world.stored()).toMatchObject({
      exemption: { id: exemption.id, by: zoe },
      history: expect.arrayContaining([expect.objectContaining({ what: "exempted", by: zoe })]),
    });
    expect(world.notices.map(({ kind }) => kind)).toEqual(["exempted"]);
    expect((await world.shown()).sort()).toEqual([
      `${account.id} bob exempt`,
      `${account.id} cem open`,
      "444455556666 cem open",
    ]);
  });

  it("excuses whom a pattern names in an account, and tells of many in the digest", async () => {
    const world = await withOthers();
    const { account } = world.finding;
    const request = { controls: ["console-user-without-mfa"], scope: { account: account.id }, reason, until };
    expect((await world.done("exempt", request)).marked).toEqual({ findings: 2, isWhole: true });
    expect(world.notices).toEqual([]);
    expect((await world.stored()).outbox).toMatchObject([{ kind: "exempted", delivery: "digest" }]);
  });

  it("follows the OU that an account is in now, and no account that is no member", async () => {
    const world = await withOthers();
    const subject = { kind: "user", pattern: "cem" };
    const request = { controls: ["console-user-without-mfa"], scope: { ou: "Root/Workloads" }, subject, reason, until };
    // Of the finding's account the finding still says an OU that it has left.
    expect(world.finding.account.ouPath).toBe("Root/Workloads/Prod");
    expect((await world.done("exempt", request)).marked.findings).toBe(0);
    const listAccounts = async () => [{ ...world.finding.account, ouPath: "Root/Workloads/Test" }];
    expect(await world.ask("exempt", request, ann, { listAccounts })).toMatchObject({ marked: { findings: 1 } });
    const exempt = (await world.shown()).filter((line) => line.endsWith("exempt"));
    expect(exempt).toEqual([`${world.finding.account.id} cem exempt`]);
  });

  it.each([
    ["an OU that is there", { ou: "Root/Workloads" }, undefined],
    ["an OU that is misspelt", { ou: "Root/Workload" }, "did you mean Root/Workloads?"],
    ["half the name of an OU", { ou: "Root/Work" }, "No account of the organization is in Root/Work or below"],
    ["an account that is there", { account: "111122223333" }, undefined],
    [
      "an account of another organization",
      { account: "999900001111" },
      "No active account of the organization is 9999",
    ],
    ["the organization", { organization: true }, undefined],
  ])("says where it may excuse nobody: %s", async (_what, scope, expected) => {
    const world = await operatorWorld(bob());
    const listAccounts = async () => [{ ...world.finding.account, ouPath: "Root/Workloads/Test" }];
    const request = { controls: ["console-user-without-mfa"], scope, reason, until };
    const answer = await world.ask("exempt", request, ann, { listAccounts });
    if (expected === undefined) expect(answer).not.toHaveProperty("doubt");
    else expect(answer).toMatchObject({ ok: true, doubt: expect.stringContaining(expected) });
  });

  it("names one key by its id", async () => {
    const world = await operatorWorld(staleKey());
    const { exemption } = await world.done("exempt", { id: world.finding.id, reason, until });
    expect(exemption.subject).toEqual({ kind: "accessKey", pattern: world.finding.subject.accessKeyId });
    expect((await world.stored()).exemption).toBeDefined();
  });

  it("makes one exemption of a request that is made again, and goes on marking", async () => {
    const world = await operatorWorld(bob());
    const { id } = world.finding;
    const broken = { ...world.store, listOpen: () => Promise.reject(new Error("the connection died")) };
    const args = { id, reason, until };
    expect(await world.ask("exempt", args, ann, { store: broken })).toMatchObject({ ok: false });
    expect((await world.stored()).exemption).toBeUndefined();
    expect(await world.exemptions.list()).toHaveLength(1);
    world.sandbox.clock.advance(60_000);
    expect((await world.done("exempt", args)).marked.findings).toBe(1);
    expect(await world.exemptions.list()).toHaveLength(1);
  });

  it.each([
    ["no end", { reason }, /^MalformedRequestError: until: is missing; write when it ends, at most 366 days/],
    ["an end that is too far", { reason, until: "2028-01-01" }, /until: is 2028-01-01, which is more than 366 days/],
    ["no reason", { until }, /reason: is missing/],
    ["another's name", { reason, until, by: zoe }, /by: is for the authenticated request to say; leave it out/],
    ["both an id and a scope", { reason, until, scope: { organization: true } }, /id: names the finding/],
  ])("refuses %s", async (_name, args, expected) => {
    const world = await operatorWorld(bob());
    expect(await world.refused("exempt", { id: world.finding.id, ...args })).toMatch(expected);
    expect(await world.exemptions.list()).toEqual([]);
  });

  it("excuses nobody of a name that IAM cannot have given", async () => {
    const world = await operatorWorld(bob());
    for (const name of [hostileNames.rightToLeft, hostileNames.newlines, "*"]) {
      const finding = { ...world.finding, id: "c".repeat(32), subject: { ...world.finding.subject, name: name ?? "" } };
      const store = { ...world.store, beginningWith: async () => [finding] };
      const args = { id: finding.id, reason, until };
      expect(await world.ask("exempt", args, ann, { store })).toMatchObject({
        ok: false,
        error: { name: "MalformedRequestError", message: expect.stringContaining("subject.pattern") },
      });
    }
  });
});

describe("unexempt", () => {
  it("ends an exemption, for whoever asked, and its finding is told anew", async () => {
    const world = await operatorWorld(bob());
    const { exemption } = await world.done("exempt", { id: world.finding.id, reason, until });
    const ended = await world.done("unexempt", { id: exemption.id }, zoe);
    expect(ended.exemption).toMatchObject({ endedBy: zoe, endedAt: expect.any(String) });
    expect(ended.marked).toEqual({ findings: 1, isWhole: true });
    const finding = await world.stored();
    expect(finding.exemption).toBeUndefined();
    expect(finding.history).toContainEqual(expect.objectContaining({ what: "exemptionEnded", by: zoe }));
    expect(world.notices.map(({ kind }) => kind)).toEqual(["exempted", "exemptionEnded"]);
    expect((await planOf(world)).holds.map(({ interlock }) => interlock)).toEqual(["optedIn"]);
    // Again: nothing is left to do, and who ended it stays.
    const again = await world.done("unexempt", { id: exemption.id }, ann);
    expect(again).toMatchObject({ exemption: { endedBy: zoe }, marked: { findings: 0 } });
  });

  it("leaves excused whom another exemption excuses", async () => {
    const world = await operatorWorld(bob());
    const { id } = world.finding;
    const longer = await world.done("exempt", { id, reason, until });
    await world.done("exempt", { id, reason, until: "2026-12-01" });
    const { exemption: other } = await world.done("exempt", { id, reason, until: "2027-02-01" });
    await world.done("unexempt", { id: other.id });
    expect((await world.stored()).exemption?.id).toBe(longer.exemption.id);
  });

  it("refuses an id that is none, and one that is not there", async () => {
    const world = await operatorWorld(bob());
    expect(await world.refused("unexempt", { id: "x" })).toMatch(/id: is the text "x"; write the id of an exemption/);
    expect(await world.refused("unexempt", { id: "0123456789abcdef" })).toBe(
      "NotFoundError: There is no exemption 0123456789abcdef.",
    );
  });
});

describe("exemptions", () => {
  it("lists them, the next to end first, with how they stand", async () => {
    const world = await operatorWorld(bob());
    const { id } = world.finding;
    for (const end of ["2026-12-31", "2026-11-21", "2026-11-25", "2027-01-31"])
      await world.done("exempt", { id, reason, until: end });
    const [first] = (await world.exemptions.list()).filter((one) => one.until.startsWith("2027"));
    await world.done("unexempt", { id: first?.id });
    world.sandbox.clock.advance(36 * 3_600_000);
    const lines = async (args: object) =>
      (await world.done("exemptions", { ...args })).items.map(
        ({ until: end, status }) => `${end.slice(0, 10)} ${status}`,
      );
    expect(await lines({})).toEqual(["2026-11-25 expiring", "2026-12-31 active"]);
    expect(await lines({ all: true })).toEqual([
      "2026-11-25 expiring",
      "2026-12-31 active",
      "2026-11-21 expired",
      "2027-01-31 ended",
    ]);
    const { items, cursor } = await world.done("exemptions", { limit: 1 });
    expect(items).toHaveLength(1);
    expect(await lines({ cursor })).toEqual(["2026-12-31 active"]);
  });
});

describe("ack", () => {
  it("records who has seen a finding, once", async () => {
    const world = await operatorWorld(bob());
    for (let time = 0; time < 2; time++) await world.done("ack", { id: world.finding.id }, zoe);
    const { history, status } = await world.stored();
    expect(status).toBe("open");
    expect(history.filter(({ what }) => what === "acknowledged")).toMatchObject([{ by: zoe }]);
  });

  it("resolves an activity, and tells the others", async () => {
    const activity = { count: 1, episodes: ["e"], lastAt: "2026-11-20T07:00:00.000Z", eventIds: ["1"] };
    const world = await operatorWorld(bob(), { finding: { activity } });
    expect(await world.done("ack", { id: world.finding.id })).toMatchObject({ finding: { status: "resolved" } });
    expect(world.notices.map(({ kind }) => kind)).toEqual(["resolved"]);
  });
});

describe("resume", () => {
  it("lets a tripped breaker begin anew, records who, and says when there is nothing to resume", async () => {
    const world = await operatorWorld(bob());
    const scope = { account: world.account.id };
    const window = { scope, hour: hourOf(world.clock()) } as const;
    const take = { window, kind: "user", allowance: { total: 1, ofKind: 1 }, at: world.clock() } as const;
    expect(await world.done("resume", { scope: scope.account })).toMatchObject({ resumed: false });
    for (const remediationId of ["a-0001", "b-0001"]) await world.breakers.take({ ...take, remediationId });
    expect(await world.done("resume", { scope: "organization" })).toMatchObject({ resumed: false });
    expect(await world.done("resume", { scope: scope.account, why: "It was a drill" }, zoe)).toMatchObject({
      resumed: true,
      trip: { remediationId: "b-0001" },
    });
    expect(await world.breakers.tripOf(window)).toBeUndefined();
    expect(world.telemetry.lines).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ by: zoe, why: "It was a drill" }) }),
    );
    expect(await world.refused("resume", { scope: "everything" })).toMatch(
      /scope: is the text "everything"; write an account id of twelve digits, or organization/,
    );
  });
});
