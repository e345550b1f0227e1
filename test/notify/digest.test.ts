import { describe, expect, test } from "vitest";
import type { DigestItem } from "../../shared/notify/notice.ts";
import { aDigest, none } from "../support/digest.ts";
import { hostileNames, hubAccount } from "../support/findings.ts";
import { published } from "../support/published-notice.ts";

const itemAbout = (name: string, changes: Partial<DigestItem> = {}): DigestItem => ({
  kind: "opened",
  severity: "high",
  control: "console-user-without-mfa",
  account: hubAccount,
  subject: { kind: "user", name, arn: `arn:${name}` },
  reason: `User ${name} has no MFA device.`,
  finding: "edfa49b701e9129876733b41b7e939da",
  toldAlone: false,
  ...changes,
});

describe("a digest", () => {
  test("without news says that everything was looked at", () => {
    const { subject, email, attributes } = published({ kind: "digest", digest: aDigest() });
    expect(subject).toBe("[iam-warden] nothing new");
    expect(email).toContain("Sweep sweep-2026-11-03, told on 2026-11-03 04:20:00 UTC: 12 accounts swept.");
    expect(attributes).toEqual({ kind: "digest" });
  });

  test.each([
    ["a read that failed", { gaps: [{ gap: "iam:ListVirtualMFADevices was denied", accounts: 1 }] }],
    ["unknown verdicts", { unknownVerdicts: 3 }],
    ["findings that cannot be read", { unreadable: [{ account: hubAccount, error: "no finding" }] }],
  ])("without news says in its subject that not all was seen: %s", (_, seen) => {
    const coverage = { ...aDigest().coverage, ...seen };
    const { subject } = published({ kind: "digest", digest: aDigest({ coverage }) });
    expect(subject).toBe("[iam-warden] nothing new; not all could be read");
  });

  test("tells numbers, what could not be seen, and the worst of each list", () => {
    const digest = aDigest({
      news: { critical: 1, high: 1, medium: 0, low: 0 },
      toldAlone: 1,
      resolved: 1,
      open: { critical: 1, high: 40, medium: 2_000, low: 0 },
      controls: [
        {
          id: "root-without-mfa",
          title: "Root user has no MFA device",
          severity: "critical",
          news: 1,
          resolved: 0,
          open: 1,
          exempt: 0,
          held: 0,
        },
      ],
      accounts: [
        {
          account: hubAccount,
          news: { ...none, critical: 1, high: 1 },
          resolved: 1,
          open: { ...none, high: 40 },
          exempt: 7,
          held: 3,
        },
      ],
      exempt: { ...none, high: 7 },
      held: 3,
      repairNews: [
        { kind: "held", counts: { ...none, high: 2 } },
        { kind: "exempted", counts: { ...none, low: 1 } },
      ],
      toBeRepaired: [
        { control: "root-without-mfa", afterHours: 0, count: 1 },
        { control: "console-user-without-mfa", afterHours: 168, count: 1_200 },
      ],
      repairItems: [itemAbout("carol", { kind: "held", reason: "Its key was used yesterday." })],
      items: [
        itemAbout("root", {
          severity: "critical",
          toldAlone: true,
          subject: { kind: "root", name: "root", arn: "" },
          control: "root-without-mfa",
        }),
        itemAbout("alice", { kind: "reopened" }),
      ],
      resolvedItems: [itemAbout("bob", { kind: "resolved", reason: "It complies now." })],
      coverage: {
        swept: 10,
        failed: [
          { account: { id: "777788889999", name: "sandbox" }, error: "AccessDeniedError: sts:AssumeRole was denied" },
        ],
        missing: [{ id: "000011112222" }],
        unreadable: [{ account: hubAccount, error: "MalformedInputError: The stored finding is none" }],
        unknownVerdicts: 7,
        unknownCauses: [{ cause: "iam:ListMFADevices was denied", count: 7, accounts: 2 }],
        gaps: [{ gap: "iam:GetAccountSummary was denied", accounts: 1 }],
      },
    });
    const { subject, email, chat, attributes } = published({ kind: "digest", digest });
    expect(subject).toBe(
      "[iam-warden] new: 1 critical, 1 high; 1 resolved; 2 accounts NOT swept; 2 repairs held; 1 excused",
    );
    expect(attributes).toEqual({ kind: "digest", severity: "critical" });
    for (const text of [
      "10 of 12 accounts swept",
      "New       1 critical, 1 high, 1 of them told on their own",
      "Open now  1 critical, 40 high, 2,000 medium",
      "- sandbox (777788889999): AccessDeniedError: sts:AssumeRole was denied",
      "- account 000011112222: the sweep gave no result",
      "- payments-prod (111122223333), in Root/Workloads/Prod: MalformedInputError: The stored finding is none",
      "- 7 verdicts in 2 accounts: iam:ListMFADevices was denied",
      "- in 1 account: iam:GetAccountSummary was denied",
      "- high, back again: user alice in payments-prod (111122223333): User alice has no MFA device. [console-user-without-mfa]",
      "[root-without-mfa, told on its own]",
      "- high: user bob in payments-prod (111122223333): It complies now.",
      "Repairs   2 repairs held, 1 excused",
      "- 1 of root-without-mfa: within the hour",
      "- 1,200 of console-user-without-mfa: 7 days after this digest, not before 2026-11-10 04:20:00 UTC",
      'warden exempt FINDING_ID --until 2026-12-03 --reason "…"',
      "To see what a held repair would do, and what that would cut off: warden plan FINDING_ID",
      "Exempt    7 high: still there, and excused",
      "Held      3 repairs, each waiting for what holds it",
      "open now 40 high; 7 exempt; 3 held",
      "- high, repair held: user carol in payments-prod (111122223333): Its key was used yesterday. [console-user-without-mfa] edfa49b701e9129876733b41b7e939da",
      "… and 2 more notices",
      "root-without-mfa, critical: Root user has no MFA device",
    ])
      expect(email.replace(/\s*\n\s*/g, " ")).toContain(text);
    for (const text of [
      "`sandbox` (777788889999): AccessDeniedError",
      "7 verdicts unknown",
      "*Findings cannot be read:*",
      "*Open now:* 1 critical",
      "*Exempt:* 7 high",
      "• 1,200 of `console-user-without-mfa`: 7 days after this digest",
      "*Held:* 3 repairs",
      "• high, repair held: user `carol` in `payments-prod` (111122223333) – console-user-without-mfa `edfa",
    ])
      expect(chat.content.description).toContain(text);
  });

  test("of a run that swept nothing says so", () => {
    const coverage = { ...aDigest().coverage, swept: 0 };
    expect(published({ kind: "digest", digest: aDigest({ coverage }) }).email).toContain("no account was swept");
  });

  test("of hostile names and thousands of entries fits, is harmless, and counts what it leaves out", () => {
    const names = Object.values(hostileNames);
    const text = (index: number): string => `${names[index % names.length] ?? ""}${index}`;
    const account = (index: number) => ({ id: "111122223333", name: text(index), ouPath: text(index) });
    const many = <T>(count: number, make: (index: number) => T): T[] =>
      Array.from({ length: count }, (_, index) => make(index));
    const digest = aDigest({
      runId: text(3),
      news: { ...none, high: 120_000 },
      resolved: 5_000,
      items: many(200, (index) =>
        itemAbout(text(index), { account: account(index), reason: text(index).repeat(20), control: text(index) }),
      ),
      toBeRepaired: many(500, (index) => ({ control: text(index), afterHours: index, count: 1 })),
      repairNews: [{ kind: "held", counts: { ...none, high: 3_000 } }],
      repairItems: many(200, (index) => itemAbout(text(index), { kind: "held", reason: text(index).repeat(20) })),
      resolvedItems: many(200, (index) => itemAbout(text(index), { kind: "resolved", reason: text(index) })),
      accounts: many(3_000, (index) => ({
        account: account(index),
        news: none,
        resolved: 0,
        open: none,
        exempt: 0,
        held: 0,
      })),
      controls: many(40, (index) => ({
        id: `control-${index}`,
        title: text(index),
        severity: "high",
        news: 1,
        resolved: 0,
        open: 1,
        exempt: 0,
        held: 0,
      })),
      coverage: {
        swept: 0,
        failed: many(400, (index) => ({ account: account(index), error: text(index) })),
        missing: many(400, account),
        unreadable: many(400, (index) => ({ account: account(index), error: text(index) })),
        unknownVerdicts: 9,
        unknownCauses: many(500, (index) => ({ cause: text(index), count: 1, accounts: 1 })),
        gaps: many(500, (index) => ({ gap: text(index), accounts: 1 })),
      },
    });
    const { email, chat } = published({ kind: "digest", digest });
    const left = Number(/… and ([\d,]+) more findings/.exec(email)?.[1]?.replaceAll(",", ""));
    const listed =
      email
        .split("--- NEW, WORST FIRST")[1]
        ?.split("--- REPAIRS")[0]
        ?.match(/^- high: /gm)?.length ?? 0;
    expect(listed).toBeGreaterThan(0);
    expect(left + listed).toBe(120_000);
    expect(email).toMatch(/… and [\d,]+ more accounts/);
    expect(chat.content.description).toContain("*New:* 120,000 high");
  });
});

test("a digest whose every word grows when it is made visible still fits, with fewer entries", () => {
  const long = "\u202e".repeat(2_000);
  const items = Array.from({ length: 200 }, () =>
    itemAbout(long, { reason: long, account: { id: "111122223333", name: long } }),
  );
  const { email } = published({
    kind: "digest",
    digest: aDigest({ news: { ...none, high: 200 }, items, resolvedItems: items, resolved: 200 }),
  });
  const listed = email.match(/^- high: /gm)?.length ?? 0;
  expect(listed).toBeGreaterThan(2);
  expect(listed).toBeLessThan(100);
});
