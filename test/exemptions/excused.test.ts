import { describe, expect, it } from "vitest";
import { readExcused } from "../../shared/exemptions/excused.ts";
import { createMemoryExemptionStore } from "../../shared/exemptions/memory-store.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";
import { anExemption, days, now } from "./exemptions.ts";

describe("what an OU's exemption excused", () => {
  const exemption = anExemption();
  const about = {
    control: "stale-access-key",
    account: { id: "111122223333", ouPath: "Root/Workloads/Prod" },
    subject: { kind: "accessKey", name: "ci-1", accessKeyId: "AKIACI1", arn: "arn:aws:iam::111122223333:user/ci-1" },
  } as const;
  const unplaced = { ...about, account: { id: about.account.id } };
  const { id, by, reason, until } = exemption;
  const before = { id, by, reason, until };

  const excusedAt = async (at: Date, stored = exemption) => {
    const exemptions = createMemoryExemptionStore();
    await exemptions.put(stored);
    return readExcused({ exemptions, telemetry: recordedTelemetry(), clock: () => at });
  };

  it("stays so while nobody can tell the account's OU, as long as it lasts", async () => {
    const excused = await excusedAt(now);
    expect(excused(about)).toEqual(before);
    expect(excused({ ...unplaced, exemption: before })).toEqual(before);
    expect((await excusedAt(days(31)))({ ...unplaced, exemption: before })).toBeUndefined();
  });

  it("is nothing new there, nor what moved to another OU, nor what an account's exemption excused", async () => {
    const excused = await excusedAt(now);
    expect(excused(unplaced)).toBeUndefined();
    const moved = { ...about, account: { id: about.account.id, ouPath: "Root/Quiet" }, exemption: before };
    expect(excused(moved)).toBeUndefined();
    const elsewhere = await excusedAt(now, anExemption({ scope: { account: "444455556666" } }));
    expect(elsewhere({ ...unplaced, exemption: before })).toBeUndefined();
  });
});
