import type { AccountState, SandboxState } from "../state.ts";
import type { Making } from "./resource.ts";
import type { StackSet } from "./state.ts";

/** As the organization knows the delegated administrators of stack sets. */
export const stackSetService = "member.org.stacksets.cloudformation.amazonaws.com";

const isBelow = ({ organization }: SandboxState, account: AccountState, ids: readonly string[]): boolean => {
  let id: string | undefined = account.parentId;
  for (; id !== undefined; id = organization.units.get(id)?.parentId) if (ids.includes(id)) return true;
  return false;
};

/** Whom a service-managed stack set reaches: every active account below its targets, but never the management account. */
const accountsOf = (state: SandboxState, { organizationalUnitIds }: StackSet): readonly AccountState[] =>
  [...state.accounts.values()].filter(
    (account) =>
      account.status === "ACTIVE" &&
      account.standalone !== true &&
      account.id !== state.organization.managementAccountId &&
      isBelow(state, account, organizationalUnitIds),
  );

/** Gives each account, Region after Region, the instances that it has not yet; whoever has them keeps them. */
export const deployInstances = ({ state, deployStack }: Pick<Making, "state" | "deployStack">, set: StackSet): void => {
  const { id: stackSetId, name, template, parameters, regions } = set;
  const existing = new Set(
    [...state.stacks.values()]
      .filter((stack) => stack.stackSetId === stackSetId)
      .map(({ accountId, region }) => `${accountId} ${region}`),
  );
  const suffix = stackSetId.slice(stackSetId.lastIndexOf(":") + 1);
  for (const region of regions)
    for (const { id: accountId } of accountsOf(state, set))
      if (!existing.has(`${accountId} ${region}`))
        deployStack({ accountId, region, stackName: `StackSet-${name}-${suffix}`, template, parameters, stackSetId });
};
