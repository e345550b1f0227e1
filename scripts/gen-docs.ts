import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { generatedPages } from "./docs/pages.ts";

const usage = "usage: npm run docs [-- --check]";

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
};

/** Pages of controls that are no more: the folder holds nothing but generated pages. */
const orphans = async (top: string, pages: ReadonlyMap<string, string>): Promise<readonly string[]> => {
  const folder = "docs/controls";
  await mkdir(join(top, folder), { recursive: true });
  const files = await readdir(join(top, folder));
  return files
    .map((file) => `${folder}/${file}`)
    .filter((path) => !pages.has(path))
    .sort();
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
  const top = process.cwd();
  const pages = generatedPages();
  const left = await orphans(top, pages);
  const stale: string[] = [];
  for (const [path, content] of pages) if ((await readIfThere(join(top, path))) !== content) stale.push(path);

  if (values.check) {
    for (const path of stale) console.error(`stale: ${path}`);
    for (const path of left) console.error(`orphan: ${path}`);
    if (stale.length + left.length > 0) console.error('Run "npm run docs" and commit what it writes.');
    return stale.length + left.length > 0 ? 1 : 0;
  }
  for (const path of stale) {
    await mkdir(dirname(join(top, path)), { recursive: true });
    await writeFile(join(top, path), pages.get(path) ?? "");
    console.log(`wrote ${path}`);
  }
  for (const path of left) {
    await rm(join(top, path), { recursive: true });
    console.log(`deleted ${path}`);
  }
  if (stale.length + left.length === 0) console.log(`${pages.size} pages are up to date`);
  return 0;
};

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n${usage}` : error);
  process.exitCode = 2;
}
