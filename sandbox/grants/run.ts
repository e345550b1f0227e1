import { synthesize } from "../cloudformation/synthesize.ts";
import { runScenario } from "../scenario/run.ts";
import { scenarioSettings } from "../scenario/settings.ts";
import { type Grant, reportGrants } from "./granted.ts";
import { reasonFor } from "./reasons.ts";
import { grantTable } from "./table.ts";

/** What the scenario exercises of all that the templates grant. */
export const exercise = async () => {
  const { sandbox } = await runScenario(synthesize(scenarioSettings), { recordsUse: true });
  return reportGrants(sandbox.state, sandbox.authorization.used());
};

if (import.meta.main) {
  const { granted, idle } = await exercise();
  const isIdle = new Set(idle.map((one) => JSON.stringify(one)));
  const noteOf = (grant: Grant): string =>
    isIdle.has(JSON.stringify(grant)) ? (reasonFor(grant) ?? "NOTHING EXERCISES IT") : "";
  process.stdout.write(grantTable(granted, noteOf));
  process.stdout.write(`${granted.length} grants: ${granted.length - idle.length} exercised, ${idle.length} not.\n`);
  process.exitCode = idle.every((grant) => reasonFor(grant) !== undefined) ? 0 : 1;
}
