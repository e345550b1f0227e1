import { deployedAs } from "../../functions/doctor.ts";
import { readEnvironment } from "../../functions/environment.ts";
import { deployStack } from "../../sandbox/cloudformation/stack.ts";
import { stackSetService } from "../../sandbox/cloudformation/stack-set.ts";
import { synthesize } from "../../sandbox/cloudformation/synthesize.ts";
import { defaultBus } from "../../sandbox/events/bus.ts";
import type { Rule } from "../../sandbox/events/state.ts";
import { createSandbox, type Sandbox } from "../../sandbox/sandbox.ts";
import { addSubscription } from "../../sandbox/sns/subscriptions.ts";
import { type AccountState, addAccount } from "../../sandbox/state.ts";
import { createAwsAccess } from "../../shared/aws/aws-access.ts";
import type { CheckResult } from "../../shared/doctor/check.ts";
import { createDoctorClients } from "../../shared/doctor/clients.ts";
import type { DoctorDependencies } from "../../shared/doctor/dependencies.ts";
import { createDoctor, type DoctorResults } from "../../shared/doctor/doctor.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { markText } from "../../shared/marks/mark.ts";
import { changeMarks, type MarkStore } from "../../shared/marks/mark-store.ts";
import { createMemoryMarkStore } from "../../shared/marks/memory-mark-store.ts";
import { arrivedMark, marked, marking } from "../../shared/marks/standing.ts";
import { listAccounts } from "../../shared/organization/list-accounts.ts";
import { managementAccountId } from "../../shared/organization/management-account.ts";
import type { BreakerStore } from "../../shared/remediation/breaker-store.ts";
import { createMemoryBreakerStore } from "../../shared/remediation/memory-breaker-store.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { everythingRepairs } from "../infra/templates.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";

export const regions = ["us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"] as const;

export interface DoctorWorld {
  readonly sandbox: Sandbox;
  readonly management: AccountState;
  readonly hub: AccountState;
  readonly data: AccountState;
  readonly store: FindingStore;
  readonly marks: MarkStore;
  readonly breakers: BreakerStore;
  readonly dependencies: DoctorDependencies;
  ask<C extends keyof DoctorResults>(command: C, args?: object): Promise<DoctorResults[C]>;
  /** `check: what` of everything that is wrong or unknown. */
  troubles(command: "hub" | "accounts" | "account"): Promise<string[]>;
  rule(name: string, region: (typeof regions)[number]): Rule;
}

/** Leaves a mark that arrives, and sweeps, so many hours ago. */
export const wellSince = async (
  { store, marks, sandbox }: Pick<DoctorWorld, "store" | "marks" | "sandbox">,
  accountId: string,
  hours: number,
): Promise<void> => {
  const at = new Date(sandbox.clock.now().getTime() - hours * 3_600_000).toISOString();
  const mark = { nonce: `nonce-${hours}`, markedAt: at };
  await changeMarks(marks, accountId, (one) =>
    arrivedMark(marked(marking(one, mark), mark), markText(mark), { recordedAt: at, at }),
  );
  await store.putSweep({
    ...{ runId: `sweep-${at}`, accountId, status: "swept", startedAt: at, finishedAt: at, gaps: [], unknownCauses: [] },
    verdicts: { violation: 0, compliant: 1, unknown: 0, notApplicable: 0 },
    population: { users: 1, roles: 1, accessKeys: 0 },
  });
};

/** An organization in which the templates, as they are synthesized, are deployed everywhere: all is well. */
export const doctorWorld = async (): Promise<DoctorWorld> => {
  const sandbox = createSandbox();
  const { state, ids, clock } = sandbox;
  const { id: OrganizationId, rootId, managementAccountId: managementId } = state.organization;
  const [hub, data] = ["security", "data"].map((name) =>
    addAccount(state, { id: ids.account(), name, joinedAt: clock.now() }),
  );
  const management = state.accounts.get(managementId);
  if (!hub || !data || !management) throw new Error("no accounts");
  state.organization.delegatedAdministrators.set(hub.id, new Map([[stackSetService, clock.now()]]));
  const templates = synthesize(`${everythingRepairs}subscribers: [{ protocol: email, endpoint: a@example.com }]\n`);
  const deploying = { state, ids, now: clock.now(), entries: templates.entries, taskRoot: templates.taskRoot };
  const stack = deployStack(deploying, {
    ...{ accountId: hub.id, region: "us-east-1", stackName: "iam-warden-hub", template: templates.hub },
    parameters: { OrganizationId, MemberTargets: [rootId] },
  });
  const EventBusArn = stack.outputs.get("EventBusArn") ?? "";
  for (const region of regions)
    deployStack(deploying, {
      ...{ accountId: managementId, region, stackName: "iam-warden", template: templates.managementAccount },
      parameters: { OrganizationId, EventBusArn },
    });
  for (const topic of state.topics.values()) {
    if (topic.subscriptions.size === 0)
      addSubscription(topic, ids, { ownerId: hub.id, protocol: "email", endpoint: "ops@example.com" });
    for (const subscription of topic.subscriptions.values()) delete subscription.pendingToken;
  }

  const deployed = [...state.functions.values()].find(({ entry }) => entry === "doctor");
  const telemetry = recordedTelemetry();
  const role = { role: "iam-warden-hub-doctor", sessionName: "doctor" };
  const connection = { ...sandbox.clientConfig(sandbox.credentialsFor(hub.id, role)), maxAttempts: 1 };
  const now = () => clock.now();
  const reachAnew = () => {
    const audit = createAwsAccess({ ...connection, ownAccountId: hub.id, assumeInOwnAccount: true, clock: now });
    return { aws: audit, clients: createDoctorClients({ audit, region: "us-east-1", connection }) };
  };
  const { aws, clients } = reachAnew();
  const [store, marks, breakers] = [createMemoryStore(), createMemoryMarkStore(), createMemoryBreakerStore()];
  const dependencies: DoctorDependencies = {
    ...{ aws, clients, reachAnew, store, marks, breakers, telemetry, clock: now, settings: defaultSettings() },
    deployed: deployedAs(
      readEnvironment(
        [
          ...(["AWS_REGION", "HUB_ACCOUNT_ID", "TOPIC_ARN", "OPERATIONS_TOPIC_ARN"] as const),
          ...(["EVENT_BUS_ARN", "STACK_SET_NAME", "WATCHED_REGIONS", "DEAD_LETTER_URLS"] as const),
        ],
        { ...deployed?.environment, AWS_REGION: "us-east-1" },
      ),
    ),
    listAccounts: () => listAccounts(aws),
    managementAccountId: () => managementAccountId(aws),
  };
  for (const { id } of state.accounts.values()) await wellSince({ store, marks, sandbox }, id, 2);

  const doctor = createDoctor(dependencies);
  const ask = async <C extends keyof DoctorResults>(command: C, args: object = {}): Promise<DoctorResults[C]> => {
    const answer = await doctor({ arn: "arn:aws:iam::111122223333:user/ann" }, { command, ...args });
    if (!answer.ok) throw new Error(`${answer.error.name}: ${answer.error.message}`);
    return answer as unknown as DoctorResults[C];
  };
  const textsOf = (checks: readonly CheckResult[]): string[] =>
    checks.flatMap(({ check, troubles }) => troubles.map(({ status, what }) => `${check} ${status}: ${what}`));
  return {
    ...{ sandbox, management, hub, data, store, marks, breakers, dependencies, ask },
    troubles: async (command) => {
      if (command === "accounts") return (await ask("accounts")).accounts.flatMap(({ checks }) => textsOf(checks));
      return textsOf((await ask(command, command === "account" ? { account: data.id } : {})).checks);
    },
    rule: (name, region) => {
      const rule = defaultBus(state, data.id, region).rules.get(`iam-warden-${name}`);
      if (rule === undefined) throw new Error(`no rule ${name} in ${region}`);
      return rule;
    },
  };
};
