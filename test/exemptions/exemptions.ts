import type { Exemption } from "../../shared/exemptions/exemption.ts";
import { newExemption } from "../../shared/exemptions/new-exemption.ts";

export const now = new Date("2026-11-03T12:00:00.000Z");
export const days = (count: number, from = now): Date => new Date(from.getTime() + count * 24 * 3_600_000);
export const caller = "arn:aws:sts::111122223333:assumed-role/Security/ann";

/** What somebody may send to excuse the old keys of `ci-*` in the production OU for thirty days. */
export const aRequest = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  controls: ["stale-access-key"],
  scope: { ou: "Root/Workloads/Prod" },
  subject: { kind: "accessKey", pattern: "ci-*" },
  reason: "The vendor cannot rotate before its next release",
  until: days(30).toISOString(),
  ...changes,
});

/** The exemption made of that request. */
export const anExemption = (changes: Record<string, unknown> = {}, at = now): Exemption =>
  newExemption(aRequest(changes), { by: caller, now: at });
