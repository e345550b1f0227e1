import { threeAccounts, type Watched, watched } from "../three-accounts.ts";
import { type Deployment, type DeploymentOptions, deploy, type Hub } from "./deployment.ts";
import { makeHub } from "./hub.ts";

export interface WiredOrganization extends Deployment, Watched {
  readonly place: Hub;
}

/** Three accounts with the program on a wiring of the tests' own; see `deploy` for which tests. */
export const wiredOrganization = (options: Partial<DeploymentOptions> = {}): WiredOrganization => {
  const accounts = threeAccounts();
  const { sandbox, telemetry, hub } = accounts;
  const { delegatedAdministrators } = sandbox.state.organization;
  delegatedAdministrators.set(hub.id, new Map([["iam-warden.example.com", sandbox.clock.now()]]));
  const place = makeHub(sandbox, hub.id, options.settings);
  const deployment = deploy(sandbox, place, { telemetry, maxAttempts: 1, ...options });
  return { ...deployment, ...watched(accounts, deployment.store), place };
};
