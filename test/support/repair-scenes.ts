import { expect } from "vitest";
import { centralizeRoot } from "../../sandbox/iam/central-root.ts";
import { addRole, addUser } from "../../sandbox/iam/state.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import type { Remediation } from "../../shared/remediation/remediation.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { addKey, dayMs, repairing } from "./repair-flow.ts";
import { addPolicy } from "./repair-world.ts";
import type { ThreeAccounts } from "./three-accounts.ts";

// What is repaired where a repair is broken off and begun again, and what then has to be the same.

type Place = Pick<ThreeAccounts, "sandbox" | "hub" | "data">;

/** Something to be repaired, in account `data`. */
export interface Scene {
  readonly control: string;
  readonly settings: Settings;
  readonly arrange: (organization: Place) => void;
  /** What the repair waits for besides a message. */
  readonly approved?: boolean;
  /** Only calls that have an effect fail; of the others another scene tries every one. */
  readonly isSampled?: true;
}

export const scenes: Readonly<Record<string, Scene>> = {
  "a stale key": {
    control: "stale-access-key",
    settings: repairing("stale-access-key"),
    arrange: (organization) => void addKey(organization, organization.data),
  },
  "a role without a boundary": {
    control: "role-without-boundary",
    settings: repairing("role-without-boundary", "repairs: { permissionsBoundary: TeamBoundary }\n"),
    arrange: ({ data, sandbox: { ids, clock } }) => {
      addPolicy(data, `arn:aws:iam::${data.id}:policy/TeamBoundary`);
      addRole(data, ids, { name: "app", createdAt: new Date(clock.now().getTime() - dayMs) });
    },
    isSampled: true,
  },
  "a console user without MFA": {
    control: "console-user-without-mfa",
    settings: repairing("console-user-without-mfa"),
    arrange: ({ data, sandbox: { ids, clock } }) => {
      const createdAt = new Date(clock.now().getTime() - dayMs);
      const loginProfile = { createdAt, changedAt: createdAt, resetRequired: false };
      addUser(data, ids, { name: "bob", createdAt, loginProfile });
    },
    isSampled: true,
  },
  "a role that nobody uses": {
    control: "unused-role",
    settings: repairing("unused-role"),
    arrange: ({ data, sandbox: { ids, clock } }) => {
      addRole(data, ids, { name: "idle", createdAt: new Date(clock.now().getTime() - 500 * dayMs) });
    },
    isSampled: true,
  },
  "root's access key, approved": {
    control: "root-access-key-exists",
    settings: repairing("root-access-key-exists", "repairs: { centralRootAccess: true }\n"),
    arrange: ({ hub, data, sandbox: { clock, state } }) => {
      const createdAt = clock.now();
      centralizeRoot(state.organization, hub.id, createdAt);
      data.root.accessKeys.push({ id: "AKIAROOT000000000001", secret: "x", status: "Active", createdAt });
    },
    approved: true,
    isSampled: true,
  },
};

/** The account but for the traces of who reads there and repairs. */
export const stateOf = ({ data }: Place): unknown => {
  const { users, roles, root } = structuredClone(data);
  for (const name of roles.keys()) if (name.startsWith("iam-warden-")) roles.delete(name);
  return { users, roles, root };
};

/** A finding without times, and without how often it was told. */
export const whatIsKept = ({ status, repair, approval, outbox, history }: Finding): unknown => ({
  status,
  repair: { ...repair, at: "" },
  approval,
  outbox,
  history: history.map(({ what, reason, by }) => ({ what, reason, by })).filter(({ what }) => what !== "notified"),
});

/** Remediations without times. */
export const whatWasDone = (made: readonly Remediation[]): unknown =>
  made.map(({ id, state, failures, steps, contained }) => ({
    ...{ id, state, failures, contained },
    steps: steps.map(({ step, before: image }) => ({ step, image })),
  }));

/** What has come of a repair or an undo. */
export interface RepairOutcome {
  /** Of the notices that arrived. */
  readonly kinds: readonly string[];
  readonly state: unknown;
  readonly finding: unknown;
  readonly remediations: unknown;
  /** How many watches are kept. */
  readonly taken: number;
}

/** How often each kind of notice was told. */
const counts = (told: readonly string[]): Map<string, number> =>
  new Map([...Map.groupBy(told, (kind) => kind)].map(([kind, all]) => [kind, all.length]));

/** The same as without the fault, and at most one notice more. */
export const expectSame = (outcome: RepairOutcome, calm: RepairOutcome): void => {
  for (const same of ["state", "finding", "remediations", "taken"] as const) expect(outcome[same]).toEqual(calm[same]);
  const told = counts(outcome.kinds);
  const once = counts(calm.kinds);
  expect([...told.keys()].sort()).toEqual([...once.keys()].sort());
  const repeated = [...told].map(([one, times]) => times - (once.get(one) ?? 0));
  expect(repeated.every((times) => times >= 0)).toBe(true);
  expect(repeated.reduce((sum, times) => sum + times, 0)).toBeLessThanOrEqual(1);
};
