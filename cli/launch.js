#!/usr/bin/env node
// Plain JavaScript that any Node reads: an older one cannot even load the TypeScript of the command.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { constants } from "node:os";
import { join } from "node:path";

const modules = join(import.meta.dirname, "..", "node_modules");
/** The Node 24 that `npm ci` brings, for whoever starts the command by an older one. */
const ownNode = join(modules, "node", "bin", "node");

const major = Number(process.versions.node.split(".")[0]);
if (major >= 24) {
  // Halves the time to start. Where the folder cannot be written, Node goes on without.
  module.enableCompileCache(join(modules, ".cache", "compile"));
  await import("./warden.ts");
} else if (existsSync(ownNode) && process.env.IAM_WARDEN_RELAUNCHED === undefined) {
  const command = spawn(ownNode, [import.meta.filename, ...process.argv.slice(2)], {
    stdio: "inherit",
    // Once: should that Node be too old as well, it says so.
    env: { ...process.env, IAM_WARDEN_RELAUNCHED: "1" },
  });
  // A terminal sends them to both: the command is the one to say what comes of them.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => command.kill(signal));
  command.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
} else {
  console.error(
    `warden needs Node 24 or newer; this is ${process.version}. Run \`npm ci\` in iam-warden's folder first: it installs the Node 24 that ` +
      "warden then uses.",
  );
  process.exitCode = 2;
}
