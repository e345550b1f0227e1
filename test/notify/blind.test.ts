import { describe, expect, test } from "vitest";
import type { BlindNotice } from "../../shared/notify/notice.ts";
import { snsMessage } from "../../shared/notify/sns.ts";
import { hostileNames, hubAccount } from "../support/findings.ts";
import { published, unwrapped } from "../support/published-notice.ts";

const at = "2026-11-10T07:30:00.000Z";
const since = "2026-11-10T06:00:04.000Z";
const one = { account: hubAccount, since, lastArrivedAt: "2026-11-09T06:01:00.000Z" };
const aNotice = (changes: Partial<BlindNotice> = {}): BlindNotice => ({
  kind: "blindAccounts",
  at,
  blind: [one],
  seeing: [],
  stillBlind: 0,
  ...changes,
});

describe("a notice of blind accounts", () => {
  test("says which, since when, what it means, and how to find out why", () => {
    const { subject, email, chat, attributes } = published(aNotice({ stillBlind: 2 }));
    expect(subject).toBe("[ACCOUNTS BLIND] no event arrives from payments-prod (111122223333)");
    const line = unwrapped(email);
    for (const text of [
      "nothing that happens there is seen before the next daily sweep",
      "payments-prod (111122223333), in Root/Workloads/Prod: the mark of 2026-11-10 06:00:04 UTC is missed, the last arrived 25 hours ago",
      "2 accounts blind since earlier",
      "warden doctor --account 111122223333",
    ])
      expect(line).toContain(text);
    expect(chat.content.title).toContain("no event arrives from `payments-prod` (111122223333)");
    expect(attributes).toEqual({
      kind: "blindAccounts",
      severity: "critical",
      account: "111122223333",
      ouPath: "Root/Workloads/Prod",
    });
  });

  test("says which see again", () => {
    const { subject, email } = published(aNotice({ blind: [], seeing: [hubAccount] }));
    expect(subject).toBe("[ACCOUNTS SEE AGAIN] events arrive again from payments-prod (111122223333)");
    expect(unwrapped(email)).toContain("What happened meanwhile, the next daily sweep finds");
  });

  test.each([
    ["plain names", (index: number) => `account-${index}`],
    ["hostile names", (index: number) => Object.values(hostileNames)[index % 19] ?? ""],
  ])("of a thousand with %s is one message that fits, is about no single one, and counts the rest", (_what, name) => {
    const blind = Array.from({ length: 1_000 }, (_, index) => ({
      account: { id: String(100_000_000_000 + index), name: name(index), ouPath: "Root" },
      since,
    }));
    const message = snsMessage(aNotice({ blind, seeing: [hubAccount] }));
    expect(Buffer.byteLength(message.Message)).toBeLessThanOrEqual(240 * 1024);
    const { subject, email, attributes } = published(aNotice({ blind, seeing: [hubAccount] }));
    expect(subject).toBe("[ACCOUNTS BLIND] no event arrives from 1,000 accounts");
    expect(unwrapped(email)).toContain("and 970 accounts more");
    expect(unwrapped(email)).toContain("none ever arrived");
    expect(attributes).toEqual({ kind: "blindAccounts", severity: "critical" });
  });
});
