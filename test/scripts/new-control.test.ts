import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { registered } from "../../scripts/control-template.ts";
import { subjectKinds } from "../../shared/subject.ts";

describe("npm run new-control", () => {
  let top: string;
  const node = (...args: readonly string[]) => {
    const result = spawnSync(process.execPath, [...args], { cwd: top, encoding: "utf8" });
    return { status: result.status, stdout: result.stdout, stderr: result.stderr, all: result.stdout + result.stderr };
  };
  const newControl = (...args: readonly string[]) => node("scripts/new-control.ts", ...args);
  const vitest = (...files: readonly string[]) => node("node_modules/vitest/vitest.mjs", "run", "--no-color", ...files);
  const usage = `usage: npm run new-control -- ID --subject ${subjectKinds.join("|")}`;
  const scaffolded = [
    ["aaa-first-of-all", "user"],
    ["key-of-an-admin", "accessKey"],
    ["role-that-anybody-whoever-it-may-be-can-assume-from-anywhere-in-the-world-without-an-external-id", "role"],
    ["root-has-no-name", "root"],
    ["policy-of-nobody", "policy"],
    ["stray-group", "group"],
    ["stray-provider", "oidcProvider"],
    ["zzz-last-of-all", "account"],
  ] as const;

  beforeAll(() => {
    top = mkdtempSync(join(tmpdir(), "new-control-"));
    for (const path of [
      "shared",
      "functions",
      "infra",
      "sandbox",
      "scripts",
      "docs",
      "test/support",
      "package.json",
      "package-lock.json",
      "tsconfig.json",
      "biome.json",
      ".gitignore",
    ]) {
      cpSync(resolve(path), join(top, path), { recursive: true });
    }
    mkdirSync(join(top, "test/controls"), { recursive: true });
    cpSync(resolve("test/controls/catalogue.test.ts"), join(top, "test/controls/catalogue.test.ts"));
    const config = { test: { include: ["test/**/*.test.ts"], isolate: false } };
    writeFileSync(join(top, "vitest.config.ts"), `export default ${JSON.stringify(config)};\n`);
    symlinkSync(resolve("node_modules"), join(top, "node_modules"));
  });
  afterAll(() => rmSync(top, { recursive: true }));

  it.each(["--help", "-h"])("explains itself with %s, and writes nothing", (option) => {
    const catalogue = readFileSync(join(top, "shared/controls/catalogue.ts"), "utf8");
    const { status, stdout, stderr } = newControl(option);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n")[0]).toBe(usage);
    expect(readFileSync(join(top, "shared/controls/catalogue.ts"), "utf8")).toBe(catalogue);
  });

  it.each(scaffolded)("scaffolds and registers %s about %s", (id, subject) => {
    expect(newControl(id, "--subject", subject)).toMatchObject({ status: 0, stderr: "" });
    for (const path of [`shared/controls/${id}.ts`, `test/controls/${id}.test.ts`]) {
      expect(existsSync(join(top, path))).toBe(true);
    }
    expect(readFileSync(join(top, "shared/controls/catalogue.ts"), "utf8")).toContain(`from "./${id}.ts";`);
  });

  it("writes what the type checker and the linter take", () => {
    expect(node("node_modules/typescript/bin/tsc", "-p", ".")).toMatchObject({ status: 0, stdout: "" });
    const paths = ["shared/controls", "test/controls"];
    const lint = node("node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", ...paths);
    expect(lint.status, lint.all).toBe(0);
  });

  it("leaves tests that fail, and say why, until the control is written", () => {
    const result = vitest(...scaffolded.map(([id]) => `test/controls/${id}.test.ts`));
    expect(result.status).not.toBe(0);
    for (const [id] of scaffolded) {
      expect(result.all).toContain(`evaluate in shared/controls/${id}.ts is still to be written (TODO)`);
    }
    const registry = vitest("test/controls/catalogue.test.ts");
    expect(registry.status).not.toBe(0);
    expect(registry.all).toContain("aaa-first-of-all is still to be written: it says TODO");
    expect(registry.all).toContain("docs/controls/aaa-first-of-all.md: run npm run docs");
    expect(registry.all).toContain("✓ has each control of the folder");
  }, 180_000);

  it("leaves tests that pass once it is written", () => {
    const control = join(top, "shared/controls/aaa-first-of-all.ts");
    const written = readFileSync(control, "utf8")
      .replace(
        /unknown\(\s*`[^`]*`,?\s*\)/,
        'user.path === "/" ? compliant : violation("Elsewhere.", { path: user.path })',
      )
      .replace("noOptions, unknown", "compliant, noOptions, violation")
      .replaceAll("TODO: ", "Now ")
      .replaceAll("Now the", "The");
    writeFileSync(control, written);
    const test = join(top, "test/controls/aaa-first-of-all.test.ts");
    const table = readFileSync(test, "utf8").replace(
      /facts: userFacts\(\),\s*reason: "[^"]*",\s*evidence: \{\}/,
      'facts: userFacts({ path: "/x/" }), reason: "Elsewhere.", evidence: { path: "/x/" }',
    );
    writeFileSync(test, table);
    const docs = node("scripts/gen-docs.ts");
    expect(docs.status, docs.all).toBe(0);
    const result = vitest("test/controls/aaa-first-of-all.test.ts");
    expect(result.status, result.all).toBe(0);
  });

  it.each([
    ["no id", [], "give one id"],
    ["two ids", ["a-b", "c-d", "--subject", "user"], "give one id"],
    ["no subject", ["some-bad-state"], "--subject is missing"],
    ["another subject", ["some-bad-state", "--subject", "bucket"], "--subject is bucket"],
    ["a name of JavaScript's", ["some-bad-state", "--subject", "constructor"], "--subject is constructor"],
    ["a path", ["../evil-state", "--subject", "user"], '"../evil-state" is not two or more lower-case words'],
    ["capitals", ["Some-Bad", "--subject", "user"], '"Some-Bad" is not'],
    [
      "an id that exists",
      ["stale-access-key", "--subject", "user"],
      "shared/controls/stale-access-key.ts exists already",
    ],
    ["an option that does not exist", ["some-bad-state", "--kind", "user"], "Unknown option '--kind'"],
  ])("refuses %s and writes nothing", (_, args, message) => {
    const before = readFileSync(join(top, "shared/controls/catalogue.ts"), "utf8");
    const result = newControl(...args);
    expect(result).toMatchObject({ status: 2, stdout: "" });
    expect(result.stderr).toContain(message);
    expect(result.stderr).toContain(usage);
    expect(readFileSync(join(top, "shared/controls/catalogue.ts"), "utf8")).toBe(before);
  });
});

it("does not touch a catalogue of another shape", () => {
  expect(() => registered("export const controls = [];\n", "some-bad-state")).toThrow(/has changed its shape/);
});
