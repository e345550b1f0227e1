import type { AwsCredentialIdentity } from "@smithy/types";
import { stackSetService } from "../../sandbox/cloudformation/stack-set.ts";
import { type Deployment, deploy } from "../../sandbox/deployed/deploy.ts";
import type { DeployOptions } from "../../sandbox/deployed/options.ts";
import { planOf } from "../../sandbox/deployed/plans.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { createAwsAccess } from "../../shared/aws/aws-access.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { KeptPlan } from "../../shared/sweep/kept-plan.ts";
import type { SweepPlan } from "../../shared/sweep/plan.ts";
import type { SweepAnswer, SweepRequest } from "../../shared/sweep/requests.ts";
import { deployedWithFaults, type Faults } from "./faults.ts";
import { textOf } from "./settings.ts";
import { threeAccounts, type Watched, watched } from "./three-accounts.ts";

/** The hub as the program's code on a test's own wiring needs it: an auditor's role and the topic. */
export interface Place {
  readonly accountId: string;
  readonly credentials: AwsCredentialIdentity;
  readonly topicArn: string;
}

/** What is deployed, with what tests besides ask of it. */
export interface Deployed extends Deployment {
  readonly place: Place;
  /** Reads accounts as the intake does. `calls` counts what iam-warden calls, whoever of it does. */
  readonly aws: AwsAccess;
  /** The functions, invoked past what would invoke them. */
  readonly functions: {
    listAccounts(request: object): Promise<SweepPlan>;
    sweepAccount(request: SweepRequest): Promise<SweepAnswer>;
    digest(plan: SweepPlan): Promise<void>;
    escalate(): Promise<void>;
  };
}

/** How a test deploys: settings made with `settingsOf`. */
export type Deploying = Partial<Omit<DeployOptions, "settings" | "hubAccountId">> & { readonly settings?: Settings };

/** An operator's file, with somebody to tell. */
const fileOf = (settings: Settings | undefined): string => {
  const text = settings === undefined ? "version: 1\n" : textOf(settings);
  return /^subscribers:/m.test(text)
    ? text
    : `${text}\nsubscribers:\n  - { protocol: email, endpoint: security@example.com }\n`;
};

/** Deploys to an account, which becomes a delegated administrator of stack sets, as a test has it. */
export const deployHub = (
  sandbox: Sandbox,
  accountId: string,
  { settings, ...options }: Deploying & Pick<DeployOptions, "telemetry">,
): Deployed => {
  const { delegatedAdministrators } = sandbox.state.organization;
  const services = delegatedAdministrators.get(accountId) ?? new Map<string, Date>();
  delegatedAdministrators.set(accountId, services.set(stackSetService, sandbox.clock.now()));
  const deployment = deploy(sandbox, {
    ...{ hubAccountId: accountId, settings: fileOf(settings), maxAttempts: 1 },
    ...options,
  });
  const credentials = sandbox.credentialsFor(accountId, { role: "iam-warden-hub-intake", sessionName: "test" });
  const access = createAwsAccess({
    ...sandbox.clientConfig(credentials),
    ...{ ownAccountId: accountId, assumeInOwnAccount: true, clock: () => sandbox.clock.now(), maxAttempts: 1 },
  });
  const { invoke, stack, calls } = deployment;
  const [bucket] = sandbox.state.buckets.values();
  if (bucket === undefined) throw new Error("no bucket is deployed");
  return {
    ...deployment,
    place: { accountId, credentials, topicArn: stack.outputs.get("AlertTopicArn") ?? "" },
    aws: { ...access, calls },
    functions: {
      listAccounts: async (request) => planOf(sandbox.state, (await invoke("list-accounts", request)) as KeptPlan),
      sweepAccount: async (request) => (await invoke("sweep-account", request)) as SweepAnswer,
      digest: async ({ accounts, ...plan }) => {
        const accountsKey = "plans/given.json";
        const at = sandbox.clock.now();
        bucket.objects.set(accountsKey, { body: JSON.stringify(accounts), contentType: "application/json", at });
        await invoke("digest", { ...plan, accountsKey });
      },
      escalate: async () => void (await invoke("escalate")),
    },
  };
};

export interface SmallOrganization extends Deployed, Watched {}

/**
 * Three accounts, and what the synthesized templates deploy into them.
 * @param options.faults what befalls the functions' calls on the wire
 */
export const smallOrganization = ({
  faults,
  ...options
}: Deploying & { readonly faults?: Faults } = {}): SmallOrganization => {
  const accounts = threeAccounts();
  const { telemetry, hub } = accounts;
  const { sandbox, around } = faults
    ? deployedWithFaults(accounts.sandbox, faults)
    : { sandbox: accounts.sandbox, around: undefined };
  const deployment = deployHub(sandbox, hub.id, { telemetry, around, ...options });
  return { ...deployment, ...watched(accounts, deployment.store) };
};

/** The same organization under other settings, as the next deployment has it. */
export const redeployed = (organization: SmallOrganization, settings: Settings): SmallOrganization => {
  organization.wiring.close();
  const { sandbox, place, telemetry } = organization;
  return { ...organization, ...deployHub(sandbox, place.accountId, { telemetry, settings }) };
};
