// Plain JavaScript that any Node reads, as in cli/launch.js: an older one cannot even load TypeScript to say so.
const major = Number(process.versions.node.split(".")[0]);
if (major >= 24) {
  await import("./demo/run.ts");
} else {
  console.error(
    `npm start needs Node 24 or newer; this is ${process.version}. Run \`npm ci\` first: it installs the Node 24 that \`npm start\` ` +
      "then uses.",
  );
  process.exitCode = 2;
}
