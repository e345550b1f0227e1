// Serves an account of the sandbox over HTTP until its parent goes: started by run.ts, so that the process that is
// measured holds nothing but iam-warden itself.

import { addRole, administratorAccess } from "../sandbox/iam/state.ts";
import { createSandbox } from "../sandbox/sandbox.ts";
import { createWorld } from "../sandbox/world.ts";
import type { Target } from "./measured.ts";

const serve = async (users: number, roles: number): Promise<Target> => {
  const sandbox = createSandbox();
  const world = createWorld(sandbox, { seed: 1, users, roles });
  const [accountId] = world.accounts;
  const { managementAccountId } = sandbox.state.organization;
  const management = sandbox.state.accounts.get(managementAccountId);
  if (accountId === undefined || management === undefined) throw new Error("the world lacks its accounts");
  addRole(management, sandbox.ids, {
    name: "iam-warden-bench",
    createdAt: sandbox.clock.now(),
    attachedPolicies: new Set([administratorAccess]),
  });
  const credentials = sandbox.credentialsFor(managementAccountId, { role: "iam-warden-bench" });
  const { url } = await sandbox.listen();
  return {
    endpoint: url,
    accountId,
    sandbox: { ownAccountId: managementAccountId, credentials, now: sandbox.clock.now().toISOString() },
  };
};

const [users = "0", roles = "0"] = process.argv.slice(2);
process.on("disconnect", () => process.exit(0));
process.send?.(await serve(Number(users), Number(roles)));
