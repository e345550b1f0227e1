import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("each dependency, and nothing else, has its line in the ADR with the licence that it has", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  const [, runTime = "", development = ""] = read("docs/adr/0001-dependencies.md").split(/^## /m);
  const rows = (section: string): (readonly [name: string, licence: string])[] =>
    [...section.matchAll(/^\| `([^`]+)` \| [^|]+ \| ([^|]+) \| [^|]+ \|$/gm)].map(([, name = "", licence = ""]) => [
      name,
      licence,
    ]);
  const licenceOf = (name: string): string =>
    JSON.parse(read(`node_modules/${name}/package.json`)).license.replace(" OR ", " or ");
  const declared = (names: object): (readonly [string, string])[] =>
    Object.keys(names)
      .sort()
      .map((name) => [name, licenceOf(name)]);

  expect(rows(runTime)).toEqual(declared(dependencies));
  expect(rows(development)).toEqual(declared(devDependencies));
});

test("the lockfile has the binaries of every platform, so that `npm ci` accepts it on each of them", () => {
  const { packages }: { packages: Record<string, { optionalDependencies?: object; inBundle?: boolean }> } = JSON.parse(
    read("package-lock.json"),
  );
  const missing = Object.entries(packages)
    .filter(([, { inBundle }]) => inBundle !== true)
    .flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    );
  expect(missing).toEqual([]);
});
