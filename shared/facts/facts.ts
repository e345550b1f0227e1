import type { AccountRef } from "../subject.ts";

/**
 * One thing that was read, or the reason why it is not known: a denied read, a report that lacks the column, a bulk
 * read that cannot see it. A control has to look at `known` before it can touch the value, so "not read" can never
 * be taken for "no". `why` names no subject: a report on coverage counts the verdicts that have the same.
 */
export type Fact<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly why: string };

export const known = <T>(value: T): Fact<T> => ({ known: true, value });
export const unknownFact = (why: string): Fact<never> => ({ known: false, why });

/** A permissions policy that is attached to something, or embedded in it. */
export interface PolicyFacts {
  readonly name: string;
  /** Of a managed policy; `null` for one that is embedded. */
  readonly arn: string | null;
  /** The policy document, decoded and parsed; unknown if it could not be read or is not JSON. */
  readonly document: Fact<unknown>;
  /** In characters, white space not counted, as IAM measures it; 0 if it could not be read. */
  readonly size: number;
}

/** The policies of one user, role or group. Each list is ordered by name. */
export interface OwnPolicies {
  readonly inline: readonly PolicyFacts[];
  readonly attached: readonly PolicyFacts[];
}

/** What a user or role may do, as far as its own account says. */
export interface PrincipalPolicies extends OwnPolicies {
  /** Those that a user is in, ordered by name; roles are in none. */
  readonly groups: readonly (OwnPolicies & { readonly name: string })[];
  readonly boundary: PolicyFacts | null;
}

/** What IAM allows in an account: of texts in characters, white space not counted; of attached policies how many. */
export interface PolicyQuotas {
  readonly managedPolicy: number;
  readonly trustPolicy: number;
  /** All inline policies of one together. */
  readonly inline: { readonly user: number; readonly group: number; readonly role: number };
  readonly attached: { readonly user: number; readonly group: number; readonly role: number };
}

export interface ConsoleAccess {
  /** Has a login profile. Federated people have none. */
  readonly enabled: boolean;
  /** When the login profile was made. The credential report does not say. */
  readonly createdAt: Fact<Date>;
  /** When the password was last set. Only the credential report says. */
  readonly passwordChangedAt: Fact<Date>;
  /** Last console sign-in with the password; `null` if there is no record of one (or none in the last 400 days). */
  readonly lastUsedAt: Fact<Date | null>;
}

export interface AccessKeyFacts {
  readonly kind: "accessKey";
  readonly account: AccountRef;
  readonly userName: string;
  readonly userArn: string;
  readonly userPath: string;
  readonly userTags: Readonly<Record<string, string>>;
  /** `AKIA…`. The credential report lists no ids: a bulk read leaves this unknown until somebody needs it. */
  readonly id: Fact<string>;
  readonly active: boolean;
  readonly createdAt: Date;
  /** `null` if never used (or not in the last 400 days). */
  readonly lastUsedAt: Fact<Date | null>;
}

/**
 * What a user has for one service alone, beside access keys: a password for CodeCommit or Keyspaces, an API key of Bedrock or
 * CloudWatch Logs. The credential report does not know them.
 */
export interface ServiceCredentialFacts {
  /** `ACCA…` */
  readonly id: string;
  /** `codecommit.amazonaws.com` */
  readonly service: string;
  readonly active: boolean;
  readonly createdAt: Date;
  /** `null`: never. */
  readonly expiresAt: Date | null;
}

export interface UserFacts {
  readonly kind: "user";
  readonly account: AccountRef;
  readonly name: string;
  readonly path: string;
  /** The unique id, `AIDA…`, which tells a user from an earlier one of the same name. */
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly tags: Readonly<Record<string, string>>;
  readonly permissionsBoundaryArn: string | null;
  readonly policies: Fact<PrincipalPolicies>;
  readonly quotas: Fact<PolicyQuotas>;
  readonly console: Fact<ConsoleAccess>;
  /** At least one MFA device of any type is enabled. */
  readonly mfaActive: Fact<boolean>;
  /** Ordered by creation, then id where known. */
  readonly accessKeys: Fact<readonly AccessKeyFacts[]>;
  /** Live in both readers. Ordered by creation, then id. */
  readonly serviceCredentials: Fact<readonly ServiceCredentialFacts[]>;
  /** When console, MFA and key facts were true: the credential report's time, or the time of the live read. */
  readonly credentialsAsOf: Date;
}

export interface RoleFacts {
  readonly kind: "role";
  readonly account: AccountRef;
  readonly name: string;
  readonly path: string;
  /** The unique id, `AROA…`. */
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly tags: Readonly<Record<string, string>>;
  readonly permissionsBoundaryArn: string | null;
  readonly policies: Fact<PrincipalPolicies>;
  readonly quotas: Fact<PolicyQuotas>;
  /** The trust policy, decoded and parsed; unknown if it is not JSON. */
  readonly trustPolicy: Fact<unknown>;
  /** `null` if never used (or not in the last 400 days). */
  readonly lastUsedAt: Date | null;
}

export interface RootKeyFacts {
  readonly active: boolean;
  readonly createdAt: Fact<Date>;
  readonly lastUsedAt: Fact<Date | null>;
}

export interface RootFacts {
  readonly kind: "root";
  readonly account: AccountRef;
  readonly arn: string;
  /** False for a member whose root has no credentials under central root access. */
  readonly passwordEnabled: Fact<boolean>;
  readonly mfaActive: Fact<boolean>;
  /** A virtual MFA device is assigned to root. */
  readonly virtualMfaAssigned: Fact<boolean>;
  readonly accessKeysPresent: Fact<boolean>;
  /** Single keys, which only the credential report's root row tells apart. */
  readonly accessKeys: Fact<readonly RootKeyFacts[]>;
  readonly passwordLastUsedAt: Fact<Date | null>;
}

/** What IAM demands of console passwords; the account's own words in place of AWS's default. */
export interface PasswordPolicyFacts {
  /** In characters. */
  readonly minimumLength: number;
  readonly requireLowercase: boolean;
  readonly requireUppercase: boolean;
  readonly requireNumbers: boolean;
  readonly requireSymbols: boolean;
  readonly usersMayChange: boolean;
  /** `null`: passwords do not expire. */
  readonly maxAgeDays: number | null;
  /** Whoever let the password expire needs an administrator. */
  readonly hardExpiry: boolean;
  /** How many of a user's last passwords may not come back; `null`: all may. */
  readonly remembered: number | null;
}

/** Why a trail is not enough to keep what changes IAM. One that cannot write to its bucket lacks nothing else. */
export type TrailFlaw =
  | "does not cover every Region"
  | "is not logging"
  | "logs no management events that write"
  | "cannot write to its bucket";

/** What the trails of an account log, the organization's among them. */
export interface TrailCoverage {
  /** The ARN of one that logs and keeps the management events of every Region; `null` if none does. */
  readonly covering: string | null;
  /** What the others lack, as CloudTrail lists them; none where one will do. */
  readonly flaws: readonly { readonly trail: string; readonly flaw: TrailFlaw }[];
}

/** An analyzer of IAM Access Analyzer that finds access from outside. */
export interface AnalyzerFacts {
  readonly arn: string;
  readonly name: string;
  /** `ACTIVE`, `CREATING`, `DISABLED`, `FAILED`. */
  readonly status: string;
}

/** What an account has in one of the watched Regions. */
export interface RegionAnalyzers {
  readonly region: string;
  /** Those that find access from outside the account; an organization's are in the `OrganizationView`. */
  readonly analyzers: Fact<readonly AnalyzerFacts[]>;
}

/** The account as a whole: what `GetAccountSummary` counts and allows, what it asks of passwords, and who watches it. */
export interface AccountFacts {
  readonly kind: "account";
  readonly account: AccountRef;
  /** `arn:aws:iam::111122223333:root`, which IAM lets stand for the account. */
  readonly arn: string;
  readonly users: Fact<number>;
  readonly usersQuota: Fact<number>;
  readonly roles: Fact<number>;
  readonly rolesQuota: Fact<number>;
  /** `null`: the account has none of its own, and AWS's default applies. */
  readonly passwordPolicy: Fact<PasswordPolicyFacts | null>;
  /** At least one user has a console password. Only a credential report says, as of its time. */
  readonly hasConsoleUsers: Fact<boolean>;
  /** Unknown to whoever cannot look at trails: see `AwsAccess.trails`. */
  readonly trails: Fact<TrailCoverage>;
  /** Of each watched Region; none where nobody asked for them. */
  readonly analyzers: readonly RegionAnalyzers[];
}

export interface GroupFacts {
  readonly kind: "group";
  readonly account: AccountRef;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly policies: Fact<OwnPolicies>;
  readonly quotas: Fact<PolicyQuotas>;
}

/** A managed policy that the account made itself. */
export interface CustomerPolicyFacts {
  readonly kind: "policy";
  readonly account: AccountRef;
  /** With its path if it has one: `team/deployer`. */
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  /** The default version; see `PolicyFacts`. */
  readonly document: Fact<unknown>;
  readonly size: number;
  readonly quotas: Fact<PolicyQuotas>;
  /** To users, groups and roles; as a boundary it is not attached. */
  readonly attachments: number;
  readonly boundaryOf: number;
}

export interface OidcProviderFacts {
  readonly kind: "oidcProvider";
  readonly account: AccountRef;
  /** The issuer's URL without `https://`. */
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Fact<Date>;
  /** The audiences that it accepts, ordered. */
  readonly clientIds: Fact<readonly string[]>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SamlProviderFacts {
  readonly kind: "samlProvider";
  readonly account: AccountRef;
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Fact<Date>;
}

/** A TLS certificate that was uploaded to IAM. */
export interface ServerCertificateFacts {
  readonly kind: "serverCertificate";
  readonly account: AccountRef;
  /** Without its path. */
  readonly name: string;
  readonly arn: string;
  readonly expiresAt: Fact<Date>;
}

/** That somebody outside has access to a resource, as an analyzer found it. */
export interface ExternalAccess {
  /** Who, by the kind of principal: `{"AWS": "999988887777"}`; `{"AWS": "*"}` is everybody. */
  readonly principal: Readonly<Record<string, string>>;
  /** Ordered. */
  readonly actions: readonly string[];
  /** The condition under which they have it: condition keys with their values. */
  readonly condition: Readonly<Record<string, string>>;
  readonly isPublic: boolean;
  /** Outside what: the account that has the resource, or its whole organization. */
  readonly zone: "account" | "organization";
  readonly region: string;
  readonly analyzerArn: string;
}

/** A Region of which it is not known what its analyzers found. */
export interface UnreadRegion {
  readonly region: string;
  readonly why: string;
  /** A read failed; else there was nothing to read. */
  readonly isFailure?: true;
}

/** Why it is not known what analyzers found, with the Regions; `undefined` where it is. */
export const whyUnread = (unread: readonly UnreadRegion[]): string | undefined => {
  const byWhy = Map.groupBy(unread, ({ why }) => why);
  const reasons = [...byWhy].map(([why, of]) => {
    const regions = [...new Set(of.map(({ region }) => region))].sort();
    return `${why} in ${regions.join(", ")}`;
  });
  return reasons.length === 0 ? undefined : reasons.join("; ");
};

/** A resource that others may reach, of whatever service: what IAM Access Analyzer found of it. */
export interface ResourceFacts {
  readonly kind: "resource";
  readonly account: AccountRef;
  /** The ARN. */
  readonly name: string;
  readonly arn: string;
  /** `AWS::S3::Bucket`; `null` where nothing was found of it. */
  readonly type: string | null;
  /** In an order that does not depend on which analyzer told first. */
  readonly access: readonly ExternalAccess[];
  /** Where there may be more of it. */
  readonly unread: readonly UnreadRegion[];
}

export interface FactsByKind {
  readonly user: UserFacts;
  readonly accessKey: AccessKeyFacts;
  readonly role: RoleFacts;
  readonly root: RootFacts;
  readonly account: AccountFacts;
  readonly group: GroupFacts;
  readonly policy: CustomerPolicyFacts;
  readonly oidcProvider: OidcProviderFacts;
  readonly samlProvider: SamlProviderFacts;
  readonly serverCertificate: ServerCertificateFacts;
  readonly resource: ResourceFacts;
}

/** What policies can name that has permissions, or gives some to its members. */
export type Neighbour = UserFacts | RoleFacts | GroupFacts;

/** Looks up another user, role or group of the account by its ARN; `undefined` if there is none. */
export type Neighbours = (arn: string) => Fact<Neighbour | undefined>;

export type AnyFacts = FactsByKind[keyof FactsByKind];
/** Facts of what is neither the account, nor a principal of it, nor a credential. */
export type OtherFacts = Exclude<AnyFacts, UserFacts | AccessKeyFacts | RoleFacts | RootFacts | AccountFacts>;

/** The reads that a user's credential facts come from; a control names those it relies on. */
export type CredentialPart = "loginProfile" | "passwordLastUsed" | "mfaDevices" | "accessKeys" | "accessKeyLastUsed";

/** A whole account as one bulk read saw it. */
export interface AccountSnapshot {
  readonly account: AccountRef;
  /** When the bulk read began. Roles, tags and boundaries are as of this time. */
  readonly readAt: Date;
  /** When the credential report was made; absent if there is none, and then every credential fact is unknown. */
  readonly reportAt?: Date;
  /** Ordered by name. */
  readonly users: readonly UserFacts[];
  /** Names of users made after the credential report, which cannot know them: their credential facts are unknown. */
  readonly newUsers: ReadonlySet<string>;
  /** Ordered by name. */
  readonly roles: readonly RoleFacts[];
  readonly root: RootFacts;
  readonly accountFacts: AccountFacts;
  /** The subjects of all other kinds, ordered by kind, then name. */
  readonly others: readonly OtherFacts[];
  /** The other kinds whose subjects could not be listed, and why; of all kinds but these, what is not there does not exist. */
  readonly unlisted: ReadonlyMap<OtherFacts["kind"], string>;
  /** The Regions of which it is not known what analyzers found: of resources, others are listed all the same. */
  readonly unreadAccess: readonly UnreadRegion[];
  /** The parts of users' credentials that were read live, not from the report: as of `readAt` whatever its age. */
  readonly liveParts: readonly CredentialPart[];
  /** Reads that failed, in words, with the missing permission named; empty if all went well. */
  readonly gaps: readonly string[];
}
