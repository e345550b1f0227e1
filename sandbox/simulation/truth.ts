import type { Verdict } from "../../shared/control.ts";
import {
  type AnyFacts,
  type ConsoleAccess,
  type Fact,
  known,
  type PasswordPolicyFacts,
  type UserFacts,
} from "../../shared/facts/facts.ts";
import { neighboursIn } from "../../shared/facts/neighbours.ts";
import { judge } from "../../shared/judgement/judge.ts";
import type { OrganizationView } from "../../shared/organization/view.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { type AccountRef, type Subject, type SubjectRef, subjectKey } from "../../shared/subject.ts";
import type { Analyzer } from "../analyzers/state.ts";
import { rootArn } from "../callers.ts";
import type { Role, User } from "../iam/state.ts";
import type { AccountState, SandboxState } from "../state.ts";
import { trueOrganization } from "./true-organization.ts";
import { trueGroupsAndPolicies, truePolicies, trueQuotas } from "./true-policies.ts";

/** A violation that there is, whether or not anybody has seen it. */
export interface TrueViolation {
  readonly account: AccountRef;
  readonly control: string;
  readonly subject: Subject;
  readonly reason: string;
}

/** The active accounts of the organization with their true names and places. */
export const trueAccounts = (state: SandboxState): readonly AccountRef[] =>
  [...state.accounts.values()]
    .filter(({ status, standalone }) => status === "ACTIVE" && standalone !== true)
    .map((account) => ({ id: account.id, name: account.name, ouPath: pathOf(state, account) }));

const pathOf = ({ organization }: SandboxState, { parentId }: AccountState): string => {
  const names: string[] = [];
  for (let unit = organization.units.get(parentId); unit; unit = organization.units.get(unit.parentId))
    names.unshift(unit.name);
  return ["Root", ...names].join("/");
};

/** Every violation of a control that the settings turn on: no reader, no report, no store has a part in it. */
export const trueViolations = (state: SandboxState, settings: Settings, now: Date): readonly TrueViolation[] =>
  trueAccounts(state).flatMap((account) => {
    const there = state.accounts.get(account.id);
    return there === undefined
      ? []
      : trueViolationsIn(account, there, { settings, now, organization: trueOrganization(state, there) });
  });

/** What violations are judged by. */
interface Judging {
  readonly settings: Settings;
  readonly now: Date;
  readonly organization: Fact<OrganizationView>;
}

const trueViolationsIn = (account: AccountRef, there: AccountState, by: Judging): readonly TrueViolation[] =>
  violationsOf(trueFacts(account, there), () => true, by);

const violationsOf = (
  all: readonly AnyFacts[],
  isAsked: (facts: AnyFacts) => boolean,
  { settings, now, organization }: Judging,
): readonly TrueViolation[] => {
  const by = { asOf: now, now, organization, neighbours: neighboursIn(all) };
  return all.filter(isAsked).flatMap((facts) =>
    judge(facts, settings, by).flatMap(({ account, control, subject, verdict }) => {
      assertKnown(verdict, control);
      return verdict.outcome === "violation" ? [{ account, control, subject, reason: verdict.reason }] : [];
    }),
  );
};

/** The state says everything: what is unknown here would be a fault of this file. */
const assertKnown = (verdict: Verdict, control: string): void => {
  if (verdict.outcome === "unknown") throw new Error(`${control} cannot tell the truth: ${verdict.reason}`);
};

/** The facts of an account as they are. */
export const trueFacts = (account: AccountRef, state: AccountState): readonly AnyFacts[] => [
  accountFacts(account, state),
  ...[...state.serverCertificates.values()].map(
    ({ name, arn, expiresAt }): AnyFacts => ({
      ...{ kind: "serverCertificate", account, name, arn },
      expiresAt: known(expiresAt),
    }),
  ),
  rootFacts(account, state),
  ...[...state.users.values()].map((user) => userFacts(account, state, user)),
  ...[...state.roles.values()].map((role) => roleFacts(account, state, role)),
  ...trueGroupsAndPolicies(account, state),
];

const userFacts = (account: AccountRef, state: AccountState, user: User): UserFacts => {
  const { name, path, id, arn, createdAt, loginProfile } = user;
  const tags = Object.fromEntries(user.tags);
  const access: ConsoleAccess = {
    enabled: loginProfile !== undefined,
    createdAt: known(loginProfile?.createdAt ?? createdAt),
    passwordChangedAt: known(loginProfile?.changedAt ?? createdAt),
    lastUsedAt: known(user.passwordLastUsedAt ?? null),
  };
  return {
    kind: "user",
    account,
    name,
    path,
    id,
    arn,
    createdAt,
    tags,
    permissionsBoundaryArn: user.boundary ?? null,
    policies: truePolicies(state, user),
    quotas: trueQuotas(state),
    console: known(access),
    mfaActive: known(user.mfaDevices.length > 0),
    accessKeys: known(
      user.accessKeys.map((key) => ({
        kind: "accessKey",
        account,
        userName: name,
        userArn: arn,
        userPath: path,
        userTags: tags,
        id: known(key.id),
        active: key.status === "Active",
        createdAt: key.createdAt,
        lastUsedAt: known(key.lastUsed?.at ?? null),
      })),
    ),
    serviceCredentials: known(
      [...(user.serviceCredentials?.values() ?? [])].map((one) => ({
        id: one.id,
        service: one.service,
        active: one.status === "Active",
        createdAt: one.createdAt,
        expiresAt: one.expiresAt ?? null,
      })),
    ),
    credentialsAsOf: createdAt,
  };
};

const roleFacts = (account: AccountRef, state: AccountState, role: Role): AnyFacts => ({
  kind: "role",
  account,
  name: role.name,
  path: role.path,
  id: role.id,
  arn: role.arn,
  createdAt: role.createdAt,
  tags: Object.fromEntries(role.tags),
  permissionsBoundaryArn: role.boundary ?? null,
  policies: truePolicies(state, role),
  quotas: trueQuotas(state),
  trustPolicy: known(JSON.parse(role.trustPolicy)),
  lastUsedAt: role.lastUsed?.at ?? null,
});

const isListed = ({ region, type }: Analyzer): boolean => region === "us-east-1" && type === "ACCOUNT";

/** The organization's trail stands all the time: nothing here touches it. */
const accountFacts = (
  account: AccountRef,
  { id, users, roles, quotas, passwordPolicy, analyzers }: AccountState,
): AnyFacts => ({
  kind: "account",
  account,
  arn: rootArn(id),
  users: known(users.size),
  usersQuota: known(quotas.usersQuota),
  roles: known(roles.size),
  rolesQuota: known(quotas.rolesQuota),
  passwordPolicy: known(passwordPolicy ? truePasswordPolicy(passwordPolicy) : null),
  hasConsoleUsers: known([...users.values()].some(({ loginProfile }) => loginProfile !== undefined)),
  analyzers: [{ region: "us-east-1", analyzers: known([...analyzers.values()].filter(isListed)) }],
  trails: known({ covering: "the organization's", flaws: [] }),
});

const truePasswordPolicy = (policy: NonNullable<AccountState["passwordPolicy"]>): PasswordPolicyFacts => ({
  minimumLength: Number(policy.MinimumPasswordLength),
  requireLowercase: policy.RequireLowercaseCharacters === true,
  requireUppercase: policy.RequireUppercaseCharacters === true,
  requireNumbers: policy.RequireNumbers === true,
  requireSymbols: policy.RequireSymbols === true,
  usersMayChange: policy.AllowUsersToChangePassword === true,
  maxAgeDays: policy.MaxPasswordAge === undefined ? null : Number(policy.MaxPasswordAge),
  hardExpiry: policy.HardExpiry === true,
  remembered: policy.PasswordReusePrevention === undefined ? null : Number(policy.PasswordReusePrevention),
});

const rootFacts = (account: AccountRef, { id, root, virtualMfaDevices }: AccountState): AnyFacts => ({
  kind: "root",
  account,
  arn: rootArn(id),
  passwordEnabled: known(root.passwordEnabled),
  mfaActive: known(root.mfaDevices.length > 0),
  virtualMfaAssigned: known(root.mfaDevices.some(({ serial }) => virtualMfaDevices.has(serial))),
  accessKeysPresent: known(root.accessKeys.length > 0),
  accessKeys: known(
    root.accessKeys.map((key) => ({
      active: key.status === "Active",
      createdAt: known(key.createdAt),
      lastUsedAt: known(key.lastUsed?.at ?? null),
    })),
  ),
  passwordLastUsedAt: known(root.passwordLastUsedAt ?? null),
});

/** Whether a control finds a violation at a subject, by the true state of its account. */
export const isViolating = (
  account: AccountRef,
  state: AccountState,
  { control, subject }: { readonly control: string; readonly subject: SubjectRef },
  by: Judging,
): boolean =>
  violationsOf(trueFacts(account, state), (facts) => isAbout(facts, subject), by).some(
    (one) => one.control === control && subjectKey(one.subject) === subjectKey(subject),
  );

const isAbout = (facts: AnyFacts, { kind, name }: SubjectRef): boolean =>
  facts.kind === "user" || facts.kind === "role"
    ? facts.name === name && facts.kind === (kind === "accessKey" ? "user" : kind)
    : facts.kind === kind;
