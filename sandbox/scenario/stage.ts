import { IAMClient } from "@aws-sdk/client-iam";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { stackSetService } from "../cloudformation/stack-set.ts";
import type { Templates } from "../cloudformation/synthesize.ts";
import { type Deployment, deploy } from "../deployed/deploy.ts";
import { centralizeRoot } from "../iam/central-root.ts";
import { addRole, administratorAccess, strictPasswordPolicy } from "../iam/state.ts";
import { refusedUrl } from "../lambda/function-url.ts";
import { createSandbox, type Sandbox } from "../sandbox.ts";
import { type AccountState, addAccount } from "../state.ts";
import { demand } from "./demand.ts";
import { type KeptTelemetry, keptTelemetry } from "./telemetry.ts";

/** Everything on the stage of the scenario: an organization of four accounts in which the templates are deployed. */
export interface Stage extends Deployment {
  readonly sandbox: Sandbox;
  readonly telemetry: KeptTelemetry;
  readonly management: AccountState;
  readonly hub: AccountState;
  /** In OU `Root/Prod`. */
  readonly data: AccountState;
  readonly web: AccountState;
  /** IAM in an account, as one of its administrators. */
  iam(account: AccountState): IAMClient;
  organizations(): OrganizationsClient;
  /** What the operator's or the doctor's function answers somebody who has iam-warden's policy for people. */
  ask<T = Answer>(entry: "operator" | "doctor", request: object): Promise<T>;
  /** Lets hours pass, in steps of so many: the schedules that came due, and what is on the queues. */
  hours(count: number, step?: number): Promise<void>;
  /** The kinds of what a subscriber was sent about an account, or (no account) at all. */
  told(endpoint: string, account?: AccountState): readonly string[];
  /** `control kind/name status` of each finding of an account, ordered. */
  findings(account: AccountState): Promise<readonly string[]>;
}

// biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is checked by what it expects of it.
type Answer = any;

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
const adminPath = "/aws-reserved/sso.amazonaws.com/";
export const adminRole = "AWSReservedSSO_AdministratorAccess_0123456789abcdef";
/** Whoever of the hub's account may ask iam-warden, and nothing else. */
const people = "AWSReservedSSO_IamWarden_0123456789abcdef";

/** Half past five in the morning is near: the first hourly run comes before the first sweep. */
const start = new Date("2026-11-02T05:20:00Z");

/**
 * Sets the stage: accounts, people, and the templates deployed over them.
 * @param options.recordsUse remembers which statements allow what, for `sandbox.authorization.used()`
 * @throws Error where they cannot be deployed
 */
export const setStage = (templates: Templates, { recordsUse = false } = {}): Stage => {
  const sandbox = createSandbox({ start });
  const { state, ids, clock } = sandbox;
  const { organization } = state;
  const prod = `ou-${organization.rootId.slice(2)}-prod0000`;
  organization.units.set(prod, { id: prod, name: "Prod", parentId: organization.rootId, tags: new Map() });
  // The endpoints that do not say it make everybody climb the tree.
  organization.listsPaths = false;
  const add = (name: string, parentId: string): AccountState =>
    addAccount(state, { id: ids.account(), name, parentId, joinedAt: start });
  const [hub, data, web] = [add("security", organization.rootId), add("data", prod), add("web", organization.rootId)];
  const management = state.accounts.get(organization.managementAccountId);
  if (management === undefined) throw new Error("there is no management account");
  data.tags.set("team", "payments");
  for (const account of state.accounts.values()) {
    account.passwordPolicy = { ...strictPasswordPolicy };
    addRole(account, ids, {
      ...{ name: adminRole, path: adminPath, createdAt: start },
      attachedPolicies: new Set([administratorAccess]),
    });
    account.root.mfaDevices.push({ serial: "GAHT12345678", enabledAt: start });
  }
  organization.delegatedAdministrators.set(hub.id, new Map([[stackSetService, start]]));
  centralizeRoot(organization, hub.id, start);
  if (recordsUse) sandbox.authorization.recordUse();
  const telemetry = keptTelemetry();
  const deployment = deploy(sandbox, { hubAccountId: hub.id, templates, telemetry, maxAttempts: 1 });
  const access = `arn:aws:iam::${hub.id}:policy/iam-warden-operator-access`;
  addRole(hub, ids, { name: people, path: adminPath, createdAt: start, attachedPolicies: new Set([access]) });

  const { wiring } = deployment;
  return {
    ...{ ...deployment, sandbox, telemetry, management, hub, data, web },
    iam: ({ id }) =>
      new IAMClient({
        ...sandbox.clientConfig(sandbox.credentialsFor(id, { role: adminRole, sessionName: "petra" })),
        maxAttempts: 1,
      }),
    organizations: () =>
      new OrganizationsClient({
        ...sandbox.clientConfig(sandbox.credentialsFor(management.id, { role: adminRole, sessionName: "petra" })),
        maxAttempts: 1,
      }),
    ask: async (entry, request) => {
      const refusal = refusedUrl(sandbox, entry, { type: "role", roleName: people, sessionName: "alice" });
      demand(refusal === undefined, `people may ask the ${entry}`, refusal);
      const { body } = await deployment[entry](JSON.stringify(request), {
        arn: `arn:aws:sts::${hub.id}:assumed-role/${people}/alice`,
      });
      const answer = JSON.parse(body ?? "");
      demand(answer.ok, `the ${entry} answers ${JSON.stringify(request)}`, answer.error);
      return answer;
    },
    told: (endpoint, account) =>
      sandbox.deliveries
        .filter((one) => one.endpoint === endpoint)
        .filter(({ attributes }) => account === undefined || attributes.account?.value === account.id)
        .map(({ attributes }) => attributes.kind?.value ?? ""),
    hours: async (count, step = 1) => {
      for (let hour = 0; hour < count; hour += step) {
        clock.advance(step * hourMs);
        await wiring.runSchedules();
        await wiring.settle();
      }
    },
    findings: async ({ id }) =>
      (await deployment.store.listAll(id))
        .map(({ control, subject, status }) => `${control} ${subject.kind}/${subject.name} ${status}`)
        .sort(),
  };
};
