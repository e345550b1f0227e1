import { expect } from "vitest";
import type { User } from "../../sandbox/iam/state.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { AccountState } from "../../sandbox/state.ts";
import type { AnyStateControl, Json, PlanContext, RepairContext } from "../../shared/control.ts";
import { controlById } from "../../shared/controls/catalogue.ts";
import { type AnyFacts, known, type PasswordPolicyFacts } from "../../shared/facts/facts.ts";
import { neighboursNotRead } from "../../shared/facts/neighbours.ts";
import { longestRunMs, type Remediation } from "../../shared/remediation/remediation.ts";
import type { Subject } from "../../shared/subject.ts";
import {
  accessKeyFacts,
  account,
  accountFacts,
  daysAgo,
  livePassword,
  now,
  organization,
  roleFacts,
  rootFacts,
  userFacts,
} from "../support/facts.ts";
import { createFaults } from "../support/faults.ts";
import { findingOf, place, type Repaired, repairWith, repairWorld, requestFor } from "../support/repair-world.ts";
import { allow, trusting } from "../support/trust.ts";

export const policyName = "iam-warden-deny-until-mfa";

const controlOf = (id: string): AnyStateControl => {
  const control = controlById(id);
  if (control?.type !== "state") throw new Error(`no such control: ${id}`);
  return control;
};

const worldOf = (
  controlId: string,
  facts: AnyFacts,
  options: unknown,
  arrange: (account: AccountState, sandbox: Sandbox) => void = () => {},
) => {
  const control = controlOf(controlId);
  let subject: Subject | undefined;
  const make = () =>
    repairWorld({ accountId: account.id, start: now }, (state, sandbox) => {
      subject = place(facts, state, sandbox);
      arrange(state, sandbox);
    });
  const world = make();
  if (!subject) throw new Error("nothing was placed");
  const repair: RepairContext = {
    boundaryArn: `arn:aws:iam::${account.id}:policy/TeamBoundary`,
    centralRootAccess: true,
  };
  const excludedRoles = { names: [], paths: [], tags: {}, trustTags: false };
  const context: PlanContext<never> = {
    now,
    options: options as never,
    excludedRoles,
    organization,
    neighbours: neighboursNotRead,
    repair,
  };
  const finding = findingOf(control, facts, subject);
  const request = requestFor(control, finding, context);
  return {
    ...world,
    finding,
    request,
    /** Lets a run of the repair die before, or after, its first call of this operation, and time go on until it cannot be at it any more. */
    die: async (operation: string, when: "before" | "after" = "before", waitMs = longestRunMs): Promise<void> => {
      const other = make();
      const counted = createFaults();
      await counted.invoke(() => repairWith(other.run(counted), request));
      const at = counted.calls.indexOf(operation) + 1;
      if (at === 0) throw new Error(`a run does not call ${operation}`);
      const faults = createFaults({ kind: `dies ${when}`, at });
      await expect(faults.invoke(() => repairWith(world.run(faults), request))).rejects.toThrow("The invocation died");
      world.sandbox.clock.advance(waitMs);
    },
  };
};

/** Console user bob without MFA, who has one inline policy of his own, and whatever stands under our policy's name. */
export const bob = (ours?: string, others: Readonly<Record<string, string>> = {}) => {
  let user: User | undefined;
  const facts = userFacts({ console: livePassword() });
  const world = worldOf("console-user-without-mfa", facts, {}, (state) => {
    user = state.users.get("bob");
    if (ours !== undefined) user?.inlinePolicies.set(policyName, ours);
    for (const [name, document] of Object.entries(others)) user?.inlinePolicies.set(name, document);
  });
  const found = world.account.users.get("bob");
  if (!found) throw new Error("bob is not there");
  return { ...world, user: found };
};

export const policyOf = ({ account: state }: { readonly account: AccountState }): string | undefined =>
  state.users.get("bob")?.inlinePolicies.get(policyName);

/** Role app with a boundary that is not approved; `settings` can be changed under way. */
export const boundedRole = () => {
  const settings = { approvedBoundaries: ["TeamBoundary"] };
  const facts = roleFacts({ permissionsBoundaryArn: `arn:aws:iam::${account.id}:policy/Mine` });
  return { ...worldOf("role-with-unapproved-boundary", facts, settings), settings };
};

/** Role app, unused for longer than IAM remembers, to be quarantined. */
export const idleRole = () => worldOf("unused-role", roleFacts({ createdAt: daysAgo(500) }), { maxIdleDays: 90 });

/** Role app, which these statements of its trust policy let anyone assume; nobody has used it. */
export const openRole = (...statements: readonly Json[]) =>
  worldOf("trust-open-to-anyone", trusting(...(statements.length > 0 ? statements : [allow("*")])), {});

/** An account with a console user, whose password policy asks for this. */
export const weakPasswords = (policy: PasswordPolicyFacts | null) =>
  worldOf("weak-password-policy", accountFacts({ passwordPolicy: known(policy) }), {
    minCharacters: 14,
    minRememberedPasswords: 24,
  });

/** An account that no analyzer looks at, in neither Region that is watched. */
export const unlookedAt = () =>
  worldOf(
    "access-analyzer-missing",
    accountFacts({ analyzers: ["us-east-1", "eu-central-1"].map((region) => ({ region, analyzers: known([]) })) }),
    {},
  );

/** Bob's access key, made 200 days ago. */
export const staleKey = () =>
  worldOf("stale-access-key", accessKeyFacts({ createdAt: daysAgo(200) }), { maxAgeDays: 90 });

/** A member's root with access keys. */
export const rootWithKeys = (count: 1 | 2 = 1) => {
  const key = { active: true, createdAt: known(daysAgo(100)), lastUsedAt: known(null) };
  const keys = Array.from({ length: count }, () => key);
  return worldOf("root-access-key-exists", rootFacts({ accessKeysPresent: known(true), accessKeys: known(keys) }), {});
};

export const doneOf = (repaired: Repaired): Remediation => {
  if (repaired.outcome !== "done") throw new Error(`not done: ${JSON.stringify(repaired)}`);
  return repaired.remediation;
};
