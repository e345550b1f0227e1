#!/usr/bin/env node
// Plain JavaScript that any Node reads: an older one cannot even load the TypeScript of the command to say so.
import module from "node:module";
import { join } from "node:path";

const major = Number(process.versions.node.split(".")[0]);
if (major >= 24) {
  // Halves the time to start. Where the folder cannot be written, Node goes on without.
  module.enableCompileCache(join(import.meta.dirname, "..", "node_modules", ".cache", "compile"));
  await import("./warden.ts");
} else {
  console.error(
    `warden needs Node 24 or newer; this is ${process.version}. In the clone, after \`npm ci\`, run it as \`npx warden\`: ` +
      "that uses the Node 24 which `npm ci` installed.",
  );
  process.exitCode = 2;
}
