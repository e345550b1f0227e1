import { addRole, addUser, administratorAccess, strictPasswordPolicy, trusting } from "../iam/state.ts";
import { createSandbox, type Sandbox } from "../sandbox.ts";
import { addSubscription } from "../sns/subscriptions.ts";
import { addTopic } from "../sns/topics.ts";
import { type AccountState, addAccount } from "../state.ts";
import { wardenPolicies } from "../world/warden-roles.ts";
import { type AccountPlan, type BoundaryPlan, dayMs, type Plan, type RootPlan, startOfTime } from "./plan.ts";

export const functionRole = "iam-warden-functions";
export const auditRole = "iam-warden-audit";
export const remediateRole = "iam-warden-remediate";
/** Whoever changes something in an account is a session of this role. */
export const peopleRole = "AWSReservedSSO_AdministratorAccess_0123456789abcdef";

export interface SimulatedOrganization {
  readonly sandbox: Sandbox;
  /** The management account, in which the functions run. */
  readonly hub: AccountState;
  readonly topicArn: string;
  /** In the plan's order. */
  readonly accounts: readonly AccountState[];
}

/** Builds the organization of a plan, straight into the state of a new sandbox. */
export const buildOrganization = ({ seed, accounts: plans }: Plan): SimulatedOrganization => {
  const sandbox = createSandbox({ seed, start: startOfTime, wallClock: () => sandbox.clock.now() });
  const { state, ids, clock } = sandbox;
  const { managementAccountId } = state.organization;
  const hub = state.accounts.get(managementAccountId);
  if (hub === undefined) throw new Error("the sandbox has no management account");
  hub.root.mfaDevices.push({ serial: "GAHT00000001", enabledAt: clock.now() });
  const accounts = plans.map((plan) => buildAccount(sandbox, plan));
  addRole(hub, ids, {
    name: functionRole,
    createdAt: clock.now(),
    trustPolicy: trusting({ Service: "lambda.amazonaws.com" }),
    attachedPolicies: new Set(wardenPolicies()),
  });
  const trustPolicy = trusting({ AWS: `arn:aws:iam::${hub.id}:role/${functionRole}` });
  for (const account of state.accounts.values()) {
    const attachedPolicies = (): Set<string> => new Set(wardenPolicies());
    for (const name of [auditRole, remediateRole])
      addRole(account, ids, { name, createdAt: clock.now(), trustPolicy, attachedPolicies: attachedPolicies() });
    addRole(account, ids, {
      name: peopleRole,
      path: "/aws-reserved/sso.amazonaws.com/",
      createdAt: clock.now(),
      attachedPolicies: new Set([administratorAccess]),
    });
  }
  const topic = addTopic(state, hub.id, "us-east-1", "iam-warden-findings");
  addSubscription(topic, ids, { ownerId: hub.id, protocol: "email", endpoint: "security@example.com" });
  return { sandbox, hub, topicArn: topic.arn, accounts };
};

/** More than the approved boundary allows. */
const workPolicy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["s3:*", "sqs:*"], Resource: "*" }],
});

const buildAccount = (sandbox: Sandbox, plan: AccountPlan): AccountState => {
  const { state, ids, clock } = sandbox;
  const ago = (days: number): Date => new Date(Math.floor((clock.now().getTime() - days * dayMs) / 1000) * 1000);
  const joinedAt = ago(500);
  const parentId = unitOf(sandbox, plan.ouPath);
  const account = addAccount(state, { id: plan.id, name: plan.name, joinedAt, parentId });
  account.passwordPolicy = { ...strictPasswordPolicy };
  for (const name of ["approved-boundary", "other-boundary"]) addBoundary(sandbox, account, name);
  for (const { name, path, password, mfa, keys } of plan.users) {
    addUser(account, ids, {
      name,
      path,
      createdAt: ago(410),
      ...(password && {
        loginProfile: { createdAt: ago(405), changedAt: ago(password.setDays), resetRequired: false },
        ...(password.usedDays !== undefined && { passwordLastUsedAt: ago(password.usedDays) }),
      }),
      mfaDevices: mfa ? [{ serial: `GAHT${ids.account().slice(0, 8)}`, enabledAt: ago(400) }] : [],
      accessKeys: keys.map(({ active, createdDays, usedDays }) => ({
        id: ids.accessKey("AKIA"),
        secret: ids.secret(),
        status: active ? "Active" : "Inactive",
        createdAt: ago(createdDays),
        ...(usedDays !== undefined && { lastUsed: { at: ago(usedDays), service: "s3", region: "eu-west-1" } }),
      })),
    });
  }
  for (const { name, path, boundary } of plan.roles) {
    const arn = boundaryArn(account.id, boundary);
    addRole(account, ids, {
      name,
      path,
      createdAt: ago(300),
      inlinePolicies: new Map([["work", workPolicy]]),
      ...(arn !== undefined && { boundary: arn }),
    });
  }
  const { root } = account;
  root.passwordEnabled = plan.root.password;
  if (plan.root.key)
    root.accessKeys.push({ id: ids.accessKey("AKIA"), secret: ids.secret(), status: "Active", createdAt: ago(300) });
  setRootMfa(sandbox, account, plan.root.mfa);
  return account;
};

/** Gives root another MFA device, or none. No event tells of it. */
export const setRootMfa = ({ clock, ids }: Sandbox, account: AccountState, mfa: RootPlan["mfa"]): void => {
  const { root, virtualMfaDevices } = account;
  const virtual = `arn:aws:iam::${account.id}:mfa/root-account-mfa-device`;
  root.mfaDevices.length = 0;
  virtualMfaDevices.delete(virtual);
  if (mfa === "none") return;
  if (mfa === "virtual") virtualMfaDevices.set(virtual, { serial: virtual, seed: ids.secret() });
  const serial = mfa === "virtual" ? virtual : `GAHT${ids.account().slice(0, 8)}`;
  root.mfaDevices.push({ serial, enabledAt: clock.now() });
};

export const boundaryArn = (accountId: string, boundary: BoundaryPlan): string | undefined =>
  boundary === "none" ? undefined : `arn:aws:iam::${accountId}:policy/${boundary}-boundary`;

const addBoundary = ({ ids }: Sandbox, account: AccountState, name: string): void => {
  const arn = `arn:aws:iam::${account.id}:policy/${name}`;
  const statement = { Effect: "Allow", Action: ["s3:*", "dynamodb:*", "logs:*"], Resource: "*" };
  const { joinedAt: createdAt } = account;
  account.policies.set(arn, {
    name,
    path: "/",
    id: ids.entity("ANPA"),
    arn,
    description: "",
    createdAt,
    updatedAt: createdAt,
    tags: new Map(),
    versions: [{ id: "v1", document: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }), createdAt }],
    defaultVersionId: "v1",
    nextVersion: 2,
  });
};

/** The id of the unit at a path, which is made if it is not there. */
export const unitOf = ({ state, ids }: Sandbox, ouPath: string): string => {
  const { rootId, units } = state.organization;
  let parentId = rootId;
  for (const name of ouPath.split("/").slice(1)) {
    const found = [...units.values()].find((unit) => unit.parentId === parentId && unit.name === name);
    const unit = found ?? { id: `ou-${rootId.slice(2)}-${ids.lower(8)}`, name, parentId, tags: new Map() };
    units.set(unit.id, unit);
    parentId = unit.id;
  }
  return parentId;
};
