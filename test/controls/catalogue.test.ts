import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, posix, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as iam from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { placeholders, placeholdersIn } from "../../scripts/docs/placeholders.ts";
import type { AnyControl } from "../../shared/control.ts";
import {
  activityControls,
  controlById,
  controls,
  stateControls,
  stateControlsOf,
} from "../../shared/controls/catalogue.ts";
import { actionNamed } from "../../shared/policy/actions/known.ts";
import { subjectKinds } from "../../shared/subject.ts";

const folder = "shared/controls";
/** Every file directly in the folder is a control, but for the catalogue itself; what controls share is in terms/. */
const files = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && file !== "catalogue.ts")
  .map((file) => file.slice(0, -".ts".length))
  .sort();
const ids = controls.map((control) => control.id);

/** Events of sign-in, which no SDK models. */
const signInEvents = ["signin:ConsoleLogin", "signin:PasswordRecoveryCompleted", "signin:PasswordRecoveryRequested"];

const camelCase = (id: string): string => id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

describe("the catalogue", () => {
  it("has each control of the folder, in order, and nothing else", () => {
    expect(ids).toEqual(files);
  });

  it("finds controls by id and by kind", () => {
    for (const control of controls) expect(controlById(control.id)).toBe(control);
    expect(controlById("no-such-control")).toBeUndefined();
    expect(controlById("constructor")).toBeUndefined();
    expect([...stateControls, ...activityControls].map((control) => control.id).sort()).toEqual(ids);
    expect(new Set(subjectKinds.flatMap((kind) => stateControlsOf(kind)))).toEqual(new Set(stateControls));
    for (const kind of subjectKinds)
      for (const control of stateControlsOf(kind)) expect(control.subjects).toContain(kind);
  });

  it("keeps controls pure: they import their own types, terms and zod", () => {
    const terms = readdirSync(`${folder}/terms`, { recursive: true, encoding: "utf8" });
    const sources = [...files.map((id) => `${id}.ts`), ...terms.map((file) => posix.join("terms", file))];
    for (const file of sources.filter((path) => path.endsWith(".ts"))) {
      const source = readFileSync(`${folder}/${file}`, "utf8");
      const imports = [...source.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, target]) => target ?? "");
      for (const target of imports) {
        const imported = target.startsWith(".") ? posix.join(dirname(file), target) : target;
        expect(`${file}: ${imported}`).toMatch(
          /: (?:zod|(?:terms\/(?:[a-z-]+\/)?)?[a-z-]+\.ts|\.\.\/(?:control|subject|facts\/facts|events\/record|remediation\/step|organization\/view|policy\/[a-z]+\/[a-z-]+|effort|remember|text\/list-words|wildcard)\.ts)$/,
        );
        expect(target).not.toContain("catalogue");
      }
      expect(source, `${file} reads a clock or chance`).not.toMatch(/Date\.now|new Date\(\)|Math\.random|process\./);
    }
  });
});

describe.each(controls.map((control) => [control.id, control] as const))("%s", (id, control: AnyControl) => {
  it("is the export of its file, with a test and a docs page of the same name", async () => {
    const module: Record<string, unknown> = await import(pathToFileURL(resolve(folder, `${id}.ts`)).href);
    expect(module[camelCase(id)]).toBe(control);
    expect(existsSync(`test/controls/${id}.test.ts`), `test/controls/${id}.test.ts is missing`).toBe(true);
    expect(existsSync(`docs/controls/${id}.md`), `docs/controls/${id}.md: run npm run docs`).toBe(true);
  });

  it("is written to its end", () => {
    const source = readFileSync(`${folder}/${id}.ts`, "utf8");
    expect(source.includes("TODO"), `${id} is still to be written: it says TODO`).toBe(false);
  });

  it("has a name, a title and whole sentences", () => {
    expect(id).toMatch(/^[a-z]+(?:-[a-z]+)+$/);
    expect(control.title).toMatch(/^[A-Z].{5,70}[^.]$/);
    const { what, why, counts } = control.guidance;
    for (const text of [what, why, ...counts]) expect(text).toMatch(/^[A-Z`].+\.$/);
    expect(counts).not.toEqual([]);
  });

  it("says how to fix it in three tools, with placeholders that are explained", () => {
    for (const snippet of Object.values(control.guidance.fix)) {
      expect(snippet.trim()).not.toBe("");
      expect(snippet).not.toContain("undefined");
      for (const name of placeholdersIn(snippet)) expect(Object.keys(placeholders)).toContain(name);
    }
  });

  it("maps frameworks in their own numbering", () => {
    const { cis = {}, securityHub, nist = [] } = control.frameworks;
    for (const [version, item] of Object.entries(cis)) {
      expect(["5.0", "7.0"]).toContain(version);
      expect(item).toMatch(/^\d+(?:\.\d+)+$/);
    }
    if (securityHub !== undefined) expect(securityHub).toMatch(/^(?:IAM|CloudTrail|CloudWatch)\.\d+$/);
    for (const item of nist) expect(item).toMatch(/^[A-Z]{2}-\d+(?:\(\d+\))?$/);
  });

  it("has options with defaults, descriptions, bounds and units, and takes no others", () => {
    const defaults = control.options.parse({});
    expect(control.options.parse(defaults)).toEqual(defaults);
    expect(control.options.safeParse({ noSuchOption: 1 }).success).toBe(false);
    const { properties = {} } = z.toJSONSchema(control.options, { io: "input" });
    for (const [name, property] of Object.entries(properties)) {
      if (typeof property === "boolean") throw new Error(`${name} has no schema`);
      expect(property.description, name).toMatch(/^[A-Z].+\.$/);
      expect(property, name).toHaveProperty("default");
      if (property.type === "number" || property.type === "integer") {
        expect(name).toMatch(/[a-z](?:Days|Hours|Minutes|Seconds|Percent|Characters|Passwords)$/);
        expect(property.type).toBe("integer");
        expect(property.minimum, name).toBeGreaterThanOrEqual(1);
        expect(property.maximum, name).toBeLessThanOrEqual(3650);
      }
    }
  });

  if (control.type === "state") {
    it("has hints that are calls of AWS, each once, in order", () => {
      // What only the organization says leaves no event in the account; then the page has to tell who judges it when.
      if (control.hints.length === 0 && !control.analyzerFindings)
        expect(control.guidance.counts.join(" ")).toMatch(/\bthe next sweep judges\b/);
      expect([...new Set(control.hints)].sort()).toEqual(control.hints);
      for (const hint of control.hints) {
        const [service, name] = hint.split(":");
        if (service === "iam") expect(Object.keys(iam), hint).toContain(`${name}Command`);
        else if (service === "signin") expect(signInEvents).toContain(hint);
        else expect(actionNamed(hint)?.id).toBe(hint);
      }
      if (control.subjects.includes("role")) {
        expect(control.hints).toEqual(expect.arrayContaining(["iam:CreateRole", "iam:AcquireRole"]));
      }
    });
  } else {
    it("has patterns that pin the source", () => {
      expect(control.patterns).not.toEqual([]);
      for (const pattern of control.patterns) {
        expect(pattern).toHaveProperty("source");
        expect(pattern).toHaveProperty("detail-type");
      }
    });
  }
});
