import { CreateTopicCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AwsError } from "../../sandbox/protocol/service.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { controls } from "../../shared/controls/catalogue.ts";
import { DeliveryError } from "../../shared/errors.ts";
import { type NoticeKind, repairNews, repairStates, violationNews } from "../../shared/findings/finding.ts";
import type { Digest, DigestItem } from "../../shared/notify/notice.ts";
import { createSnsNotifier } from "../../shared/notify/sns.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { aFinding, findingAbout, hostileNames, hubAccount } from "../support/findings.ts";
import { noticeOf, published } from "../support/published-notice.ts";

const kinds: readonly NoticeKind[] = [...violationNews, ...repairNews];

const isRepairState = (kind: NoticeKind): kind is RepairState => repairStates.some((state) => state === kind);
type RepairState = NoticeKind & (typeof repairStates)[number];

const actor = {
  arn: "arn:aws:sts::111122223333:assumed-role/PlatformAdmin/bea",
  type: "AssumedRole",
  eventName: "CreateLoginProfile",
  eventId: "e-1",
  at: "2026-11-03T02:12:41.000Z",
  sourceIPAddress: "198.51.100.7",
  region: "us-east-1",
};

describe("an opened finding", () => {
  const notice = noticeOf(aFinding({ actor }));
  const { subject, attributes, chat, email } = published(notice);

  test("has a subject that says how bad, what, who and where", () => {
    expect(subject).toBe("[HIGH] Console user has no MFA device: user alice in payments-prod (111122223333)");
  });

  test("can be filtered", () => {
    expect(attributes).toEqual({
      kind: "opened",
      severity: "high",
      control: "console-user-without-mfa",
      account: "111122223333",
      ouPath: "Root/Workloads/Prod",
    });
  });

  test.each([
    ["what", "alice can sign in to the console with a password alone"],
    ["where", "payments-prod (111122223333), in Root/Workloads/Prod"],
    ["the subject's ARN", "arn:aws:iam::111122223333:user/alice"],
    ["since when", "2026-11-03 02:12:41 UTC, found 24 seconds later"],
    ["who", "arn:aws:sts::111122223333:assumed-role/PlatformAdmin/bea"],
    ["by what call, and from where", "CreateLoginProfile on 2026-11-03 02:12:41 UTC, from 198.51.100.7"],
    ["the evidence", "mfaDevices: 0"],
    ["why it matters", "Whoever learns the password"],
    ["how to fix it, with the real name", "\naws iam put-user-policy --user-name alice "],
    ["a here-document that ends", "\nJSON\n"],
    [
      "how to excuse it until a date",
      '\n  warden exempt edfa49b701e9129876733b41b7e939da --until 2026-12-03 --reason "…"\n',
    ],
    ["how to excuse everything, as the last resort", "    console-user-without-mfa:\n      mode: off\n"],
    ["its id", "Finding edfa49b701e9129876733b41b7e939da, control console-user-without-mfa"],
    ["the page to read on", "docs/controls/console-user-without-mfa.md"],
  ])("says in the email %s", (_what, text) => {
    expect(email.replace(/\n {2,11}(?=\S)/g, (gap) => (gap.length > 9 ? " " : gap))).toContain(text);
  });

  test("keeps prose within a line's width", () => {
    const prose = email.split("--- HOW TO FIX IT")[0]?.split("\n") ?? [];
    expect(prose.length).toBeGreaterThan(10);
    for (const line of prose) expect(line.length).toBeLessThanOrEqual(78);
  });

  test("says the same in chat, in the finding's thread", () => {
    expect(chat.content.title).toBe(
      "HIGH: Console user has no MFA device – user `alice` in `payments-prod` (111122223333)",
    );
    for (const text of ["*Who:* `arn:aws:sts", "--user-name alice", "mode: off", "*Since:*", "*Why it matters:*"])
      expect(chat.content.description).toContain(text);
    expect(chat.metadata).toMatchObject({
      threadId: notice.finding.id,
      eventType: "iam-warden.opened",
      additionalContext: { finding: notice.finding.id, account: "111122223333", subject: "alice" },
    });
  });
});

test("a finding of a sweep says that nobody saw who did it", () => {
  const { email } = published(noticeOf(aFinding()));
  expect(email).toContain("Who        not known: the sweep found it, no event told");
  expect(email).toContain("Since      2026-11-03 02:13:05 UTC, when it was found");
});

test.each<[NoticeKind, string, string]>([
  ["reopened", "[HIGH, back again] ", "was resolved on 2026-11-02 09:00:00 UTC and is back"],
  ["escalated", "[HIGH, worse than before] ", "as less severe"],
  ["recurred", "[HIGH, once more] ", "happened once more"],
])("a %s finding says so", (kind, prefix, text) => {
  const history = [{ at: "2026-11-02T09:00:00.000Z", what: "resolved" as const }];
  const { subject, email, attributes } = published(noticeOf(aFinding({ history }), kind));
  expect(subject.startsWith(prefix)).toBe(true);
  expect(email).toContain(text);
  expect(attributes.kind).toBe(kind);
});

describe("a resolved finding", () => {
  const resolved = aFinding({
    actor,
    status: "resolved",
    resolvedAt: "2026-11-03T05:13:05.000Z",
    notifiedAt: "2026-11-03T02:13:06.000Z",
    history: [{ at: "2026-11-03T05:13:05.000Z", what: "resolved", by: "arn:aws:iam::111122223333:user/alice" }],
  });

  test("says what it was, what became of it, how long it took, and asks for nothing", () => {
    const { subject, email, chat } = published(noticeOf(resolved, "resolved", { reason: "It complies now." }));
    expect(subject.startsWith("[RESOLVED] Console user has no MFA device: user alice")).toBe(true);
    expect(email).toContain("It complies now.\nIt was: alice can sign in");
    expect(email).toContain("It was a high finding, open for 3 hours.");
    expect(email).toContain("after a call by arn:aws:iam::111122223333:user/alice");
    expect(email).not.toMatch(/HOW TO|first notice/);
    expect(chat.content.nextSteps).toBeUndefined();
    expect(chat.metadata.threadId).toBe(resolved.id);
  });

  test("that nobody was told of says so", () => {
    const { email } = published(noticeOf({ ...resolved, notifiedAt: undefined }, "resolved"));
    expect(email).toContain("This is the first notice about it");
  });
});

test("an account known by its id alone is named so, and no attribute is empty", () => {
  const { subject, attributes, email } = published(
    noticeOf(aFinding({ account: { id: "444455556666", name: "", ouPath: "" } })),
  );
  expect(subject).toContain("user alice in account 444455556666");
  expect(attributes).not.toHaveProperty("ouPath");
  expect(email).toContain("Where      account 444455556666\n");
});

test("a finding whose control is gone is still told", () => {
  const finding = aFinding({ control: "retired-control" });
  const { subject, email } = published(noticeOf(finding));
  expect(subject).toContain("[HIGH] retired-control: user alice");
  expect(email).not.toContain("HOW TO FIX");
});

test("root activity is counted, to be acknowledged, and says that it closes by itself", () => {
  const finding = aFinding({
    control: "root-activity",
    severity: "critical",
    subject: { kind: "root", name: "root", arn: "arn:aws:iam::111122223333:root" },
    activity: { count: 14, episodes: ["one"], lastAt: "2026-11-03T02:30:00.000Z", eventIds: [] },
  });
  const { subject, email, chat } = published(noticeOf(finding));
  expect(email).toContain(`\n  warden ack ${finding.id}\n`);
  expect(email).not.toContain("warden exempt");
  expect(chat.content.nextSteps).toContain(`To acknowledge it: \`warden ack ${finding.id}\``);
  expect(subject).toBe("[CRITICAL] Root user was used: root user in payments-prod (111122223333)");
  expect(email).toContain("How often  14 records, the latest on 2026-11-03 02:30:00 UTC");
  expect(email).toContain("closes by itself after 24 hours");
});

test.each([
  [{}, "Root user was used"],
  [{ onlyAttempts: true }, "Somebody tried to use the root user"],
] as const)("what was only tried is not told as done (%j)", (tried, title) => {
  const finding = aFinding({
    control: "root-activity",
    severity: "high",
    subject: { kind: "root", name: "root", arn: "arn:aws:iam::111122223333:root" },
    activity: { count: 1, episodes: ["one"], lastAt: "2026-11-03T02:30:00.000Z", eventIds: [], ...tried },
  });
  const { subject, chat } = published(noticeOf(finding));
  expect(subject).toBe(`[HIGH] ${title}: root user in payments-prod (111122223333)`);
  expect(chat.content.title).toContain(`HIGH: ${title} – `);
});

describe("every control's notice", () => {
  test.each(controls.map((control) => [control.id, control] as const))("%s", (id, control) => {
    const [kind = "user"] = control.subjects;
    const name = kind === "root" ? "root" : "deploy.bot_1";
    const finding = aFinding({
      control: id,
      severity: control.severity,
      subject: {
        kind,
        name,
        accessKeyId: "AKIAIOSFODNN7EXAMPLE",
        arn: "arn:aws:iam::111122223333:root",
      },
    });
    const { email, chat } = published(noticeOf(finding));
    expect(email).not.toMatch(/USER_NAME|ROLE_NAME|ACCOUNT_ID/);
    expect(chat.content.description).toContain("*How to fix it:*");
    expect(chat.content.description).toContain("*How to excuse it:*");
    // What the notice says excuses it is what the settings file takes.
    const yaml = /As the last resort(?:.*\n)+?\n((?: {2}.*\n)+)/.exec(email)?.[1] ?? "";
    const lines = yaml.replace(/^ {2}/gm, "");
    const settings = parseSettings(`version: 1\n${lines}`, "warden.config.yaml");
    expect(settings.controls[id]?.mode).toBe("off");
    if (kind === "role") expect(settings.excludedRoles.names).toEqual([name]);
  });
});

describe("hostile names", () => {
  test.each(Object.entries(hostileNames))("%s is harmless in every field", (_key, text) => {
    const arn = `arn:aws:iam::111122223333:user/${text}`;
    for (const kind of kinds) {
      const finding = aFinding({
        account: { id: "111122223333", name: text, ouPath: text },
        subject: { kind: "user", name: text, arn },
        reason: `User ${text} has no MFA device.`,
        evidence: { [text]: text, list: [text, { [text]: null }] },
        actor: { ...actor, arn, eventName: text, sourceIPAddress: text, region: text },
        history: [
          { at: actor.at, what: "resolved", by: arn },
          { at: actor.at, what: "exempted", by: text, reason: text },
          { at: actor.at, what: "remediating", by: text, reason: text },
          ...(isRepairState(kind) ? [{ at: actor.at, what: kind, by: text, reason: text }] : []),
        ],
        resolvedAt: actor.at,
        owners: [text, text],
        ...(kind === "exempted" && { exemption: { id: text, by: text, reason: text, until: actor.at } }),
        ...(isRepairState(kind) && {
          repair: {
            state: kind,
            at: actor.at,
            why: text,
            stage: "repair",
            interlock: text,
            losses: [{ service: text, action: text, lastUsedAt: actor.at, region: text, untold: text }],
            denied: [text, text],
          },
          approval: { by: text, at: actor.at, digest: text, stage: "repair", why: text },
        }),
      });
      const { chat, email } = published(noticeOf(finding, kind, { reason: text }));
      expect(chat.content.description).toContain("*Where:*");
      expect(chat.content.description).toContain("*What:*");
      expect(email).toContain("Where      ");
    }
  });

  test("nor does anything else act or grow beyond a limit", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.array(fc.constantFrom(...Object.values(hostileNames)), { maxLength: 8 }).map((names) => names.join("")),
    );
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.constantFrom(...kinds),
        fc.constantFrom(...controls),
        (name, ou, reason, kind, control) => {
          const evidence = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}${name}`, reason]));
          const finding = findingAbout(name, {
            account: { id: hubAccount.id, name: ou, ouPath: ou },
            control: control.id,
            reason,
            evidence,
            actor: { ...actor, arn: reason, eventName: name },
          });
          const { chat } = published(noticeOf(finding, kind, { reason }));
          expect(chat.content.description).toContain("*Where:*");
        },
      ),
      { numRuns: 60 },
    );
  });
});

const none = { critical: 0, high: 0, medium: 0, low: 0 };

const aDigest = (changes: Partial<Digest> = {}): Digest => ({
  runId: "sweep-2026-11-03",
  at: "2026-11-03T04:20:00.000Z",
  news: none,
  toldAlone: 0,
  resolved: 0,
  open: none,
  exempt: none,
  held: 0,
  repairNews: [],
  toBeRepaired: [],
  controls: [],
  accounts: [],
  items: [],
  repairItems: [],
  resolvedItems: [],
  coverage: { swept: 12, failed: [], missing: [], unreadable: [], unknownVerdicts: 0, unknownCauses: [], gaps: [] },
  ...changes,
});

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

describe("SNS", () => {
  const start = async () => {
    const sandbox = createSandbox();
    const credentials = sandbox.credentialsFor(sandbox.state.organization.managementAccountId, "root");
    const client = new SNSClient({ ...sandbox.clientConfig(credentials, { region: "eu-west-1" }), maxAttempts: 1 });
    const { TopicArn: topicArn = "" } = await client.send(new CreateTopicCommand({ Name: "findings" }));
    return { sandbox, client, topicArn };
  };

  test("takes every kind of notice", async () => {
    const { client, topicArn } = await start();
    const notifier = createSnsNotifier({ client, topicArn });
    for (const kind of kinds) await notifier.publish(noticeOf(aFinding({ actor }), kind));
    await notifier.publish({ kind: "digest", digest: aDigest() });
    for (const name of Object.values(hostileNames))
      await notifier.publish(noticeOf(findingAbout(name, { account: { id: "111122223333", name, ouPath: name } })));
  });

  test("that refuses a notice, and not all of them, says so", async () => {
    const { client, topicArn, sandbox } = await start();
    sandbox.intercept(() => {
      throw new AwsError("InvalidParameter", "Invalid parameter: Message too long", 400);
    });
    const failed = createSnsNotifier({ client, topicArn }).publish(noticeOf(aFinding()));
    await expect(failed).rejects.toMatchObject({ name: "DeliveryError", refused: true });
  });

  test("that does not answer is a retryable error with its cause", async () => {
    const { client, topicArn } = await start();
    const notifier = createSnsNotifier({ client, topicArn: `${topicArn}-missing` });
    const failed = await notifier.publish(noticeOf(aFinding())).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(DeliveryError);
    expect(failed).toMatchObject({ retryable: true, refused: false, cause: { name: "NotFoundException" } });
    await expect(
      client.send(new PublishCommand({ TopicArn: topicArn, Message: "still there" })),
    ).resolves.toBeDefined();
  });
});
