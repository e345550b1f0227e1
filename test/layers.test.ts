import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";

/** What the code of each directory may import besides its own: the program is in shared, and knows none of the others. */
const layers: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  functions: ["shared"],
  cli: ["shared"],
  infra: ["shared"],
  // It runs the real functions, wired as the real templates say: that is what it is for.
  sandbox: ["shared", "functions", "infra"],
  bench: ["shared", "sandbox", "infra"],
};
/** What runs where nothing but `dependencies` is installed; the rest is run from a clone. */
const shipped = ["shared", "functions", "cli"];

const importsOf = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/(?:\bfrom |\bimport\(|^import )"([^"\s]+)"/gm)].map(
    ([, target = ""]) => target,
  );
const filesOf = (directory: string): string[] => globSync(`${directory}/**/*.{ts,js}`).sort();

const packageOf = (target: string): string =>
  target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");

describe.each(Object.entries(layers))("%s", (directory, below) => {
  const imports = filesOf(directory).flatMap((file) => importsOf(file).map((target) => ({ file, target })));

  test(`imports its own and ${below.join(" and ") || "nothing else"}`, () => {
    expect(imports).not.toEqual([]);
    const astray = imports.filter(({ file, target }) => {
      if (!target.startsWith(".")) return false;
      const [layer = ""] = posix.join(posix.dirname(file), target).split("/");
      return layer !== directory && !below.includes(layer);
    });
    expect(astray).toEqual([]);
  });

  if (!shipped.includes(directory)) return;
  test("needs no package of development, but for types", () => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
    const needed = imports.map(({ target }) => target).filter((target) => !/^(?:\.|node:|aws-lambda$)/.test(target));
    expect([...new Set(needed.map(packageOf))].filter((name) => !Object.hasOwn(dependencies, name))).toEqual([]);
  });
});
