import { describe, expect, it } from "vitest";
import type { Denial } from "../../shared/after-care/denial.ts";
import { hearDenial } from "../../shared/after-care/hear-denial.ts";
import { createMemoryWatchStore } from "../../shared/after-care/memory-watch-store.ts";
import { DeliveryError, UnderWayError } from "../../shared/errors.ts";
import type { RepairStanding } from "../../shared/findings/finding.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { Notice } from "../../shared/notify/notice.ts";
import type { RepairMessage } from "../../shared/remediation/queue.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { aFinding, hubAccount } from "../support/findings.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";

const hourMs = 3_600_000;
const start = Date.UTC(2026, 10, 3, 8);
const iso = (hours: number): string => new Date(start + hours * hourMs).toISOString();
const app = { kind: "role", name: "app", accountId: hubAccount.id } as const;
const denial = (action: string, changes: Partial<Denial["principal"]> = {}): Denial => ({
  action,
  by: "permissionsBoundary",
  principal: { ...app, ...changes },
  at: iso(1),
  message: "",
});

const world = async (
  repair: Partial<RepairStanding> = {},
  { autoUndo = false, control = "role-without-boundary" } = {},
) => {
  const store = createMemoryStore();
  const watches = createMemoryWatchStore();
  const told: Notice[] = [];
  const sent: RepairMessage[] = [];
  const telemetry = recordedTelemetry();
  const finding = aFinding({
    control,
    subject: { kind: "role", name: "app", arn: `arn:aws:iam::${hubAccount.id}:role/app` },
  });
  const remediationId = `${finding.id}-0001`;
  const standing = { state: "repaired" as const, at: iso(0), why: "x", stage: "repair" as const, remediationId };
  await store.put({ ...finding, repair: { ...standing, ...repair } });
  await watches.put({ principal: app, findingId: finding.id, remediationId, until: iso(24) });
  const settings = defaultSettings();
  let hours = 1;
  const dependencies = {
    ...{ store, watches, telemetry, clock: () => new Date(start + hours * hourMs) },
    notifier: { publish: async (notice: Notice) => void told.push(notice) },
    repairs: { send: async (message: RepairMessage) => void sent.push(message) },
    settings: { ...settings, repairs: { ...settings.repairs, autoUndo } },
  };
  return {
    ...{ dependencies, told, sent, telemetry, remediationId },
    at: (now: number) => {
      hours = now;
    },
    hear: (heard: Denial, accountId: string = hubAccount.id, changes = {}) =>
      hearDenial({ ...dependencies, ...changes }, heard, accountId),
    now: async () => {
      const now = await store.get(hubAccount.id, finding.id);
      if (now === undefined) throw new Error("it is gone");
      return now;
    },
  };
};

describe("what AWS denies a repaired principal", () => {
  it("is told on the finding, once for each action", async () => {
    const w = await world();
    for (const action of ["s3:PutObject", "s3:PutObject", "kms:Decrypt", "s3:PutObject"]) await w.hear(denial(action));
    expect(w.told.map(({ kind }) => kind)).toEqual(["denied", "denied"]);
    expect((await w.now()).repair?.denied).toEqual(["s3:PutObject", "kms:Decrypt"]);
    expect(w.sent).toEqual([]);
  });

  it("is heard for a day", async () => {
    const w = await world();
    w.at(24);
    await w.hear(denial("s3:PutObject"));
    expect(w.told).toEqual([]);
  });

  it("is no news beyond twenty actions: whoever tries everything fills no mailbox", async () => {
    const w = await world();
    for (let index = 0; index < 40; index++) await w.hear(denial(`s3:Action${index}`));
    expect(w.told).toHaveLength(20);
  });

  it.each([
    ["another principal's", denial("s3:PutObject", { name: "App" }), hubAccount.id],
    ["a user's of the same name", denial("s3:PutObject", { kind: "user" }), hubAccount.id],
    ["said by another account's bus", denial("s3:PutObject"), "444455556666"],
    [
      "another account's principal of the same name",
      denial("s3:PutObject", { accountId: "444455556666" }),
      "444455556666",
    ],
    ["another account's principal, said here", denial("s3:PutObject", { accountId: "444455556666" }), hubAccount.id],
  ])("is not told if it is %s", async (_, heard, from) => {
    const w = await world({}, { autoUndo: true });
    await w.hear(heard, from);
    expect([w.told, w.sent]).toEqual([[], []]);
  });

  it.each(["undone", "failed", "held"] as const)("is not told once the repair is %s", async (state) => {
    const w = await world({ state }, { autoUndo: true });
    await w.hear(denial("s3:PutObject"));
    expect([w.told, w.sent]).toEqual([[], []]);
  });

  it("is not told of another remediation than the one that stands", async () => {
    const w = await world({ remediationId: "another-0002" }, { autoUndo: true });
    await w.hear(denial("s3:PutObject"));
    expect([w.told, w.sent]).toEqual([[], []]);
  });

  it("while the repair is still being made comes again", async () => {
    const w = await world({ state: "remediating" });
    await expect(w.hear(denial("s3:PutObject"))).rejects.toThrow(UnderWayError);
    expect(w.told).toEqual([]);
  });

  it("that cannot be told comes again, and is told then", async () => {
    const w = await world();
    const notifier = { publish: () => Promise.reject(new DeliveryError("SNS is down")) };
    await expect(w.hear(denial("s3:PutObject"), hubAccount.id, { notifier })).rejects.toThrow(DeliveryError);
    expect((await w.now()).outbox).toMatchObject([{ kind: "denied" }]);
    await w.hear(denial("s3:PutObject"));
    expect(w.told).toHaveLength(1);
    expect((await w.now()).outbox).toEqual([]);
  });
});

describe("where the settings undo at once", () => {
  it("the undo of just that remediation is asked for", async () => {
    const w = await world({}, { autoUndo: true });
    await w.hear(denial("s3:PutObject"));
    expect(w.sent).toMatchObject([
      {
        kind: "undo",
        accountId: hubAccount.id,
        remediationId: w.remediationId,
        by: "iam-warden (autoUndo)",
        force: false,
      },
    ]);
  });

  it("what a repair is there to deny undoes nothing", async () => {
    const w = await world({}, { autoUndo: true, control: "console-user-without-mfa" });
    await w.hear(denial("s3:PutObject"));
    expect(w.told).toHaveLength(1);
    expect(w.sent).toEqual([]);
  });

  it("an undo that could not be sent is sent by the next record, though its action was told", async () => {
    const w = await world({}, { autoUndo: true });
    const repairs = { send: () => Promise.reject(new DeliveryError("no queue")) };
    await expect(w.hear(denial("s3:PutObject"), hubAccount.id, { repairs })).rejects.toThrow("no queue");
    await w.hear(denial("s3:PutObject"));
    expect(w.told).toHaveLength(1);
    expect(w.sent).toHaveLength(1);
  });
});
