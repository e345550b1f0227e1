import { execFile } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { App, type CfnResource } from "aws-cdk-lib";
import { WardenFunction } from "../infra/constructs/warden-function.ts";
import { HubStack } from "../infra/hub-stack.ts";

const run = promisify(execFile);

/** What Lambda loads of a function at a cold start. */
export interface Bundle {
  /** The file of `functions/`, without its ending. */
  readonly entry: string;
  readonly kibibytes: number;
  /** Of a process of its own each time, the median, in milliseconds. */
  readonly importMs: number;
}

/** A control that repairs, so that every function is deployed. */
const settings = "version: 1\ncontrols:\n  stale-access-key: { mode: remediate }\n";
const imports = 5;

/** Bundles every function as a deployment does, and imports each. */
export const measureBundles = async (): Promise<readonly Bundle[]> => {
  const outdir = await mkdtemp(join(tmpdir(), "iam-warden-bench-"));
  try {
    const settingsFile = join(outdir, "warden.config.yaml");
    await writeFile(settingsFile, settings);
    const app = new App({ outdir: join(outdir, "cdk.out"), analyticsReporting: false });
    const hub = new HubStack(app, "hub", { settingsFile });
    const { Resources } = app.synth().getStackByName(hub.stackName).template;
    const functions = hub.node.findAll().filter((construct) => construct instanceof WardenFunction);
    const measured: Bundle[] = [];
    for (const { entry, node } of functions) {
      const id = hub.getLogicalId(node.defaultChild as CfnResource);
      const asset = String(Resources[id].Properties.Code.S3Key).replace(/\.zip$/, "");
      const file = join(outdir, "cdk.out", `asset.${asset}`, "index.mjs");
      const times: number[] = [];
      for (let turn = 0; turn < imports; turn++) times.push(await importMs(file));
      const median = times.toSorted((a, b) => a - b)[Math.floor(imports / 2)] ?? Number.NaN;
      measured.push({ entry, kibibytes: (await stat(file)).size / 1024, importMs: median });
    }
    return measured.toSorted((a, b) => (a.entry < b.entry ? -1 : 1));
  } finally {
    await rm(outdir, { recursive: true });
  }
};

const importMs = async (file: string): Promise<number> => {
  const script = `const began = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(performance.now() - began);`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script]);
  return Number(stdout.trim().split("\n").at(-1));
};
