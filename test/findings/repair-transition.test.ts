import { describe, expect, test } from "vitest";
import { compliant, violation } from "../../shared/control.ts";
import { exempted, exemptionEnded } from "../../shared/findings/exemption-transition.ts";
import type { Finding, FindingExemption, RepairStanding } from "../../shared/findings/finding.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { clearOutbox } from "../../shared/findings/outbox.ts";
import { type ReconcileOptions, reconcile } from "../../shared/findings/reconcile.ts";
import {
  approved,
  denied,
  failed,
  held,
  released,
  remediating,
  repaired,
  undone,
  undoRefused,
} from "../../shared/findings/repair-transition.ts";
import { isExempt, shownStatus } from "../../shared/findings/standing-of.ts";
import { reopened, resolved } from "../../shared/findings/transition.ts";
import { reminded, unwarned, warned } from "../../shared/findings/warning-transition.ts";
import type { Judgement } from "../../shared/judgement/judgement.ts";
import { aFinding, hubAccount } from "../support/findings.ts";

const day = (count: number): Date => new Date(Date.UTC(2026, 10, 3 + count, 8));
const inDigest = (count: number) => ({ now: day(count), delivery: "digest" as const });
const standing = (over: Partial<RepairStanding> = {}) => ({ why: "It complies.", stage: "repair" as const, ...over });
const news = ({ outbox }: Finding) => outbox.map(({ kind, delivery }) => `${kind} ${delivery}`);
const exemption = (over: Partial<FindingExemption> = {}): FindingExemption => ({
  id: "e1",
  by: "arn:aws:iam::111122223333:user/alice",
  reason: "Migrates to SSO in December",
  until: day(30).toISOString(),
  ...over,
});

describe("what holds a repair", () => {
  const byUse = standing({ interlock: "blastRadius", why: "The key was used at 08:00." });

  test("is told in the digest, once for each interlock", () => {
    const first = held(aFinding(), byUse, day(1));
    expect(news(first)).toEqual(["held digest"]);
    expect(shownStatus(first, day(1))).toBe("held");
    expect(held(first, byUse, day(2))).toBe(first);

    const later = held({ ...first, outbox: [] }, { ...byUse, why: "The key was used at 09:00." }, day(2));
    expect(later.outbox).toEqual([]);
    expect(later.repair).toMatchObject({ why: "The key was used at 09:00.", at: day(1).toISOString() });

    const other = held(later, { ...byUse, interlock: "notProtected", why: "It is protected." }, day(3));
    expect(news(other)).toEqual(["held digest"]);
    expect(other.history.filter(({ what }) => what === "held")).toHaveLength(2);
  });

  test("is only kept where somebody else tells of it", () => {
    const finding = held(aFinding(), { ...byUse, interlock: "withinBreaker" }, day(1), false);
    expect(finding.outbox).toEqual([]);
    expect(finding.repair?.state).toBe("held");
  });

  test("is forgotten, told or not, once it does not hold any more", () => {
    const finding = released(held(aFinding(), byUse, day(1)));
    expect(finding.repair).toBeUndefined();
    expect(finding.outbox).toEqual([]);
    expect(released(finding)).toBe(finding);
  });

  test("is told again to whoever approved it meanwhile", () => {
    const first = { ...held(aFinding(), byUse, day(1)), outbox: [] };
    const approval = { by: "alice", at: day(2).toISOString(), digest: "d", stage: "repair", why: "Agreed." } as const;
    const again = held(approved(first, approval), byUse, day(3));
    expect(news(again)).toEqual(["held digest"]);
    expect(again.repair?.at).toBe(day(3).toISOString());
    expect(held(again, byUse, day(4))).toBe(again);
  });

  test("is not forgotten of a repair that was begun, by whatever comes", () => {
    const begun = held(aFinding(), { ...byUse, remediationId: "r-0001" }, day(1));
    expect(released(begun)).toBe(begun);
    expect(unwarned(begun)).toBe(begun);
    expect(exempted(begun, exemption(), inDigest(2)).repair).toEqual(begun.repair);
    expect(released(begun, { wroteNothing: true }).repair).toBeUndefined();
  });

  test("is forgotten where nothing is to be repaired any more", () => {
    const after = unwarned(held(aFinding(), byUse, day(1)));
    expect([after.repair, after.outbox]).toEqual([undefined, []]);
  });

  test("holds no more once the repair is begun", () => {
    const begun = remediating(held(aFinding(), byUse, day(1)), { ...standing(), by: "alice" }, day(2));
    expect(begun.outbox).toEqual([]);
  });

  test("concerns nobody once the violation is over", () => {
    const finding = resolved(held(aFinding(), byUse, day(1)), "It complies now.", day(2), inDigest(2));
    expect(news(finding)).toEqual(["resolved digest"]);
  });
});

describe("an undo that is refused", () => {
  const repairedOne = repaired(
    aFinding(),
    standing({ remediationId: "r-0001" }),
    { resolves: true, asOf: day(7), by: "the ladder" },
    day(7),
  );

  test("is told, and leaves the repair as it stands", () => {
    const refused = undoRefused({ ...repairedOne, outbox: [] }, "The key is gone.", day(8));
    expect(news(refused)).toEqual(["failed single"]);
    expect([refused.status, refused.repair]).toEqual(["resolved", repairedOne.repair]);
    expect(undoRefused({ ...refused, outbox: [] }, "The key is gone.", day(8))).toMatchObject({ outbox: [] });
    expect(news(undoRefused({ ...refused, outbox: [] }, "Another reason.", day(8)))).toEqual(["failed single"]);
    expect(news(undoRefused({ ...refused, outbox: [] }, "The key is gone.", day(10)))).toEqual(["failed single"]);
  });
});

describe("a repair", () => {
  const underWay = remediating(aFinding(), { ...standing({ remediationId: "r-0001" }), by: "the ladder" }, day(7));
  const outcome = { resolves: true, asOf: day(7), by: "the ladder" };

  test("that the control agrees with resolves the finding in one notice", () => {
    const finding = repaired(underWay, standing({ remediationId: "r-0001" }), outcome, day(7));
    expect(finding.status).toBe("resolved");
    expect(news(finding)).toEqual(["repaired single"]);
    expect(finding.history.map(({ what }) => what)).toEqual(["opened", "remediating", "repaired", "resolved"]);
    expect(finding.version).toBe(underWay.version + 1);
  });

  test("that an event saw first is told instead of the resolution", () => {
    const seen = resolved(underWay, "It complies now.", day(7), { now: day(7), delivery: "single" });
    expect(news(seen)).toEqual(["resolved single"]);
    const finding = repaired(seen, standing({ remediationId: "r-0001" }), outcome, day(7));
    expect(news(finding)).toEqual(["repaired single"]);
    expect(finding.history.filter(({ what }) => what === "resolved")).toHaveLength(1);
  });

  test("that is seen by an event later is not told twice", () => {
    const contained = repaired(
      underWay,
      standing({ remediationId: "r-0001" }),
      { ...outcome, resolves: false },
      day(7),
    );
    expect(contained.status).toBe("open");
    const finding = resolved(contained, "It complies now.", day(8), inDigest(8));
    expect(news(finding)).toEqual(["repaired single"]);
  });

  test("that was recorded is recorded once", () => {
    const finding = repaired(underWay, standing({ remediationId: "r-0001" }), { ...outcome, resolves: false }, day(7));
    expect(repaired(finding, standing({ remediationId: "r-0001" }), { ...outcome, resolves: false }, day(8))).toBe(
      finding,
    );
    expect(remediating(underWay, { ...standing({ remediationId: "r-0001" }), by: "again" }, day(8))).toBe(underWay);
  });

  test("that failed is told at once, each time", () => {
    const finding = failed(underWay, standing({ why: "IAM refused it." }), day(7));
    expect(news(finding)).toEqual(["failed single"]);
    expect(shownStatus(finding, day(7))).toBe("failed");
    expect(failed(finding, standing({ why: "IAM refused it." }), day(8)).history.at(-1)?.at).toBe(day(8).toISOString());
  });

  test("that was undone stays so, over a reopening too, and drops the approval it had", () => {
    const approval = { by: "alice", at: day(6).toISOString(), digest: "d", stage: "repair", why: "checked" } as const;
    const done = repaired(approved(underWay, approval), standing({ remediationId: "r-0001" }), outcome, day(7));
    expect(done.approval).toBeUndefined();
    const back = undone(done, { ...standing({ remediationId: "r-0001", why: "It broke." }), by: "bob" }, day(8));
    expect(news(back)).toEqual(["repaired single", "undone single"]);
    expect(back.history.at(-1)).toMatchObject({ what: "undone", by: "bob" });
    const again = reopened(back, { ...back, evidence: {}, asOf: day(8) }, { now: day(8), delivery: "single" });
    expect(again.repair?.state).toBe("undone");
  });

  test("waits for its last step, resolved or not, until that is done, undone or needless", async () => {
    const store = createMemoryStore();
    const due = day(30).toISOString();
    const done = repaired(underWay, standing({ remediationId: "r-0001" }), { ...outcome, finishDueAt: due }, day(7));
    await store.put({ ...done, outbox: [], version: 1 });
    expect((await store.listActive(hubAccount.id)).map(({ finishDueAt }) => finishDueAt)).toEqual([due]);
    expect(undone(done, { ...standing(), by: "bob" }, day(8)).finishDueAt).toBeUndefined();
    expect(unwarned(done).finishDueAt).toBeUndefined();
    const telling = { now: day(8), delivery: "single" as const };
    expect(reopened(done, { ...done, evidence: {}, asOf: day(8) }, telling).finishDueAt).toBeUndefined();
  });

  test("names each action that AWS denies since, once, in one notice", () => {
    const done = repaired(underWay, standing({ remediationId: "r-0001" }), { ...outcome, resolves: false }, day(7));
    const told: Finding = { ...done, outbox: [] };
    const one = denied(told, { remediationId: "r-0001", action: "s3:GetObject" }, day(7));
    const two = denied(one, { remediationId: "r-0001", action: "s3:PutObject" }, day(7));
    expect(denied(two, { remediationId: "r-0001", action: "s3:GetObject" }, day(7))).toBe(two);
    expect(news(two)).toEqual(["denied single"]);
    expect(two.outbox[0]?.reason).toContain("s3:GetObject, s3:PutObject");
    expect(denied(told, { remediationId: "r-0002", action: "s3:GetObject" }, day(7))).toBe(told);
    const many = Array.from({ length: 30 }, (_, index) => `s3:Action${index}`).reduce(
      (finding, action) => denied(finding, { remediationId: "r-0001", action }, day(7)),
      told,
    );
    expect(many.repair?.denied).toHaveLength(20);
  });
});

describe("the clock of a ladder", () => {
  const seen: Judgement = {
    control: "console-user-without-mfa",
    severity: "high",
    account: hubAccount,
    subject: { kind: "user", name: "alice", arn: "arn:aws:iam::111122223333:user/alice" },
    verdict: violation("User alice has no MFA device.", {}),
    asOf: day(0),
  };
  const open = async (options: Partial<ReconcileOptions>) => {
    const store = createMemoryStore();
    const finding = await reconcile(store, seen, { now: day(0), delivery: "single", ...options });
    const [entry] = finding?.outbox ?? [];
    if (finding === undefined || entry === undefined) throw new Error("nothing opened");
    return { store, told: () => clearOutbox(store, finding, entry, day(1)) };
  };

  test("starts with the first delivered notice that says when it will be repaired", async () => {
    const { told } = await open({ repairAfterHours: 168 });
    expect(await told()).toMatchObject({ notifiedAt: day(1).toISOString(), warnedAt: day(1).toISOString() });
  });

  test("does not start with a notice that says nothing of a repair", async () => {
    const { told } = await open({});
    const finding = await told();
    expect(finding).toMatchObject({ notifiedAt: day(1).toISOString() });
    expect(finding?.warnedAt).toBeUndefined();
    expect(finding && warned(finding, day(2))).toMatchObject({ warnedAt: day(2).toISOString() });
  });

  test("starts once, and anew where nothing was to be repaired in between", () => {
    const finding = warned(aFinding(), day(1));
    expect(warned(finding, day(2))).toBe(finding);
    expect(unwarned(reminded(finding, day(7).toISOString(), day(6)))).not.toHaveProperty("reminded");
    expect(warned(unwarned(finding), day(9)).warnedAt).toBe(day(9).toISOString());
  });

  test("starts anew when the violation is back", async () => {
    const { store, told } = await open({ repairAfterHours: 168 });
    await told();
    await reconcile(store, { ...seen, verdict: compliant, asOf: day(2) }, inDigest(2));
    const back = await reconcile(store, { ...seen, asOf: day(3) }, inDigest(3));
    expect(back).toMatchObject({ status: "open", history: expect.anything() });
    expect(back?.warnedAt).toBeUndefined();
  });

  test("keeps the last reminder", () => {
    const finding = reminded(aFinding(), day(7).toISOString(), day(6));
    expect(finding.reminded).toEqual({ dueAt: day(7).toISOString(), at: day(6).toISOString() });
    expect(reminded(finding, day(7).toISOString(), day(6))).toBe(finding);
    expect(reminded(finding, day(7).toISOString(), day(7)).reminded?.at).toBe(day(7).toISOString());
  });
});

describe("an exemption", () => {
  test("of what was told is told, and forgets the warnings", () => {
    const before = warned(aFinding({ notifiedAt: day(0).toISOString() }), day(0));
    const finding = exempted(before, exemption(), inDigest(1));
    expect(news(finding)).toEqual(["exempted digest"]);
    expect(finding).not.toHaveProperty("warnedAt");
    expect(shownStatus(finding, day(29))).toBe("exempt");
    expect(exempted(finding, exemption(), inDigest(2))).toBe(finding);
  });

  test("of what is critical is told at once", () => {
    const finding = aFinding({ severity: "critical", notifiedAt: day(0).toISOString() });
    expect(news(exempted(finding, exemption(), inDigest(1)))).toEqual(["exempted single"]);
  });

  test("excuses nothing from the moment it is over, whoever has noticed that yet", () => {
    const finding = exempted(aFinding(), exemption(), inDigest(1));
    expect(isExempt(finding, new Date(day(30).getTime() - 1))).toBe(true);
    expect(isExempt(finding, day(30))).toBe(false);
    expect(shownStatus(finding, day(30))).toBe("open");
  });

  test("that ended is told, and what it excused is told with it", async () => {
    const store = createMemoryStore();
    const excused = exempted(aFinding(), exemption(), inDigest(1));
    expect(excused.outbox).toEqual([]);
    const over = exemptionEnded(excused, inDigest(30));
    expect(news(over)).toEqual(["exemptionEnded digest"]);
    expect(exemptionEnded(over, inDigest(31))).toBe(over);
    await store.put({ ...over, version: 1 });
    const [entry] = over.outbox;
    expect(entry && (await clearOutbox(store, over, entry, day(31)))?.notifiedAt).toBe(day(31).toISOString());
  });

  test("is not told of a resolution either", () => {
    const finding = resolved(exempted(aFinding(), exemption(), inDigest(1)), "It complies now.", day(2), inDigest(2));
    expect(finding.outbox).toEqual([]);
    expect(finding.exemption).toBeUndefined();
  });
});

describe("what is judged", () => {
  const judgement: Judgement = {
    control: "console-user-without-mfa",
    severity: "high",
    account: hubAccount,
    subject: { kind: "user", name: "alice", arn: "arn:aws:iam::111122223333:user/alice" },
    verdict: violation("User alice has no MFA device.", {}),
    asOf: day(0),
  };
  const excused = () => exemption();
  const nobody = () => undefined;

  test("and excused opens without a word, and is told when it is excused no more", async () => {
    const store = createMemoryStore();
    const finding = await reconcile(store, judgement, { ...inDigest(0), excused });
    expect(finding).toMatchObject({ status: "open", version: 1, outbox: [], exemption: { id: "e1" } });
    const same = await reconcile(store, { ...judgement, asOf: day(1) }, { ...inDigest(1), excused });
    expect(same?.version).toBe(1);
    const ended = await reconcile(store, { ...judgement, asOf: day(2) }, { ...inDigest(2), excused: nobody });
    expect(ended && news(ended)).toEqual(["exemptionEnded digest"]);
    expect(ended?.version).toBe(2);
  });

  test("stays as it is where nobody can ask who is excused", async () => {
    const store = createMemoryStore();
    await reconcile(store, judgement, { ...inDigest(0), excused });
    const finding = await reconcile(store, { ...judgement, asOf: day(1) }, inDigest(1));
    expect(finding?.exemption?.id).toBe("e1");
    const other = { ...judgement, subject: { ...judgement.subject, name: "bob" } };
    expect((await reconcile(store, other, inDigest(1)))?.exemption).toBeUndefined();
  });

  test("under the name of a user who is gone is told anew: nobody was warned of this one, and what was undone was another's", async () => {
    const store = createMemoryStore();
    const first = await reconcile(
      store,
      { ...judgement, principalId: "AIDA1" },
      { ...inDigest(0), repairAfterHours: 168 },
    );
    if (first === undefined) throw new Error("nothing opened");
    const [entry] = first.outbox;
    const told = entry && (await clearOutbox(store, first, entry, day(0)));
    if (told === undefined) throw new Error("nothing was told");
    await store.put(undone(told, { ...standing({ remediationId: "r-0001" }), by: "bob" }, day(1)));

    const same = await reconcile(store, { ...judgement, principalId: "AIDA1", asOf: day(2) }, inDigest(2));
    expect(same).toMatchObject({ warnedAt: day(0).toISOString(), repair: { state: "undone" } });
    const other = await reconcile(store, { ...judgement, principalId: "AIDA2", asOf: day(3) }, inDigest(3));
    expect(other).toMatchObject({ status: "open", principalId: "AIDA2", openedAt: day(3).toISOString() });
    expect(other && news(other)).toContain("reopened digest");
    expect(other?.warnedAt).toBeUndefined();
    expect(other?.repair).toBeUndefined();
  });

  test("and excused is not told to have become worse", async () => {
    const store = createMemoryStore();
    await reconcile(store, judgement, { ...inDigest(0), excused });
    const worse = { ...judgement, severity: "critical" as const, asOf: day(1) };
    expect(await reconcile(store, worse, { ...inDigest(1), excused })).toMatchObject({
      severity: "critical",
      outbox: [],
      version: 2,
    });
  });
});
