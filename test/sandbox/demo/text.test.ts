import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DemoLine, jsonPrinter } from "../../../sandbox/demo/lines.ts";
import { textPrinter, wrap } from "../../../sandbox/demo/text.ts";

const at = "2026-11-02T08:00:00.000Z";

const printed = (
  lines: readonly DemoLine[],
  terminal: { isTerminal?: boolean; columns?: number; env?: object; full?: boolean } = {},
) => {
  let text = "";
  const { isTerminal = false, columns = 80, env = {}, full = false } = terminal;
  const printer = textPrinter(
    { write: (more) => (text += more), isTerminal, columns },
    { environment: { ...env }, full },
  );
  for (const line of lines) printer.print(line);
  printer.close();
  return text;
};

const finding = (over: Partial<Extract<DemoLine, { type: "finding" }>> = {}): DemoLine => ({
  at,
  type: "finding",
  change: "opened",
  id: "0123",
  control: "role-without-boundary",
  severity: "high",
  reason: "no boundary is attached",
  account: "111122223333",
  accountName: "data",
  subject: "role/nightly",
  inSweep: false,
  ...over,
});

const sweepStarted: DemoLine = { at, type: "sweep-started", runId: "run", accounts: 2 };
const swept: DemoLine = {
  at,
  type: "account-swept",
  account: "111122223333",
  accountName: "data",
  status: "swept",
  violations: 3,
  unknown: 1,
};

describe("the demo for people", () => {
  it("names control, severity, subject and account of a finding", () => {
    const text = printed([finding({ by: "petra" })]);
    for (const part of [
      "08:00:00",
      "opened",
      "high",
      "role-without-boundary",
      "role nightly in data (111122223333)",
      "(petra)",
    ]) {
      expect(text.replaceAll(/\s+/g, " ")).toContain(part);
    }
  });

  it("tells how many of the accounts a sweep will read", () => {
    const text = printed([{ at, type: "start", accounts: 13, active: 12, users: 161, roles: 293 }]);
    expect(text).toContain("13 accounts, 12 of them active, with 161 IAM users and 293 roles.");
  });

  it("draws the rules of an email no longer than the terminal is wide, and breaks none", () => {
    const rule = "-".repeat(78);
    const titled = `--- HOW TO FIX IT ${"-".repeat(60)}`;
    const message = {
      type: "message",
      protocol: "email",
      endpoint: "a@b.example",
      attributes: {},
      inSweep: false,
    } as const;
    const body = `${titled}\n\n${rule}\n# a comment --------\n`;
    const shown = (columns: number) => printed([{ at, ...message, subject: "S", body }], { columns, full: true });
    expect(shown(120)).toContain(`│ ${titled}\n`);
    expect(shown(80).split("\n").slice(3, 7)).toEqual([
      `  │ ${titled.slice(0, 76)}`,
      "  │ ",
      `  │ ${rule.slice(0, 76)}`,
      "  │ # a comment --------",
    ]);
  });

  it("has colours and a progress bar only on a terminal, and no colours with NO_COLOR", () => {
    const lines = [sweepStarted, swept, finding()];
    expect(printed(lines)).not.toContain("\u001b");
    expect(printed(lines)).toContain("data: 3 violations, 1 unknown");
    expect(printed(lines, { isTerminal: true })).toContain("\u001b[31m");
    expect(printed(lines, { isTerminal: true })).toContain("1/2 accounts");
    const plain = printed(lines, { isTerminal: true, env: { NO_COLOR: "1" } });
    expect(plain).toContain("1/2 accounts");
    expect(plain.replaceAll("\r\u001b[2K", "")).not.toContain("\u001b");
  });

  it("sums the findings of the sweep up by control", () => {
    const bySeverity = { critical: 0, high: 3, medium: 0, low: 0 };
    const found = ["a", "b", "c"].map((name) => finding({ subject: `role/${name}`, inSweep: true }));
    const text = printed([
      sweepStarted,
      ...found,
      { at, type: "sweep-finished", runId: "run", swept: 2, failed: 1, apiCalls: 9, bySeverity },
    ]);
    expect(text).toMatch(/high +3\n +role-without-boundary +3 {2}a \(data\), b \(data\)/);
    expect(text).toContain("1 could not be read");
  });

  it("has a column for the longest control", () => {
    const long = "external-trust-without-external-id";
    const text = printed(
      [
        sweepStarted,
        finding({ inSweep: true, subject: "role/a" }),
        finding({ inSweep: true, subject: "role/b", control: long }),
        {
          ...{ at, type: "sweep-finished", runId: "run", swept: 2, failed: 0, apiCalls: 9 },
          bySeverity: { critical: 0, high: 2, medium: 0, low: 0 },
        },
      ],
      { columns: 70 },
    );
    const rows = text.split("\n").filter((line) => / 1 {2}/.test(line));
    expect(rows.map((row) => row.indexOf(" 1  "))).toEqual([long.length + 7, long.length + 7]);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(70);
  });

  it.each(["\u001b]0;owned\u0007", "\u001b[2J", "\rforged line", "\u202egnp", "a\nb"])(
    "shows the name %j without obeying it",
    (name) => {
      const text = printed([
        finding({ subject: `role/${name}`, accountName: name, reason: name, by: name }),
        { at, type: "message", protocol: "email", endpoint: name, body: name, attributes: {}, inSweep: false },
        { at, type: "message", protocol: "https", endpoint: name, body: name, attributes: {}, inSweep: false },
        { at, type: "dead-letter", messageId: "1", receiveCount: 3, body: name },
        { at, type: "step", title: name },
      ]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    },
  );

  it("lays out a chat notification", () => {
    const body = JSON.stringify({ content: { title: "Title", description: "What happened", nextSteps: ["Do this"] } });
    const text = printed([
      { at, type: "message", protocol: "https", endpoint: "chat", body, attributes: {}, inSweep: false },
    ]);
    for (const part of ["Title", "What happened", "→ Do this"]) expect(text).toContain(part);
  });
});

describe("wrap", () => {
  it("keeps every line within the width and loses nothing but spaces", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 20, max: 120 }), (text, width) => {
        const lines = wrap(text.replace(/^ +/gm, ""), width);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
        const squeezed = (value: string) => value.replace(/[ \n]/g, "");
        expect(squeezed(lines.join(""))).toBe(squeezed(text));
      }),
    );
  });
});

describe("the demo for machines", () => {
  it("is one JSON object a line, whatever the names are", () => {
    let text = "";
    const printer = jsonPrinter({ write: (more) => (text += more), isTerminal: false, columns: 80 });
    printer.print(finding({ subject: "role/a\nb\u2028\u001b" }));
    printer.print(swept);
    expect(
      text
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line).type),
    ).toEqual(["finding", "account-swept"]);
  });
});
