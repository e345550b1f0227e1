import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { ackCommand } from "../../cli/commands/ack.ts";
import { approveCommand } from "../../cli/commands/approve.ts";
import { exemptCommand, unexemptCommand } from "../../cli/commands/exempt.ts";
import { exemptionsCommand } from "../../cli/commands/exemptions.ts";
import { findingsCommand } from "../../cli/commands/findings.ts";
import { planCommand } from "../../cli/commands/plan.ts";
import { resumeCommand } from "../../cli/commands/resume.ts";
import { showCommand } from "../../cli/commands/show.ts";
import { undoCommand } from "../../cli/commands/undo.ts";
import {
  type Finding,
  type NoticeKind,
  repairNews,
  repairStates,
  violationNews,
} from "../../shared/findings/finding.ts";
import type { Notice } from "../../shared/notify/notice.ts";
import { stages } from "../../shared/remediation/remediation.ts";
import { aFinding, hubAccount, runInBash } from "../support/findings.ts";
import { noticeOf, published } from "../support/published-notice.ts";

// What a message tells people to type has to work as it stands.

const at = "2026-11-10T03:13:05.000Z";

const commands = (): readonly Command[] => [
  ackCommand(),
  approveCommand(),
  exemptCommand(),
  unexemptCommand(),
  exemptionsCommand(),
  findingsCommand(),
  planCommand(),
  resumeCommand(),
  showCommand(),
  undoCommand(),
];

/** The commands that a notice names, in its email and in chat. */
const named = (notice: Notice): readonly string[] => {
  const { email, chat } = published(notice);
  const inChat = (chat.content.nextSteps ?? []).flatMap((step) => /`(warden [^`]*)`/.exec(step)?.[1] ?? []);
  return [...new Set([...(email.match(/(?<=^ {2})warden .*/gm) ?? []), ...inChat])];
};

/** Parses a command line as the shell and then the program would. */
const accepted = async (line: string): Promise<string> => {
  const [, name = "", ...args] = runInBash(`printf '%s\\0' ${line}`).split("\0").slice(0, -1);
  const command = commands().find((one) => one.name() === name);
  if (command === undefined) return `${line}: there is no such command`;
  command
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .action(() => {});
  try {
    await command.parseAsync(args, { from: "user" });
    return "";
  } catch (error) {
    return `${line}: ${error}`;
  }
};

const of = (changes: Partial<Finding>, kind: NoticeKind): Notice => noticeOf(aFinding(changes), kind, { at });

const exemption = { id: "0123456789abcdef", by: "ann", reason: "Migration.", until: at };
const repairs = [...repairStates, undefined].flatMap((state) =>
  stages.map((stage) => ({
    repair: state && { state, at, why: "So.", stage, interlock: "blastRadius" },
    history: [
      { at, what: "remediating" },
      { at, what: "repaired" },
    ],
  })),
) satisfies readonly Partial<Finding>[];
const activity = { count: 1, episodes: [], lastAt: at, eventIds: [] };

const findingNotices = [...violationNews, ...repairNews].flatMap((kind) =>
  repairs.flatMap((changes) =>
    [{}, { history: [] }, { status: "resolved" as const }, { activity }, kind === "exempted" ? { exemption } : {}].map(
      (more) => of({ ...changes, ...more }, kind),
    ),
  ),
);

const anExemption = {
  ...exemption,
  controls: "all",
  scope: { organization: true },
  createdAt: at,
  version: 1,
} as const;

const others: readonly Notice[] = [
  {
    kind: "reminder",
    at,
    account: hubAccount,
    owners: [],
    items: [{ finding: aFinding(), dueAt: at, isFirst: true }],
  },
  ...(["organization", { account: hubAccount.id }] as const).map(
    (scope): Notice => ({
      kind: "breakerTripped",
      trip: { window: { scope, hour: "2026-11-10T03" }, at, remediationId: `${aFinding().id}-0001` },
      limits: { perAccount: { count: 1, percent: 1 }, organization: { count: 1, percent: 1 } },
    }),
  ),
  { kind: "exemptionExpiring", exemption: anExemption },
  {
    kind: "exemptionExpiring",
    exemption: {
      ...anExemption,
      controls: ["stale-access-key", "unused-access-key"],
      scope: { ou: "Root/Work loads" },
      subject: { kind: "role", pattern: "ci-*" },
    },
  },
  {
    kind: "exemptionExpiring",
    exemption: { ...anExemption, scope: { account: hubAccount.id }, subject: { kind: "user", pattern: "'; $(id) *" } },
  },
];

describe("the program takes every command", () => {
  test.each([
    "warden undo 3f0c9a71b2d4",
    "warden exempt 3f0c9a71b2d4 --untill 2027-01-31",
    "warden excuse 3f0c9a71b2d4",
  ])("and not %s", async (line) => {
    expect(await accepted(line)).toContain(`${line}: `);
  });

  test("of notices about a finding, however it stands", async () => {
    const lines = new Set(findingNotices.flatMap(named));
    const words = new Set([...lines].map((line) => line.split(" ")[1]));
    expect([...words].sort()).toEqual(["ack", "approve", "exempt", "plan", "show", "undo", "unexempt"]);
    for (const line of lines) expect(await accepted(line)).toBe("");
  });

  test.each(others.map((notice) => [notice.kind, notice] as const))("of a notice of kind %s", async (_kind, notice) => {
    const lines = named(notice);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(await accepted(line)).toBe("");
  });
});
