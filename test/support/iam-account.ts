import {
  addRole,
  addUser,
  administratorAccess,
  strictPasswordPolicy,
  trusting,
  type User,
} from "../../sandbox/iam/state.ts";
import { AwsError } from "../../sandbox/protocol/service.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { type AccountState, addAccount } from "../../sandbox/state.ts";
import type { AccountRef } from "../../shared/subject.ts";
import { awsOf } from "./aws-of.ts";

const dayMs = 86_400_000;

/** One key, in days before now. */
export interface KeySpec {
  readonly age: number;
  readonly usedAgo?: number;
  readonly inactive?: boolean;
}

/** A user by what the controls care about; ages in days before now. */
export interface UserSpec {
  readonly name: string;
  readonly path?: string;
  readonly age?: number;
  /** Absent: no console password. */
  readonly password?: { readonly age: number; readonly usedAgo?: number };
  readonly mfa?: "virtual" | "hardware" | "both";
  readonly keys?: readonly KeySpec[];
  readonly boundary?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export const memberId = "111122223333";

/** Adds a member account that the hub may read through `OrganizationAccountAccessRole`. */
export const memberOf = (sandbox: Sandbox, id = memberId): { account: AccountState; ref: AccountRef } => {
  const joinedAt = new Date(sandbox.clock.now().getTime() - 2000 * dayMs);
  const account = addAccount(sandbox.state, { id, name: "member", joinedAt });
  account.passwordPolicy = { ...strictPasswordPolicy };
  const hub = sandbox.state.organization.managementAccountId;
  addRole(account, sandbox.ids, {
    name: "OrganizationAccountAccessRole",
    createdAt: joinedAt,
    trustPolicy: trusting({ AWS: `arn:aws:iam::${hub}:root` }),
    attachedPolicies: new Set([administratorAccess]),
  });
  return { account, ref: { id, name: "member" } };
};

export const addMfa = (
  account: AccountState,
  owner: User | AccountState["root"],
  name: string,
  kind: UserSpec["mfa"],
) => {
  const enabledAt = account.joinedAt;
  if (kind === "hardware" || kind === "both") owner.mfaDevices.push({ serial: `GAHT-${name}`, enabledAt });
  if (kind !== "virtual" && kind !== "both") return;
  const serial = `arn:aws:iam::${account.id}:mfa/${name}`;
  account.virtualMfaDevices.set(serial, { serial, seed: "seed" });
  owner.mfaDevices.push({ serial, enabledAt });
};

export const addPerson = (sandbox: Sandbox, account: AccountState, spec: UserSpec): User => {
  const now = sandbox.clock.now().getTime();
  const ago = (days: number) => new Date(now - days * dayMs);
  const { password, keys = [] } = spec;
  const user = addUser(account, sandbox.ids, {
    name: spec.name,
    path: spec.path ?? "/",
    createdAt: ago(spec.age ?? 1000),
    tags: new Map(Object.entries(spec.tags ?? {})),
    ...(spec.boundary !== undefined && { boundary: spec.boundary }),
    ...(password && {
      loginProfile: { createdAt: ago(password.age), changedAt: ago(password.age), resetRequired: false },
    }),
    ...(password?.usedAgo !== undefined && { passwordLastUsedAt: ago(password.usedAgo) }),
    accessKeys: keys.map(({ age, usedAgo, inactive }) => ({
      id: sandbox.ids.accessKey("AKIA"),
      secret: "secret",
      status: inactive ? "Inactive" : "Active",
      createdAt: ago(age),
      ...(usedAgo !== undefined && { lastUsed: { at: ago(usedAgo), service: "s3", region: "eu-west-1" } }),
    })),
  });
  addMfa(account, user, spec.name, spec.mfa);
  return user;
};

/** A member with these users, the hub's access to it, and a sleep that moves the sandbox's clock. */
export const accountWith = (sandbox: Sandbox, users: readonly UserSpec[] = []) => {
  const { account, ref } = memberOf(sandbox);
  for (const user of users) addPerson(sandbox, account, user);
  const aws = awsOf(sandbox);
  const slept: number[] = [];
  return {
    account,
    ref,
    aws,
    clock: () => sandbox.clock.now(),
    slept,
    sleep: async (ms: number) => {
      slept.push(ms);
      sandbox.clock.advance(ms);
    },
    calls: () => aws.calls()[ref.id] ?? {},
    total: () => Object.values(aws.calls()[ref.id] ?? {}).reduce((sum, count) => sum + count, 0),
  };
};

/** Lets an operation fail, each time or the first `times`. */
export const failing = (
  sandbox: Sandbox,
  operation: string,
  code = "AccessDenied",
  { status = 403, times = Number.POSITIVE_INFINITY } = {},
) => {
  let left = times;
  return sandbox.intercept((call) => {
    if (call.operation !== operation || left <= 0) return;
    left -= 1;
    throw new AwsError(code, `${code}: ${call.caller.arn} ${operation}`, status);
  });
};
