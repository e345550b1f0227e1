import { describe, expect, it } from "vitest";
import { MalformedInputError } from "../../shared/errors.ts";
import { notExempt } from "../../shared/remediation/not-exempt.ts";
import type { AccountRef } from "../../shared/subject.ts";
import { type Excuse, excuseFor, readyIn } from "./interlock-world.ts";
import { bob } from "./worlds.ts";

const control = "console-user-without-mfa";
const prepared = await readyIn(bob());
const member: AccountRef = { id: "111122223333", ouPath: "Root/Workloads/Prod" };

describe("notExempt", () => {
  const now = new Date("2026-11-20T08:00:00.000Z");
  const excuse: Excuse = { control, reason: "on leave", until: "2026-11-20T08:00:00.001Z", by: "ann" };
  const ask = (exemptions: () => Promise<readonly Excuse[]>, account: AccountRef | undefined = member, at = now) =>
    notExempt({ exemptions, exemptionFor: excuseFor, presentAccount: async () => account, clock: () => at })(prepared);

  it("holds what is exempt, to the last millisecond and no longer", async () => {
    expect(await ask(async () => [])).toBeUndefined();
    expect(await ask(async () => [{ ...excuse, control: "stale-access-key" }])).toBeUndefined();
    expect(await ask(async () => [excuse])).toBe(
      'It is exempt until 2026-11-20T08:00:00.001Z: ann gave the reason "on leave".',
    );
    expect(await ask(async () => [excuse], member, new Date(now.getTime() + 1))).toBeUndefined();
  });

  it("asks for the account as it is now", async () => {
    const seen: unknown[] = [];
    const exemptionFor = (_all: readonly Excuse[], about: unknown) => {
      seen.push(about);
      return undefined;
    };
    await notExempt({ exemptions: async () => [], exemptionFor, presentAccount: async () => member, clock: () => now })(
      prepared,
    );
    expect(seen).toEqual([{ control, account: member, subject: prepared.request.finding.subject }]);
  });

  it("does not hold for nothing: where the exemptions cannot be read, or the OU is not known", async () => {
    await expect(ask(() => Promise.reject(new MalformedInputError("half an item")))).rejects.toThrow("half an item");
    expect(await ask(async () => [], { id: member.id })).toMatch(/nobody can say whether an exemption holds there\.$/);
  });
});
