import { createIds, createRandom } from "./random.ts";
import type { Sandbox } from "./sandbox.ts";
import { addAccount } from "./state.ts";
import { approvedBoundaryName, createBuilder } from "./world/build.ts";
import { certificates, edgeRoles, edgeUsers, passwordPolicies, roots, waysIn } from "./world/edge-plans.ts";
import { permissionRoles, permissionUsers } from "./world/permission-plans.ts";
import { sortViolations, underDefaults, type Violation } from "./world/plan.ts";
import { createPlanner } from "./world/random-plans.ts";

export { type DemoOrganization, demoOrganization } from "./world/organization.ts";

export interface WorldOptions {
  readonly seed: number;
  /** In each account. */
  readonly users: number;
  /** In each account, the ways in for the organization and iam-warden included. */
  readonly roles: number;
  /** Member accounts to make; default 1. */
  readonly accounts?: number;
}

export interface World {
  /** The member accounts that were made, in the order in which they were. */
  readonly accounts: readonly string[];
  /**
   * Every violation of a state control under default settings, in the made accounts and the management account, in the
   * order of control, account and subject: what is here must be found, what is not must not.
   */
  readonly truth: readonly Violation[];
  /** The same, if the settings approve `approvedBoundary`. */
  readonly withApprovedBoundary: readonly Violation[];
  /** The name of the policy that is the right boundary for every role. */
  readonly approvedBoundary: string;
}

/**
 * Fills an organization with member accounts for tests and benchmarks, straight into the state: up to the quotas of 5,000
 * users and 10,000 roles an account. Each account begins with the users and roles on which a judgement may go wrong, as
 * many as fit; the rest is ordinary, with flaws at the rates in `random-plans.ts`. Roots take turns: the first account's
 * has no MFA, the second has no root credentials at all. The same seed makes the same world.
 */
export const createWorld = (sandbox: Sandbox, { seed, users, roles, accounts = 1 }: WorldOptions): World => {
  const { state, clock } = sandbox;
  const random = createRandom(seed);
  const ids = createIds(createRandom(seed + 0x51ed));
  const now = clock.now();
  const hubId = state.organization.managementAccountId;
  const violations: Violation[] = [];

  const management = state.accounts.get(hubId);
  if (management === undefined) throw new Error("the sandbox has no management account");
  const hub = createBuilder(management, { ids, random, now });
  hub.root({ password: { setDays: 900, usedDays: 300 }, mfa: ["virtual"] });
  violations.push(...hub.violations);

  state.organization.trustedServices.set("iam.amazonaws.com", now);
  for (const feature of ["RootCredentialsManagement", "RootSessions"] as const)
    state.organization.rootFeatures.add(feature);

  const made: string[] = [];
  for (let at = 0; at < accounts; at++) {
    let id = ids.account();
    while (state.accounts.has(id)) id = ids.account();
    const joinedAt = new Date(now.getTime() - 1500 * 86_400_000);
    const account = addAccount(state, { id, name: `world-${at + 1}`, joinedAt });
    const builder = createBuilder(account, { ids, random, now });
    const planner = createPlanner(random, id);
    builder.root(roots[at % roots.length] ?? {});
    const ordinary = <T>(count: number, edges: readonly T[], make: (at: number) => T): readonly T[] =>
      Array.from({ length: count }, (_, index) => edges[index] ?? make(index));
    for (const plan of ordinary(users, [...edgeUsers, ...permissionUsers], planner.user)) builder.user(plan);
    const firstRoles = [...waysIn(state, `arn:aws:iam::${hubId}:root`), ...edgeRoles(id, hubId), ...permissionRoles];
    for (const plan of ordinary(roles, firstRoles, planner.role)) builder.role(plan);
    for (const [name, expiredDays] of certificates[at % certificates.length] ?? [])
      builder.certificate(name, expiredDays);
    builder.passwordPolicy(passwordPolicies[at % passwordPolicies.length]);
    violations.push(...builder.violations);
    made.push(id);
  }

  const withApprovedBoundary = sortViolations(violations);
  return {
    accounts: made,
    truth: underDefaults(withApprovedBoundary),
    withApprovedBoundary,
    approvedBoundary: approvedBoundaryName,
  };
};
