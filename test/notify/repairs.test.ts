import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Finding, type NoticeKind, type RepairStanding, repairNews } from "../../shared/findings/finding.ts";
import { aFinding, findingAbout, hostileNames } from "../support/findings.ts";
import { noticeOf, published, unwrapped } from "../support/published-notice.ts";

const at = "2026-11-10T03:13:05.000Z";
const ann = "arn:aws:iam::111122223333:user/ann";
const mfa = "It puts the inline policy iam-warden-deny-until-mfa on user alice.";

const { id } = aFinding();

const standing = (state: RepairStanding["state"], changes: Partial<RepairStanding> = {}): RepairStanding => ({
  state,
  at,
  why: "A sentence that says why.",
  stage: "repair",
  ...changes,
});

/** What a person reads of a finding's repair news, the email on one line. */
const read = (kind: NoticeKind, changes: Partial<Finding>, entry: Parameters<typeof noticeOf>[2] = {}) => {
  const { email, chat, subject, attributes } = published(noticeOf(aFinding(changes), kind, { at, ...entry }));
  return { email, line: unwrapped(email), chat, subject, attributes, steps: chat.content.nextSteps ?? [] };
};

const heldBy = (interlock: string, changes: Partial<RepairStanding> = {}) =>
  read("held", { repair: standing("held", { interlock, ...changes }) }, { reason: "A sentence that says why." });

const remediated = [
  { at, what: "remediating", reason: "The ladder in the settings has come to the repair.", by: "iam-warden" },
] as const;

test("an opened finding says when it is repaired if nobody acts, and how to stop that", () => {
  const { line, steps, chat } = read("opened", {}, { repairAfterHours: 168 });
  expect(line).toContain(
    "Unless somebody acts, iam-warden repairs it 7 days after this notice, not before 2026-11-17 03:13:05 UTC. To stop that, fix it or excuse it",
  );
  expect(chat.content.description).toContain("repairs it 7 days after this notice, not before 2026-11-17 03:13:05 UTC");
  expect(line).toContain(`warden plan ${id}`);
  expect(steps.at(-1)).toBe(`To excuse it: \`warden exempt ${id} --until 2026-12-10 --reason "…"\``);
});

test.each([
  ["at once", 0, "repairs it within the hour"],
  ["after hours", 36, "repairs it 36 hours after this notice, not before 2026-11-11 15:13:05 UTC"],
  ["after an hour", 1, "repairs it 1 hour after this notice"],
])("a ladder that repairs %s is told so", (_when, repairAfterHours, text) => {
  expect(read("exemptionEnded", {}, { repairAfterHours }).line).toContain(text);
});

test("nobody is told of a repair that will not be made", () => {
  expect(read("opened", {}).line).not.toMatch(/repairs it|warden plan/);
  const undone = read("reopened", { repair: standing("undone") }, { repairAfterHours: 168 });
  expect(undone.line).not.toContain("repairs it");
  expect(undone.line).toContain("Repair undone on 2026-11-10 03:13:05 UTC");
});

describe("a finding that is back", () => {
  const undoneAgain = [...remediated, { at, what: "resolved" }, { at, what: "undone", by: ann }] as const;

  test("because its repair was undone reads like no new incident", () => {
    const { subject, line } = read("reopened", { history: undoneAgain, repair: standing("undone") });
    expect(subject).toMatch(/^\[HIGH, back after an undo\] /);
    expect(line).toContain("This is nothing new: its repair was undone, and so what the repair had mended is back.");
    expect(line).not.toContain("was resolved on");
  });

  test("after somebody mended what had been undone is back like any other", () => {
    const history = [...undoneAgain, { at, what: "reopened" }, { at, what: "resolved" }] as const;
    const { subject, line } = read("reopened", { history, repair: standing("undone") });
    expect(subject).toMatch(/^\[HIGH, back again\] /);
    expect(line).toContain("was resolved on");
  });
});

describe("a held repair", () => {
  const losses = [
    { service: "s3", action: "PutObject", lastUsedAt: "2026-11-09T01:00:00.000Z", region: "eu-west-1" },
    { service: "kms", lastUsedAt: "2026-11-01T01:00:00.000Z", untold: "the boundary asks for aws:SourceVpc" },
    ...Array.from({ length: 11 }, (_, index) => ({ service: `svc${index}`, lastUsedAt: at })),
  ];

  test("says that nothing was done, why, and what would be cut off", () => {
    const { subject, line, chat, attributes } = heldBy("blastRadius", { losses });
    expect(subject).toBe(
      "[HIGH, repair held] Console user has no MFA device: user alice in payments-prod (111122223333)",
    );
    expect(line).toContain("was to repair it, and did not: nothing is changed for now. A sentence that says why.");
    expect(line).toContain("held since 2026-11-10 03:13:05 UTC by what it would break");
    expect(line).toContain("Cuts off s3:PutObject, last used 2026-11-09 01:00:00 UTC in eu-west-1 kms:*, last used");
    expect(line).toContain("(perhaps: the boundary asks for aws:SourceVpc)");
    expect(line).toContain("svc7:*, last used 2026-11-10 03:13:05 UTC … and 3 more");
    expect(chat.content.description).toContain("*Cuts off:* `s3:PutObject`, last used");
    expect(attributes.kind).toBe("held");
  });

  test.each([
    ["blastRadius", true, "An approval lets it happen all the same"],
    ["approved", true, "An approval lets it happen"],
    ["notProtected", false, "No approval lifts this"],
    ["stillViolating", false, "No approval lifts this"],
    ["plan", false, "No approval lifts this"],
    ["withinBreaker", false, "once an operator resumes it"],
    ["optedIn", false, "by the settings"],
    ["notExempt", false, "by an exemption"],
    ["something new", false, "by something new"],
  ])("by %s names an approval only if that helps: %s", (interlock, helps, text) => {
    const { line, steps } = heldBy(interlock);
    expect(line).toContain(text);
    expect(line).toContain(`warden plan ${id}`);
    expect(line.includes(`warden approve ${id}`)).toBe(helps);
    expect(steps.some((step) => step.includes(`\`warden approve ${id} --why "…"\``))).toBe(helps);
    expect(line).toContain(`warden exempt ${id} --until 2026-12-10`);
  });

  test("that somebody approved when it was another one says so", () => {
    const approval = { by: ann, at, digest: "d", stage: "repair", why: "go on" } as const;
    const { line } = read("held", { approval, repair: standing("held", { interlock: "approved" }) });
    expect(line).toContain(`Approved on 2026-11-10 03:13:05 UTC by ${ann}, but another plan`);
    const same = read("held", { approval, repair: standing("held", { interlock: "withinBreaker", digest: "d" }) });
    expect(same.line).toContain(`Approved on 2026-11-10 03:13:05 UTC by ${ann}`);
    expect(same.line).not.toContain("another plan");
  });

  test("of the last stage, of what is resolved, asks nobody to fix or excuse anything", () => {
    const { line } = read("held", {
      status: "resolved",
      repair: standing("held", { interlock: "approved", stage: "final" }),
    });
    expect(line).toContain("The last step of its repair, which nothing can undo, is held.");
    expect(line).toContain(`warden approve ${id} --stage final --why "…"`);
    expect(line).not.toMatch(/HOW TO|warden exempt/);
  });
});

describe("a repaired finding", () => {
  const history = [...remediated, { at, what: "repaired", by: "iam-warden" }] as const;
  const repair = standing("repaired");

  test("says what was done, by whom and why, and how to undo it", () => {
    const finding = { status: "resolved", resolvedAt: at, history, repair } as const;
    const { subject, line, steps } = read("repaired", finding, { reason: mfa });
    expect(subject).toBe("[REPAIRED] Console user has no MFA device: user alice in payments-prod (111122223333)");
    expect(line).toContain(`iam-warden repaired it. ${mfa} What was found: alice can sign in`);
    expect(line).toContain("The finding is resolved.");
    expect(line).toContain("repaired on 2026-11-10 03:13:05 UTC by iam-warden Why: The ladder in the settings");
    expect(steps[0]).toBe(`To undo it: \`warden undo ${id} --why "…"\``);
    expect(line).not.toMatch(/HOW TO|warden exempt|approve/);
  });

  test("that is only contained stays open, and says how to fix it", () => {
    const { subject, line } = read("repaired", { history, repair });
    expect(subject.startsWith("[REPAIRED, contained] ")).toBe(true);
    expect(line).toContain("stays open until it is fixed");
    expect(line).toContain("HOW TO FIX IT");
  });

  test("that a person approved names them", () => {
    const approved = [
      { ...remediated[0], reason: "Go on." },
      { at, what: "repaired", by: ann },
    ] as const;
    const { line } = read("repaired", { status: "resolved", history: approved, repair });
    expect(line).toContain(`repaired on 2026-11-10 03:13:05 UTC, approved by ${ann} Why: Go on.`);
  });

  test("that waits for its last step says when that is due", () => {
    const { line } = read("repaired", { status: "resolved", history, repair, finishDueAt: "2026-12-10T03:13:05.000Z" });
    expect(line).toContain("is due on 2026-12-10 03:13:05 UTC and then waits for an approval");
  });

  test.each<[string, Partial<Finding>]>([
    ["the last step", { repair: { ...repair, stage: "final" } }],
    ["root", { repair, control: "root-access-key-exists", subject: { kind: "root", name: "root", arn: "" } }],
  ])("that nothing brings back names no undo: %s", (_what, changes) => {
    const { line, steps } = read("repaired", { status: "resolved", history, ...changes });
    expect(line).toContain("Nothing can undo this.");
    expect(line).not.toContain("warden undo");
    expect(steps.join()).toContain("warden show");
  });
});

test("a failed repair says that steps may be done, and every way on", () => {
  const { subject, line } = read(
    "failed",
    { history: [...remediated, { at, what: "failed" }], repair: standing("failed") },
    { reason: "AWS refused it." },
  );
  expect(subject.startsWith("[HIGH, repair failed] ")).toBe(true);
  expect(line).toContain("Its repair failed. Some of its steps may have been made. AWS refused it.");
  for (const command of ["show", "plan", "undo", "approve"]) expect(line).toContain(`warden ${command} ${id}`);
});

test("an undo that was refused is no failed repair", () => {
  const history = [...remediated, { at, what: "repaired" }, { at, what: "failed" }] as const;
  const { subject, line } = read(
    "failed",
    { history, repair: standing("failed") },
    { reason: "It was changed since." },
  );
  expect(subject.startsWith("[UNDO FAILED] ")).toBe(true);
  expect(line).toContain("Its repair was not undone, and stands. It was changed since.");
  expect(line).toContain(`warden undo ${id} --why "…" --force`);
  expect(line).not.toMatch(/Its repair failed|warden approve/);
});

test("an undone repair says who undid it and why, and that it waits for a person", () => {
  const history = [...remediated, { at, what: "undone", by: ann }] as const;
  const { line } = read("undone", { history, repair: standing("undone") }, { reason: "The nightly job broke." });
  expect(line).toContain("The reason given: The nightly job broke.");
  expect(line).toContain(`undone on 2026-11-10 03:13:05 UTC by ${ann}`);
  expect(line).toContain("It is not repaired again by itself");
  for (const command of ["plan", "approve", "exempt"]) expect(line).toContain(`warden ${command} ${id}`);
  const over = read("undone", { status: "resolved", history, repair: standing("undone") });
  expect(over.line).not.toMatch(/warden (?:approve|exempt)/);
});

test("what was denied since a repair is named, with the command to undo it", () => {
  const repair = standing("repaired", { denied: ["s3:PutObject", "kms:Decrypt"] });
  const reason = "Since the repair, AWS denies s3:PutObject, kms:Decrypt because of it.";
  const { subject, line, steps } = read("denied", { status: "resolved", repair }, { reason });
  expect(subject.startsWith("[DENIED since its repair] ")).toBe(true);
  expect(line).toContain(reason);
  expect(line).toContain("Denied s3:PutObject kms:Decrypt");
  expect(steps[0]).toBe(`To undo the repair: \`warden undo ${id} --why "…"\``);
});

test("an excused finding says until when, who wanted it and why, and how to end that", () => {
  const exemption = { id: "0123456789abcdef", by: ann, reason: "Migration.", until: "2026-12-24T00:00:00.000Z" };
  const { subject, line } = read("exempted", { exemption });
  expect(subject.startsWith("[EXCUSED] ")).toBe(true);
  expect(line).toContain(`Excused until 2026-12-24 00:00:00 UTC by ${ann}. Their reason: Migration.`);
  expect(line).toContain("warden unexempt 0123456789abcdef");
  expect(line).not.toMatch(/HOW TO|warden (?:exempt|plan|approve)/);
  expect(read("exempted", {}, { reason: "Excused until then." }).line).toContain("Excused until then.");
});

test("a finding that is excused no more is told as an open one", () => {
  const history = [{ at, what: "exempted", by: ann, reason: "Excused until 2026-11-10: Migration." }] as const;
  const { subject, line } = read("exemptionEnded", { history });
  expect(subject.startsWith("[HIGH, excused no more] ")).toBe(true);
  expect(line).toContain(
    "with a password alone It had been excused by arn:aws:iam::111122223333:user/ann; that is over",
  );
  expect(line).toContain("Excused until 2026-11-10: Migration.");
  for (const text of ["HOW TO FIX IT", `warden exempt ${id}`, "Since "]) expect(line).toContain(text);
});

test("owners are told, and can be filtered by any of them", () => {
  const { line, attributes } = read("opened", { owners: ["data@example.com", "ops"] });
  expect(attributes.owner).toEqual(["data@example.com", "ops"]);
  expect(line).toContain("Owner data@example.com, ops");
  expect(read("opened", { owners: [] }).attributes).not.toHaveProperty("owner");
});

describe("reasons that people wrote", () => {
  const reasons = [
    ...Object.values(hostileNames),
    "<!channel> *bold*\n\u202ednuora\u202c [x](https://evil.example) `rm -rf`",
    "x".repeat(1_000),
    "&<>".repeat(333),
  ];
  const told = (reason: string, kind: NoticeKind) =>
    published(
      noticeOf(
        findingAbout("alice", {
          reason,
          owners: [reason],
          exemption: kind === "exempted" ? { id: "0123456789abcdef", by: reason, reason, until: at } : undefined,
          history: [
            { at, what: "exempted", by: reason, reason },
            { at, what: "remediating", by: reason, reason },
            { at, what: "repaired", by: reason, reason },
          ],
          repair: standing("repaired", { why: reason, denied: [reason] }),
        }),
        kind,
        { reason },
      ),
    );

  test.each(repairNews)("neither act nor crowd out where and what, in news of kind %s", (kind) => {
    for (const reason of reasons) {
      const { chat, email } = told(reason, kind);
      expect(chat.content.description).toContain("*Where:* `payments-prod`");
      expect(chat.content.description).toContain("*What:* user `alice`");
      const outsideCode = chat.content.description.replace(/```[\s\S]*?```|`[^`\n]*`/g, "");
      expect(outsideCode).not.toMatch(/\*bold\*|\]\(|`|<!/);
      expect(email).not.toMatch(/^Severity: none/m);
    }
  });

  test("whatever they are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 1_000 }), fc.constantFrom(...repairNews), (reason, kind) => {
        expect(told(reason, kind).chat.content.description).toContain("*Where:* ");
      }),
      { numRuns: 60 },
    );
  });
});
