import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { controls } from "../../shared/controls/catalogue.ts";
import { type NoticeKind, repairNews, repairStates, violationNews } from "../../shared/findings/finding.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { actor, aFinding, findingAbout, hostileNames, hubAccount } from "../support/findings.ts";
import { noticeOf, published } from "../support/published-notice.ts";

const kinds: readonly NoticeKind[] = [...violationNews, ...repairNews];

const isRepairState = (kind: NoticeKind): kind is RepairState => repairStates.some((state) => state === kind);
type RepairState = NoticeKind & (typeof repairStates)[number];

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
