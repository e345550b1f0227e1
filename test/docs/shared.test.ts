import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("shared/README.md has a line for each folder, in order, and for nothing else", () => {
  const lines = [...readFileSync("shared/README.md", "utf8").matchAll(/^\| `([a-z-]+)\/` \| \S.* \|$/gm)];
  const folders = readdirSync("shared", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.length).toBeGreaterThan(20);
  expect(lines.map(([, folder]) => folder)).toEqual(folders.map(({ name }) => name).sort());
});
