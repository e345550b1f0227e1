import { policyOf } from "../authorization/policies.ts";
import type { UsedGrant } from "../authorization/use-record.ts";
import type { Stack, StackResource } from "../cloudformation/state.ts";
import type { SandboxState } from "../state.ts";

/** One action that a statement of a role allows, whichever account the role is in. */
export interface Grant {
  /** The role's name; of one that CloudFormation names, its logical id without its end. The policy's name for people's. */
  readonly role: string;
  /** The statement's Sid, or its index. */
  readonly statement: string;
  /** `service:Action`. */
  readonly action: string;
}

interface Held extends Grant {
  /** By which the use of it is known. */
  readonly key: string;
}

const keyOf = ({ role, policy, statement, action }: Omit<UsedGrant, "accountId">): string =>
  JSON.stringify([role, policy, statement, action.toLowerCase()]);

const accessPolicy = "AWS::IAM::ManagedPolicy";

/** Everything that the templates' roles are allowed, and what people get by iam-warden's policy for them, each once. */
const held = (state: SandboxState): ReadonlyMap<string, Held> => {
  const found = new Map<string, Held>();
  const add = (role: string, of: string, policy: string, document: string): void => {
    for (const [index, { effect, sid, actions }] of policyOf(document).statements.entries()) {
      if (effect !== "Allow") continue;
      if (actions === undefined) throw new Error(`${of} allows all but some actions: nobody can list what it grants`);
      const statement = sid ?? String(index);
      for (const action of actions) {
        if (action.includes("*")) throw new Error(`${of} allows ${action}: name each action`);
        const key = keyOf({ role, policy, statement, action });
        found.set(key, { role: of, statement, action, key });
      }
    }
  };
  for (const stack of state.stacks.values())
    for (const [logicalId, resource] of stack.resources) {
      const account = state.accounts.get(stack.accountId);
      if (resource.type === "AWS::IAM::Role") {
        const role = account?.roles.get(resource.physicalId.toLowerCase());
        for (const [policy, document] of role?.inlinePolicies ?? [])
          add(resource.physicalId, shownName(stack, logicalId, resource), policy, document);
      }
      const policy = resource.type === accessPolicy ? account?.policies.get(resource.physicalId) : undefined;
      if (policy?.name.endsWith("-access")) add("", policy.name, policy.arn, policy.versions.at(-1)?.document ?? "");
    }
  return found;
};

const shownName = (_stack: Stack, logicalId: string, { physicalId, name }: StackResource): string =>
  name === undefined ? physicalId : logicalId.replace(/[0-9A-F]{8}$/, "");

export interface GrantReport {
  readonly granted: readonly Grant[];
  /** Those that allowed nothing, as far as it was recorded. */
  readonly idle: readonly Grant[];
}

/** Which grants of what is deployed allowed a call. */
export const reportGrants = (state: SandboxState, used: readonly UsedGrant[]): GrantReport => {
  const exercised = new Set(used.flatMap((one) => [keyOf(one), keyOf({ ...one, role: "" })]));
  const all = [...held(state).values()];
  const shown = ({ role, statement, action }: Held): Grant => ({ role, statement, action });
  return { granted: distinct(all.map(shown)), idle: distinct(all.filter(({ key }) => !exercised.has(key)).map(shown)) };
};

const distinct = (grants: readonly Grant[]): readonly Grant[] => [
  ...new Map(grants.map((one) => [JSON.stringify(one), one])).values(),
];
