import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leavingRolesOut } from "../../scripts/docs/control-page.ts";
import { generatedPages } from "../../scripts/docs/pages.ts";
import { reasonOf } from "../../scripts/docs/role-reasons.ts";
import type { Statement } from "../../scripts/docs/synthesized.ts";
import { controls } from "../../shared/controls/catalogue.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";

const pages = generatedPages();

describe("the generated pages", () => {
  it.each([...pages.keys()])("%s is what the code says: else run npm run docs", (path) => {
    expect(readFileSync(path, "utf8")).toBe(pages.get(path));
  });

  it("are all that stands in docs/controls", () => {
    const files = readdirSync("docs/controls").map((file) => `docs/controls/${file}`);
    expect(files.filter((path) => !pages.has(path))).toEqual([]);
  });

  it("explain every placeholder, and leave nothing undefined", () => {
    for (const [path, text] of pages) expect(text, path).not.toMatch(/\(unexplained\)|undefined|\[object/);
  });

  it("list the built-in rules, and how to exclude roles, where a control leaves roles out, and nowhere else", () => {
    const asking = controls
      .map(({ id }) => id)
      .filter((id) => readFileSync(`shared/controls/${id}.ts`, "utf8").includes("outOfScope("));
    expect([...leavingRolesOut]).toEqual(asking);
    for (const { id } of controls) {
      const page = pages.get(`docs/controls/${id}.md`) ?? "";
      const says = [page.includes("| built-in rule |"), page.includes("excludedRoles:")];
      expect(says, id).toEqual(asking.includes(id) ? [true, true] : [false, false]);
      if (page.includes("list of built-in rules")) expect(asking).toContain(id);
    }
  });

  it("hold a settings sample that spells out the defaults", () => {
    const sample = pages.get("docs/warden.config.sample.yaml") ?? "";
    expect(parseSettings(sample, "sample")).toEqual(defaultSettings());
    for (const { id } of controls) expect(sample).toContain(`\n  ${id}:\n`);
  });

  it("head the sample with the schema as a file beside README.md finds it", () => {
    const sample = pages.get("docs/warden.config.sample.yaml") ?? "";
    const [, schema = ""] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(sample) ?? [];
    expect(pages.has(posix.normalize(schema)), schema).toBe(true);
  });

  it("show settings that can be read", () => {
    for (const [path, text] of pages) {
      const examples = [...text.matchAll(/```yaml\n(version: 1\n[^`]+)```/g)].map(([, example]) => example ?? "");
      if (/controls\/[a-z]/.test(path)) expect(examples, path).not.toEqual([]);
      for (const example of examples) expect(() => parseSettings(example, path)).not.toThrow();
    }
  });
});

describe("the page of roles", () => {
  const page = pages.get("docs/roles.md") ?? "";
  const names = ["audit", "forward", "remediate", "hub-intake", "hub-sweep-account", "hub-operator", "hub-remediate"];
  it.each(names)("has iam-warden-%s", (name) => {
    expect(page).toContain(`### \`iam-warden-${name}\`\n`);
  });

  it("is not made while nobody has said why a role may do something", () => {
    const statement: Statement = { Effect: "Allow", Action: ["s3:DeleteObject"], Resource: ["*"] };
    expect(() => reasonOf("iam-warden-audit", statement)).toThrow(/why iam-warden-audit may s3:DeleteObject/);
    expect(() => reasonOf("iam-warden-audit", { ...statement, Sid: "New" })).toThrow(/\(New\): say it in role-reasons/);
  });
});

// Each run synthesizes the stacks, for the page of roles.
describe("npm run docs", { timeout: 180_000 }, () => {
  const script = resolve("scripts/gen-docs.ts");
  let top: string;
  const docs = (...args: readonly string[]) => {
    const result = spawnSync(process.execPath, [script, ...args], { cwd: top, encoding: "utf8" });
    return { status: result.status, stdout: result.stdout, stderr: result.stderr };
  };
  beforeAll(() => {
    top = mkdtempSync(join(tmpdir(), "docs-"));
  });
  afterAll(() => rmSync(top, { recursive: true }));

  it("names what is missing, writes it, and then has nothing to do", () => {
    expect(docs("--check")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("stale: docs/controls/stale-access-key.md\n"),
    });
    expect(docs()).toMatchObject({ status: 0, stdout: expect.stringContaining("wrote docs/controls/README.md\n") });
    expect(docs("--check")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(docs().stdout).toBe(`${pages.size} pages are up to date\n`);
  });

  it("names what is stale and what belongs to no control, and mends both", () => {
    const page = join(top, "docs/controls/stale-access-key.md");
    writeFileSync(page, "changed by hand\n");
    writeFileSync(join(top, "docs/controls/gone-control.md"), "old\n");
    expect(docs("--check")).toEqual({
      status: 1,
      stdout: "",
      stderr:
        'stale: docs/controls/stale-access-key.md\norphan: docs/controls/gone-control.md\nRun "npm run docs" and commit what it writes.\n',
    });
    expect(docs().stdout).toBe("wrote docs/controls/stale-access-key.md\ndeleted docs/controls/gone-control.md\n");
    expect(readFileSync(page, "utf8")).toBe(pages.get("docs/controls/stale-access-key.md"));
    expect(docs("--check").status).toBe(0);
  });

  it("refuses what it does not know", () => {
    expect(docs("--chekc")).toMatchObject({ status: 2, stderr: expect.stringContaining("usage: npm run docs") });
  });
});
