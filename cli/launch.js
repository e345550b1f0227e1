#!/usr/bin/env node
// Plain JavaScript that any Node reads: an older one cannot even load the TypeScript of the command to say so.
const major = Number(process.versions.node.split(".")[0]);
if (major >= 24) {
  await import("./warden.ts");
} else {
  console.error(
    `warden needs Node 24 or newer; this is ${process.version}. In the clone, after \`npm ci\`, run it as \`npx warden\`: ` +
      "that uses the Node 24 which `npm ci` installed.",
  );
  process.exitCode = 2;
}
