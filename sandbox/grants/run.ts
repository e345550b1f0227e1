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

const usage = `Usage: npm run grants

Runs the whole product on an organization of five accounts, as the templates deploy it with everything opted in, and prints, role by
role, each action that it is granted with its statement; where nothing exercises one, why it is granted all the same. Takes some minutes.

  -h, --help   this text

Exit codes: 0 each grant is exercised, or has a reason · 1 one is not and has none · 2 wrong options
`;

/** The exit code. */
const main = async (args: readonly string[]): Promise<number> => {
  const isHelp = args.length === 1 && (args[0] === "--help" || args[0] === "-h");
  if (isHelp || args.length > 0) {
    const to = isHelp ? process.stdout : process.stderr;
    to.write(isHelp ? usage : `grants takes no ${JSON.stringify(args.join(" "))}\n\n${usage}`);
    return isHelp ? 0 : 2;
  }
  const { granted, idle } = await exercise();
  const isIdle = new Set(idle.map((one) => JSON.stringify(one)));
  const noteOf = (grant: Grant): string | undefined =>
    isIdle.has(JSON.stringify(grant)) ? `not exercised: ${reasonFor(grant) ?? "NOBODY SAYS WHY"}` : undefined;
  process.stdout.write(grantTable(granted, noteOf, process.stdout.columns ?? 100));
  process.stdout.write(`${granted.length} grants: ${granted.length - idle.length} exercised, ${idle.length} not.\n`);
  return idle.every((grant) => reasonFor(grant) !== undefined) ? 0 : 1;
};

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
