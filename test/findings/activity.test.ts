import { beforeEach, expect, test } from "vitest";
import type { Activity } from "../../shared/control.ts";
import type { CloudTrailRecord } from "../../shared/events/record.ts";
import { eventIdLimit } from "../../shared/findings/bounds.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { clearOutbox } from "../../shared/findings/outbox.ts";
import { acknowledge, reconcileActivity, resolveQuiet } from "../../shared/findings/reconcile.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { aFinding, hubAccount } from "../support/findings.ts";

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 3, 2, minute));
const day = 24 * 60;

let store: FindingStore;
beforeEach(() => {
  store = createMemoryStore();
});

const aRecord = (eventId: string, eventTime: Date): CloudTrailRecord => ({
  eventId,
  eventName: "CreateAccessKey",
  eventSource: "iam.amazonaws.com",
  eventTime,
  awsRegion: "us-east-1",
  sourceIPAddress: "198.51.100.7",
  userIdentity: { type: "Root", arn: "arn:aws:iam::111122223333:root" },
  requestParameters: {},
  responseElements: {},
  additionalEventData: {},
  serviceEventDetails: {},
});

/** A record of that episode, id and minute reaches us two minutes later. */
const root = (episode: string, eventId: string, minute: number, changes: Partial<Activity> = {}) =>
  reconcileActivity(
    store,
    hubAccount,
    "root-activity",
    {
      severity: "critical",
      reason: `Root did ${eventId}.`,
      evidence: { eventId },
      subject: { kind: "root", name: "root", arn: "arn:aws:iam::111122223333:root" },
      episode,
      startedAt: at(0),
      ...changes,
    },
    aRecord(eventId, at(minute)),
    { now: at(minute + 2) },
  );

const stored = async (): Promise<Finding> => {
  const all = await store.listAll(hubAccount.id);
  expect(all).toHaveLength(1);
  const [finding] = all;
  if (finding === undefined) throw new Error("no finding is stored");
  return finding;
};
const told = async (): Promise<void> => {
  const finding = await stored();
  for (const entry of finding.outbox) await clearOutbox(store, finding, entry, at(0));
};
const due = async () => (await stored()).outbox.map(({ kind, delivery }) => `${kind} ${delivery}`);

test("a sign-in and the calls after it are one finding, told once, with a count", async () => {
  await root("one", "a", 0);
  await told();
  for (const [index, id] of ["b", "c", "d"].entries()) await root("one", id, index + 1);
  expect(await stored()).toMatchObject({
    status: "open",
    reason: "Root did a.",
    outbox: [],
    activity: { count: 4, episodes: ["one"], lastAt: at(3).toISOString(), eventIds: ["a", "b", "c", "d"] },
    actor: { eventId: "a", eventName: "CreateAccessKey", sourceIPAddress: "198.51.100.7", region: "us-east-1" },
  });
});

test("a record that comes twice counts once, whatever came in between, also at the same moment", async () => {
  await Promise.all([root("one", "a", 0), root("one", "b", 1), root("one", "a", 0), root("one", "b", 1)]);
  await root("one", "a", 0);
  expect((await stored()).activity).toMatchObject({ count: 2, lastAt: at(1).toISOString() });
  expect((await stored()).version).toBe(2);
});

test("records without an id count by name and time", async () => {
  await root("one", "", 0);
  await root("one", "", 0);
  await root("one", "", 1);
  expect((await stored()).activity?.count).toBe(2);
});

test("a new episode is told as recurred, with what it was", async () => {
  await root("one", "a", 0);
  await told();
  await root("two", "b", 90);
  expect(await stored()).toMatchObject({
    reason: "Root did b.",
    actor: { eventId: "b" },
    activity: { count: 2, episodes: ["one", "two"] },
    history: [{ what: "opened" }, { what: "notified" }, { what: "recurred" }],
  });
  expect(await due()).toEqual(["recurred single"]);
});

test("late records of an earlier episode only count", async () => {
  await root("one", "a", 0);
  await root("two", "b", 90);
  await told();
  await root("one", "c", 5);
  expect(await stored()).toMatchObject({ reason: "Root did b.", activity: { count: 3, lastAt: at(90).toISOString() } });
  expect(await due()).toEqual([]);
});

test("worse activity in an episode is told as escalated, milder does not lower it", async () => {
  await root("one", "a", 0, { severity: "medium" });
  await told();
  await root("one", "b", 1, { severity: "critical" });
  await root("one", "c", 2, { severity: "low" });
  expect(await stored()).toMatchObject({ severity: "critical", reason: "Root did b.", activity: { count: 3 } });
  expect(await due()).toEqual(["escalated single"]);
});

test("an acknowledgement resolves it and is told; the rest of the episode does not open it again", async () => {
  await root("one", "a", 0);
  await told();
  const { id } = await stored();
  await acknowledge(store, hubAccount.id, id, "carol", at(10));
  await acknowledge(store, hubAccount.id, id, "carol", at(11));
  expect(await stored()).toMatchObject({
    status: "resolved",
    outbox: [{ kind: "resolved", delivery: "single", reason: "Acknowledged by carol." }],
    history: [{ what: "opened" }, { what: "notified" }, { what: "acknowledged", by: "carol" }, { what: "resolved" }],
  });
  await told();
  await root("one", "b", 12);
  expect(await stored()).toMatchObject({ status: "resolved", activity: { count: 2 }, outbox: [] });
});

test("a new episode after it was resolved opens it again, and counts from one", async () => {
  await root("one", "a", 0);
  await root("one", "b", 1);
  await acknowledge(store, hubAccount.id, (await stored()).id, "carol", at(10));
  await told();
  await root("two", "c", 600);
  expect(await stored()).toMatchObject({ status: "open", activity: { count: 1, episodes: ["one", "two"] } });
  expect(await due()).toEqual(["reopened single"]);
});

test("what begins after an acknowledgement opens it again, in the same episode too, and then only counts", async () => {
  await root("one", "a", 0);
  await told();
  await acknowledge(store, hubAccount.id, (await stored()).id, "carol", at(10));
  await told();
  await root("one", "b", 30, { startedAt: at(29) });
  expect(await stored()).toMatchObject({
    status: "open",
    reason: "Root did b.",
    activity: { count: 1, episodes: ["one"] },
  });
  expect(await due()).toEqual(["reopened single"]);
  await told();
  await root("one", "c", 31, { startedAt: at(29) });
  expect(await stored()).toMatchObject({ status: "open", reason: "Root did b.", activity: { count: 2 }, outbox: [] });
});

test("worse activity in an acknowledged episode opens it again", async () => {
  await root("one", "a", 0, { severity: "medium" });
  await acknowledge(store, hubAccount.id, (await stored()).id, "carol", at(10));
  await root("one", "b", 12, { severity: "critical" });
  expect(await stored()).toMatchObject({ status: "open", severity: "critical" });
});

test("goes quiet after 24 hours without a record, for the digest", async () => {
  await root("one", "a", 0);
  await root("one", "b", 30);
  await told();
  await resolveQuiet(store, await stored(), at(day + 29), "r1");
  expect((await stored()).status).toBe("open");
  await resolveQuiet(store, await stored(), at(day + 30), "r1");
  expect(await stored()).toMatchObject({
    status: "resolved",
    outbox: [{ kind: "resolved", delivery: "digest", runId: "r1" }],
  });
});

test("knows of each opening whether all of it was only tried", async () => {
  const onlyAttempts = async () => (await stored()).activity?.onlyAttempts;
  await root("try", "a", 0, { isAttempt: true });
  expect(await onlyAttempts()).toBe(true);
  await root("try", "b", 1, { isAttempt: true });
  expect(await onlyAttempts()).toBe(true);
  await root("use", "c", 2);
  expect(await onlyAttempts()).toBeUndefined();
  await root("try again", "d", 3, { isAttempt: true });
  expect(await onlyAttempts()).toBeUndefined();
  await acknowledge(store, hubAccount.id, (await stored()).id, "carol", at(20));
  await root("try later", "e", 60, { isAttempt: true, startedAt: at(60) });
  expect(await stored()).toMatchObject({ status: "open", activity: { count: 1, onlyAttempts: true } });
  await root("use", "f", 61, { startedAt: at(61) });
  expect(await onlyAttempts()).toBeUndefined();
});

test("goes quiet after a record from the future, too", async () => {
  const { now, record } = { now: at(0), record: aRecord("a", new Date("9999-12-31T23:59:59Z")) };
  const activity: Activity = {
    severity: "critical",
    reason: "Root did a.",
    evidence: {},
    subject: { kind: "root", name: "root", arn: "arn:aws:iam::111122223333:root" },
    episode: "one",
    startedAt: record.eventTime,
  };
  await reconcileActivity(store, hubAccount, "root-activity", activity, record, { now });
  expect(await stored()).toMatchObject({ observedAt: now.toISOString(), activity: { lastAt: now.toISOString() } });
  await resolveQuiet(store, await stored(), at(day));
  expect((await stored()).status).toBe("resolved");
});

test("goes quiet by what is stored, not by the finding as somebody read it earlier", async () => {
  const early = await root("one", "a", 0);
  await root("one", "b", day);
  if (early) await resolveQuiet(store, early, at(day + 10));
  expect((await stored()).status).toBe("open");
});

test("keeps the last event ids", async () => {
  for (let index = 0; index < eventIdLimit + 20; index++) await root("one", `e${index}`, 0);
  const { activity } = await stored();
  expect(activity?.count).toBe(eventIdLimit + 20);
  expect(activity?.eventIds).toHaveLength(eventIdLimit);
  expect(activity?.eventIds.at(-1)).toBe(`e${eventIdLimit + 19}`);
});

test("an acknowledged state that still violates stays open, with the acknowledgement kept once", async () => {
  const finding = aFinding();
  await store.put(finding);
  await acknowledge(store, hubAccount.id, finding.id, "carol", at(20));
  await acknowledge(store, hubAccount.id, finding.id, "carol", at(21));
  expect(await stored()).toMatchObject({
    status: "open",
    version: 2,
    outbox: [],
    history: [{}, { what: "acknowledged", by: "carol" }],
  });
  await resolveQuiet(store, finding, at(day * 3));
  expect((await stored()).status).toBe("open");
});

test("there is nothing to acknowledge where there is no finding", async () => {
  expect(await acknowledge(store, hubAccount.id, "0".repeat(32), "carol", at(1))).toBeUndefined();
});

test("what root does is its account's owner's, and stays so while nobody can read who that is", async () => {
  const note = (owner: string | undefined, id: string) =>
    reconcileActivity(
      store,
      { ...hubAccount, ...(owner !== undefined && { owner }) },
      "root-activity",
      {
        ...{ severity: "critical", reason: "Root signed in.", evidence: {}, episode: id, startedAt: at(0) },
        subject: { kind: "root", name: "root", arn: "arn:aws:iam::111122223333:root" },
      },
      aRecord(id, at(0)),
      { now: at(2) },
    );
  for (const [owner, id, expected] of [
    ["payments", "a", "payments"],
    [undefined, "b", "payments"],
    ["platform", "c", "platform"],
  ] as const) {
    await note(owner, id);
    expect((await stored()).owners).toEqual([expected]);
  }
});
