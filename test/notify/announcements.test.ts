import { CreateTopicCommand, SetSubscriptionAttributesCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { describe, expect, test } from "vitest";
import { createSandbox } from "../../sandbox/sandbox.ts";
import type { Exemption } from "../../shared/exemptions/exemption.ts";
import type { ExemptionNotice, Notice, ReminderItem, ReminderNotice, TripNotice } from "../../shared/notify/notice.ts";
import { createSnsNotifier, snsMessage } from "../../shared/notify/sns.ts";
import { findingAbout, hostileNames, hubAccount } from "../support/findings.ts";
import { noticeOf, published, unwrapped } from "../support/published-notice.ts";

const at = "2026-11-10T03:13:05.000Z";
const ann = "arn:aws:iam::111122223333:user/ann";

const itemAbout = (name: string, changes: Partial<ReminderItem> = {}): ReminderItem => ({
  finding: findingAbout(name),
  dueAt: "2026-11-11T03:13:05.000Z",
  isFirst: false,
  ...changes,
});

const aReminder = (items: readonly ReminderItem[], changes: Partial<ReminderNotice> = {}): ReminderNotice => ({
  kind: "reminder",
  at,
  account: hubAccount,
  owners: ["data@example.com"],
  items,
  ...changes,
});

describe("a reminder", () => {
  const role = findingAbout("etl", { control: "role-without-boundary", severity: "medium" });
  const notice = aReminder([
    itemAbout("zoe", { dueAt: "2026-11-12T03:13:05.000Z", isFirst: true }),
    itemAbout("bob", { finding: role }),
    itemAbout("alice"),
  ]);

  test("says what will be repaired, when, and how to stop it", () => {
    const { subject, email, chat } = published(notice);
    const line = unwrapped(email);
    const { id } = findingAbout("alice");
    expect(subject).toBe("[TO BE REPAIRED] 3 findings in payments-prod (111122223333), from 2026-11-11 03:13:05 UTC");
    for (const text of [
      "the first not before 2026-11-11 03:13:05 UTC, the last not before 2026-11-12 03:13:05 UTC",
      "For 1 finding this is the first notice to say so",
      "Owner data@example.com",
      `warden plan ${id}`,
      `warden exempt ${id} --until 2026-12-10 --reason "…"`,
      `- 2026-11-11 03:13:05 UTC, high: user alice – alice can sign in to the console with a password alone [console-user-without-mfa] ${id}`,
    ])
      expect(line).toContain(text);
    expect(email.match(/high: user|medium: user/g)).toEqual(["high: user", "medium: user", "high: user"]);
    expect(chat.content.description).toContain("• 2026-11-11 03:13:05 UTC, high: user `alice` – ");
    expect(chat.content.nextSteps).toContain(
      `To see what would be done about the first of them, and what that would cut off: \`warden plan ${id}\``,
    );
  });

  test("can be filtered by owner, account and each of its controls", () => {
    expect(published(notice).attributes).toEqual({
      kind: "reminder",
      severity: "high",
      control: ["console-user-without-mfa", "role-without-boundary"],
      account: "111122223333",
      ouPath: "Root/Workloads/Prod",
      owner: ["data@example.com"],
    });
    expect(published(aReminder([itemAbout("alice")], { owners: [] })).attributes).not.toHaveProperty("owner");
  });

  test("of findings that are first told of their repair says that, and what is held now", () => {
    const held = { state: "held", at, why: "In use.", stage: "repair" } as const;
    const finding = findingAbout("alice", { repair: held });
    const { email } = published(aReminder([itemAbout("alice", { finding, isFirst: true })]));
    expect(unwrapped(email)).toContain("This is the first notice to say so: repairs were switched on here");
    expect(unwrapped(email)).toContain("repairs 1 finding in payments-prod (111122223333), not before 2026-11-11");
    expect(email).toContain("held now]");
  });

  test.each([
    ["plain names", (index: number) => `user-${index}`],
    ["hostile names", (index: number) => Object.values(hostileNames)[index % 19] ?? ""],
    ["names that grow when they are made visible", () => "\u202e".repeat(500)],
  ])("of 3,000 findings with %s is one message that fits, and counts the rest", (_what, name) => {
    const items = Array.from({ length: 3_000 }, (_, index) => itemAbout(name(index)));
    const owners = Array.from({ length: 40 }, (_, index) => name(index) || "x");
    const message = snsMessage(aReminder(items, { owners }));
    expect(Buffer.byteLength(message.Message)).toBeLessThanOrEqual(240 * 1024);
    const { email, chat } = published(aReminder(items, { owners }));
    const listed = email.match(/^- 2026-/gm)?.length ?? 0;
    const left = Number(/… and ([\d,]+) more findings/.exec(email)?.[1]?.replaceAll(",", ""));
    expect(listed).toBeGreaterThan(0);
    expect(listed + left).toBe(3_000);
    expect(chat.content.description).toMatch(/• 2026-[\s\S]*… and 2,985 more$/);
  });
});

const aTrip = (scope: TripNotice["trip"]["window"]["scope"]): TripNotice => ({
  kind: "breakerTripped",
  trip: {
    window: { scope, hour: "2026-11-10T02" },
    at: "2026-11-10T02:40:00.000Z",
    remediationId: "abcdef012345-0001",
  },
  limits: { perAccount: { count: 10, percent: 5 }, organization: { count: 50, percent: 1 } },
});

test.each([
  [{ account: "111122223333" }, "account 111122223333", "10 repairs in an hour, and no more than 5 %", "111122223333"],
  ["organization", "the organization", "50 repairs in an hour, and no more than 1 %", "organization"],
] as const)(
  "a trip of the breaker of %j says what stops, until when, and how to go on",
  (scope, name, limit, resume) => {
    const { subject, email, chat, attributes } = published(aTrip(scope));
    const line = unwrapped(email);
    expect(subject).toBe(`[BREAKER TRIPPED] no more repairs in ${name} until 2026-11-10 03:00:00 UTC`);
    for (const text of [
      `the circuit breaker of ${name} tripped`,
      limit,
      `warden resume ${resume}`,
      "warden show abcdef012345 ",
    ])
      expect(line).toContain(text);
    expect(chat.content.nextSteps).toContain(`To let repairs go on now: \`warden resume ${resume}\``);
    expect(attributes).toEqual({ kind: "breakerTripped", ...(scope !== "organization" && { account: scope.account }) });
  },
);

const anExemption = (changes: Partial<Exemption> = {}): ExemptionNotice => ({
  kind: "exemptionExpiring",
  exemption: {
    id: "0123456789abcdef",
    controls: ["stale-access-key", "unused-access-key"],
    scope: { ou: "Root/Workloads" },
    subject: { kind: "user", pattern: "ci-*" },
    reason: "Until the CI moved to OIDC.",
    by: ann,
    createdAt: "2026-08-10T02:40:00.000Z",
    until: "2026-11-15T00:00:00.000Z",
    version: 1,
    ...changes,
  },
});

describe("an exemption that expires", () => {
  test("says whom it excuses, until when, who wanted it and why, and what follows", () => {
    const { subject, email, chat, attributes } = published(anExemption());
    const line = unwrapped(email);
    expect(subject).toBe("[EXEMPTION EXPIRES] 2026-11-15: user ci-* in OU Root/Workloads");
    for (const text of [
      "An exemption ends on 2026-11-15 00:00:00 UTC.",
      "The reason for it was: Until the CI moved to OIDC.",
      "Controls stale-access-key, unused-access-key",
      `Made on 2026-08-10 02:40:00 UTC by ${ann}`,
      "warden findings --status exempt",
      "warden unexempt 0123456789abcdef",
      "warden exempt --control stale-access-key unused-access-key --ou Root/Workloads --subject 'user/ci-*' --until 2026-12-15 --reason",
    ])
      expect(line).toContain(text);
    expect(chat.content.title).toContain("user `ci-*` in OU `Root/Workloads`");
    expect(attributes).toEqual({
      kind: "exemptionExpiring",
      control: ["stale-access-key", "unused-access-key"],
      ouPath: "Root/Workloads",
    });
  });

  test.each<[string, Partial<Exemption>, string, object]>([
    [
      "everything",
      { controls: "all", scope: { organization: true }, subject: undefined },
      "every subject in the whole",
      {},
    ],
    [
      "an account",
      { controls: "all", scope: { account: "111122223333" } },
      "user ci-* in account",
      { account: "111122223333" },
    ],
  ])("for %s", (_what, changes, text, attributes) => {
    const told = published(anExemption(changes));
    expect(told.subject).toContain(text);
    expect(told.attributes).toEqual({ kind: "exemptionExpiring", ...attributes });
    expect(unwrapped(told.email)).toContain("Controls all");
  });

  test("of whom there is too much for one line of chat leaves the command to the email, whole", () => {
    const controls = Array.from({ length: 12 }, (_, index) => `a-control-with-a-name-${index}`);
    const { chat, email } = published(anExemption({ controls }));
    expect(email).toContain(`--control ${controls.join(" ")} --ou`);
    expect(chat.content.nextSteps?.[0]).toContain("with the command in the email");
  });

  test.each(Object.entries(hostileNames))("harms nobody by %s", (_name, text) => {
    const { chat } = published(
      anExemption({ id: text, reason: text, by: text, scope: { ou: text }, controls: [text] }),
    );
    expect(chat.content.description).toContain("*Where:* in OU");
  });
});

test("a subscription that filters by an owner gets what that owner has, and nothing else", async () => {
  const sandbox = createSandbox();
  const credentials = sandbox.credentialsFor(sandbox.state.organization.managementAccountId, "root");
  const client = new SNSClient({ ...sandbox.clientConfig(credentials, { region: "eu-west-1" }), maxAttempts: 1 });
  const { TopicArn: topicArn = "" } = await client.send(new CreateTopicCommand({ Name: "findings" }));
  const { SubscriptionArn } = await client.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: "arn:aws:sqs:eu-west-1:111122223333:ops" }),
  );
  await client.send(
    new SetSubscriptionAttributesCommand({
      SubscriptionArn,
      AttributeName: "FilterPolicy",
      AttributeValue: JSON.stringify({ owner: ["ops"], control: ["console-user-without-mfa"] }),
    }),
  );
  const notifier = createSnsNotifier({ client, topicArn });
  const notices: readonly Notice[] = [
    noticeOf(findingAbout("alice", { owners: ["data", "ops"] })),
    noticeOf(findingAbout("bob", { owners: ["data"] })),
    noticeOf(findingAbout("carol")),
    aReminder([itemAbout("dora")], { owners: ["ops"] }),
    aReminder([itemAbout("eve")], { owners: ["ops-2"] }),
    aTrip("organization"),
    anExemption(),
  ];
  for (const notice of notices) await notifier.publish(notice);
  expect(sandbox.deliveries.map(({ attributes }) => [attributes.kind?.value, attributes.owner?.value])).toEqual([
    ["opened", '["data","ops"]'],
    ["reminder", '["ops"]'],
  ]);
});
