import {
  type AccessKey,
  addGroup,
  addRole,
  addUser,
  type ManagedPolicy,
  type MfaDevice,
  type RootUser,
  type ServiceCredential,
  strictPasswordPolicy,
} from "../iam/state.ts";
import type { Ids, Random } from "../random.ts";
import type { AccountState } from "../state.ts";
import { groupPolicies } from "./permission-plans.ts";
import {
  certificateViolations,
  type KeyPlan,
  type MfaKind,
  type PasswordPolicyPlan,
  passwordViolations,
  type RolePlan,
  type RootPlan,
  roleViolations,
  rootViolations,
  type ServiceCredentialPlan,
  type Twin,
  type UserPlan,
  userViolations,
  type Violation,
} from "./plan.ts";

/** The customer managed policy that the world's roles should have as their boundary. */
export const approvedBoundaryName = "org-boundary";
const otherBoundaryName = "legacy-boundary";

const hour = 3_600_000;
const day = 24 * hour;

/** Puts plans into an account's state and tells what they violate. */
export interface Builder {
  user(plan: UserPlan): void;
  role(plan: RolePlan): void;
  root(plan: RootPlan): void;
  /** After the account's users. */
  passwordPolicy(plan: PasswordPolicyPlan | undefined): void;
  /** @param expiredDays whole days since it expired; negative for one that is good still */
  certificate(name: string, expiredDays: number): void;
  /** @param issuer its URL without `https://` */
  oidcProvider(issuer: string, isApproved: boolean): void;
  samlProvider(name: string, isApproved: boolean): void;
  readonly violations: readonly Violation[];
  readonly twins: readonly Twin[];
}

export const createBuilder = (account: AccountState, sources: { ids: Ids; random: Random; now: Date }): Builder => {
  const { ids, random, now } = sources;
  const violations: Violation[] = [];
  const twins: Twin[] = [];
  const isTwin = (kind: "user" | "role", { name, twinOf = [] }: UserPlan | RolePlan) =>
    twins.push(...twinOf.map((twin) => ({ ...twin, account: account.id, subject: { kind, name } })));
  let hasConsoleUsers = false;
  const arn = (rest: string) => `arn:aws:iam::${account.id}:${rest}`;

  /** A moment so many days and (for one entity always as many) hours ago. */
  const timeline = () => {
    const hours = 1 + Math.floor(random() * 10);
    return (days: number) => new Date(Math.floor((now.getTime() - days * day - hours * hour) / 1000) * 1000);
  };

  const keysOf = (plans: readonly KeyPlan[], ago: (days: number) => Date): AccessKey[] =>
    plans.map(({ active, createdDays, usedDays }) => ({
      id: ids.accessKey("AKIA"),
      secret: ids.secret(),
      status: active ? "Active" : "Inactive",
      createdAt: ago(createdDays),
      ...(usedDays !== undefined && { lastUsed: { at: ago(usedDays), service: "s3", region: "eu-west-1" } }),
    }));

  const credentialsOf = (
    userName: string,
    plans: readonly ServiceCredentialPlan[],
    ago: (days: number) => Date,
  ): Map<string, ServiceCredential> =>
    new Map(
      plans.map(({ service, active, createdDays, lastsDays }) => {
        const id = ids.entity("ACCA");
        const createdAt = ago(createdDays);
        const expiresAt = lastsDays === undefined ? undefined : new Date(createdAt.getTime() + lastsDays * day);
        const credential: ServiceCredential = {
          ...{ id, service, alias: `${userName}-at-${account.id}`, status: active ? "Active" : "Inactive", createdAt },
          ...(expiresAt && { expiresAt }),
        };
        return [id, credential];
      }),
    );

  const virtualDevice = (name: string): string => {
    const serial = arn(`mfa/${name}`);
    account.virtualMfaDevices.set(serial, { serial, seed: ids.secret() });
    return serial;
  };

  /** `owner` is `root` or `user/` and a name. */
  const mfaDevice = (kind: MfaKind, owner: string, enabledAt: Date): MfaDevice => {
    const serial =
      kind === "virtual"
        ? virtualDevice(owner === "root" ? "root-account-mfa-device" : owner.slice("user/".length))
        : kind === "fido"
          ? arn(`u2f/${owner}/${ids.lower(8)}-${ids.lower(8)}`)
          : `GAHT${ids.account().slice(0, 8)}`;
    return { serial, enabledAt };
  };

  const addPolicy = (name: string, document: object): string => {
    const createdAt = new Date(now.getTime() - 400 * day);
    const policy: ManagedPolicy = {
      name,
      path: "/",
      id: ids.entity("ANPA"),
      arn: arn(`policy/${name}`),
      description: "",
      createdAt,
      updatedAt: createdAt,
      tags: new Map(),
      versions: [{ id: "v1", document: JSON.stringify(document), createdAt }],
      defaultVersionId: "v1",
      nextVersion: 2,
    };
    account.policies.set(policy.arn, policy);
    return policy.arn;
  };
  const statement = (Action: string[]) => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action, Resource: "*" }],
  });
  const boundaries = {
    approved: addPolicy(approvedBoundaryName, statement(["s3:*", "dynamodb:*", "logs:*", "sqs:*"])),
    other: addPolicy(otherBoundaryName, statement(["*"])),
  };

  return {
    violations,
    twins,
    user: (plan) => {
      const {
        name,
        path = "/",
        tags = {},
        createdDays,
        password,
        mfa,
        keys = [],
        groups = [],
        inlinePolicies = {},
        serviceCredentials = [],
      } = plan;
      hasConsoleUsers ||= password !== undefined;
      const ago = timeline();
      const accessKeys = keysOf(keys, ago);
      for (const group of groups) {
        if (!account.groups.has(group.toLowerCase()))
          addGroup(account, ids, {
            name: group,
            createdAt: account.joinedAt,
            attachedPolicies: new Set(groupPolicies[group] ?? []),
          });
      }
      if (plan.unassignedMfaDevice) virtualDevice(name);
      addUser(account, ids, {
        name,
        path,
        createdAt: ago(createdDays),
        tags: new Map(Object.entries(tags)),
        accessKeys,
        mfaDevices: mfa === undefined ? [] : [mfaDevice(mfa, `user/${name}`, ago(password?.setDays ?? createdDays))],
        groups: new Set(groups),
        inlinePolicies: new Map(Object.entries(inlinePolicies)),
        ...(serviceCredentials.length > 0 && { serviceCredentials: credentialsOf(name, serviceCredentials, ago) }),
        ...(plan.boundary && { boundary: boundaries.approved }),
        ...(password && {
          loginProfile: { createdAt: ago(createdDays), changedAt: ago(password.setDays), resetRequired: false },
          ...(password.usedDays !== undefined && { passwordLastUsedAt: ago(password.usedDays) }),
        }),
      });
      violations.push(
        ...userViolations(
          account.id,
          plan,
          accessKeys.map(({ id }) => id),
        ),
      );
      isTwin("user", plan);
    },
    role: (plan) => {
      const {
        name,
        path = "/",
        tags = {},
        createdDays,
        usedDays,
        trust,
        boundary,
        attachedPolicies = [],
        inlinePolicies = {},
      } = plan;
      const ago = timeline();
      addRole(account, ids, {
        name,
        path,
        createdAt: ago(createdDays),
        tags: new Map(Object.entries(tags)),
        trustPolicy: trust,
        attachedPolicies: new Set(attachedPolicies),
        inlinePolicies: new Map(Object.entries(inlinePolicies)),
        ...(boundary !== "none" && { boundary: boundaries[boundary] }),
        ...(usedDays !== undefined && { lastUsed: { at: ago(usedDays), region: "eu-west-1" } }),
      });
      violations.push(...roleViolations(account.id, plan));
      isTwin("role", plan);
    },
    root: (plan) => {
      const { password, mfa = [], keys = [] } = plan;
      const ago = timeline();
      const root: RootUser = account.root;
      root.passwordEnabled = password !== undefined;
      if (password) {
        root.passwordChangedAt = ago(password.setDays);
        if (password.usedDays !== undefined) root.passwordLastUsedAt = ago(password.usedDays);
      }
      root.accessKeys.push(...keysOf(keys, ago));
      root.mfaDevices.push(...mfa.map((kind) => mfaDevice(kind, "root", ago(password?.setDays ?? 0))));
      violations.push(...rootViolations(account.id, plan));
    },
    certificate: (name, expiredDays) => {
      const expiresAt = timeline()(expiredDays);
      account.serverCertificates.set(name.toLowerCase(), {
        ...{ name, path: "/", id: ids.entity("ASCA"), arn: arn(`server-certificate/${name}`), expiresAt },
        uploadedAt: new Date(expiresAt.getTime() - 365 * day),
        body: "", // Nobody reads it.
      });
      violations.push(...certificateViolations(account.id, name, expiredDays));
    },
    oidcProvider: (issuer, isApproved) => {
      const [providerArn, createdAt] = [arn(`oidc-provider/${issuer}`), new Date(now.getTime() - 300 * day)];
      account.oidcProviders.set(providerArn, {
        ...{ arn: providerArn, url: issuer, clientIds: new Set(["sts.amazonaws.com"]), thumbprints: [] },
        ...{ createdAt, tags: new Map() },
      });
      const found = {
        control: "oidc-provider-unapproved",
        account: account.id,
        subject: { kind: "oidcProvider", name: issuer },
      } as const;
      if (isApproved) twins.push({ ...found, confinedBy: "likeness" });
      else violations.push(found);
    },
    samlProvider: (name, isApproved) => {
      const [providerArn, createdAt] = [arn(`saml-provider/${name}`), new Date(now.getTime() - 300 * day)];
      account.samlProviders.set(providerArn, { arn: providerArn, name, metadata: "", createdAt }); // Nobody reads it.
      const found = {
        control: "saml-provider-unapproved",
        account: account.id,
        subject: { kind: "samlProvider", name },
      } as const;
      if (isApproved) twins.push({ ...found, confinedBy: "likeness" });
      else violations.push(found);
    },
    passwordPolicy: (plan) => {
      if (plan)
        account.passwordPolicy = {
          ...strictPasswordPolicy,
          MinimumPasswordLength: plan.minimumLength,
          PasswordReusePrevention: plan.remembered,
        };
      violations.push(...passwordViolations(account.id, plan, hasConsoleUsers));
    },
  };
};
