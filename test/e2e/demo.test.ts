import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import type { DemoLine } from "../../sandbox/demo/lines.ts";
import { createStage } from "../../sandbox/demo/stage.ts";
import { addRole } from "../../sandbox/iam/state.ts";

const root = new URL("../..", import.meta.url);
const { scripts } = createRequire(import.meta.url)("../../package.json") as { scripts: Record<string, string> };

/** What `npm start` runs, without npm around it. */
const demo = (...args: readonly string[]): ChildProcess => {
  const [command, ...rest] = scripts.start?.split(" ") ?? [];
  expect(command).toBe("node");
  return spawn(process.execPath, [...rest, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
};

const ended = async (child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> => {
  const text = { out: "", err: "" };
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text.out += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (text.err += chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  return { code, ...text };
};

describe("npm start", () => {
  it("--once sweeps, lives, finds what it was seeded with, and ends with 0", async () => {
    const { code, out, err } = await ended(demo("--once"));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    // Not a terminal: no colours, no progress bar.
    for (const control of ["\r", "\u001b"]) expect(out).not.toContain(control);
    for (const part of [
      "The daily sweep",
      "Findings by severity",
      "email to",
      "chat to",
      "dead-letter queue",
      "✔ As seeded",
    ]) {
      expect(out).toContain(part);
    }
    const controls =
      "role-without-boundary root-activity root-sign-in-failure console-user-without-mfa two-active-access-keys";
    for (const control of controls.split(" ")) {
      expect(out).toMatch(new RegExp(`● opened {2}\\w+ {2}${control}\\n`));
    }
    expect(out).toMatch(/✔ resolved {2}medium {2}role-without-boundary\n/);
  });

  it("--once --json prints the same events on every run, one object a line", async () => {
    const [one, two] = await Promise.all([ended(demo("--once", "--json")), ended(demo("--once", "--json"))]);
    expect(one.code).toBe(0);
    expect(one.out).toBe(two.out);
    const lines = one.out
      .trimEnd()
      .split("\n")
      .map((line): DemoLine => JSON.parse(line));
    expect(lines[0]).toMatchObject({ type: "start" });
    expect(lines.at(-2)).toMatchObject({ type: "check", ok: true, problems: [] });
    expect(lines.at(-1)).toMatchObject({ type: "end", exitCode: 0 });
    const findings = lines.filter((line) => line.type === "finding");
    for (const finding of findings) expect(finding.control).toMatch(/^[a-z-]+$/);
    expect(lines.filter((line) => line.type === "dead-letter")).toHaveLength(1);
    // The critical ones singly, all the others of the sweep in one digest; two subscribers.
    const ofSweep = lines.slice(
      0,
      lines.findIndex((line) => line.type === "step" && line.title.startsWith("Somebody")),
    );
    const kinds = ofSweep.flatMap((line) =>
      line.type === "message" ? [`${line.attributes.kind} ${line.attributes.severity}`] : [],
    );
    expect(new Set(kinds)).toEqual(new Set(["opened critical", "digest critical"]));
    expect(kinds.filter((kind) => kind.startsWith("digest"))).toHaveLength(2);
  });

  it("serves one's own AWS CLI until it is interrupted, and then ends with 0", async () => {
    const child = demo("--json", "--speed", "3600");
    const lines: DemoLine[] = [];
    let rest = "";
    const { promise: end, resolve: hasEnded } = Promise.withResolvers<void>();
    const endpoint = new Promise<string>((resolve) => {
      child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
        const parts = (rest + chunk).split("\n");
        rest = parts.pop() ?? "";
        for (const part of parts) {
          const line: DemoLine = JSON.parse(part);
          lines.push(line);
          if (line.type === "endpoint") resolve(line.url);
          if (line.type === "end") hasEnded();
        }
      });
    });
    const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
    const url = await endpoint;
    expect((await fetch(url, { method: "POST" })).status).toBe(403);
    child.kill("SIGINT");
    // As npm passes it on once more, and late: when there is nothing left to interrupt.
    await end;
    child.kill("SIGINT");
    expect(await closed).toBe(0);
    expect(lines.at(-1)).toMatchObject({ type: "end", exitCode: 0 });
    await expect(fetch(url, { method: "POST" })).rejects.toThrow("fetch failed");
  });

  it("stops in the middle of the sweep when it is interrupted there, and tells nothing more", async () => {
    const child = demo("--json");
    child.stdout?.on("data", (chunk: Buffer) => {
      if (chunk.includes('"account-swept"')) child.kill("SIGINT");
    });
    const { code, out, err } = await ended(child);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const types = out
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as DemoLine).type);
    expect(types).toContain("account-swept");
    for (const type of ["sweep-finished", "step", "message", "endpoint"]) expect(types).not.toContain(type);
    expect(types.at(-1)).toBe("end");
  });

  it("--help explains, wrong options end with 2", async () => {
    const help = await ended(demo("--help"));
    expect({ code: help.code, err: help.err }).toEqual({ code: 0, err: "" });
    expect(help.out).toContain("--once");
    const wrong = await ended(demo("--twice"));
    expect({ code: wrong.code, out: wrong.out }).toEqual({ code: 2, out: "" });
    expect(wrong.err).toContain("--twice");
  });
});

describe("the demo's check of itself", () => {
  it("notices a finding that was not seeded, one that is missing, and a step that led to nothing", async () => {
    const stage = createStage({ print: () => {}, close: () => {} }, { seed: 1 });
    const { sandbox, organization } = stage;
    const id = organization.hubAccountId;
    const account = sandbox.state.accounts.get(id);
    if (account === undefined) throw new Error("no hub");
    const missing = organization.truth.find(({ account: of, subject }) => of === id && subject.kind === "role");
    account.roles.delete(missing?.subject.name.toLowerCase() ?? "");
    addRole(account, sandbox.ids, { name: "intruder", createdAt: sandbox.clock.now() });
    await stage.sweepAll();
    const { problems } = await stage.compareWithTruth();
    expect(problems).toEqual([
      expect.stringMatching(new RegExp(`^not found: .* on role/${missing?.subject.name} in`)),
      expect.stringMatching(/^found, but not seeded: role-without-boundary on role\/intruder in/),
    ]);
    const step = {
      title: "Nothing happens",
      act: () => {},
      expected: [{ accountId: id, control: "root-activity", subject: { kind: "root", name: "root" }, status: "open" }],
    } as const;
    expect(await stage.compareWithStep(step)).toEqual([
      expect.stringMatching(/^Nothing happens: root-activity .* open/),
    ]);
  });
});
