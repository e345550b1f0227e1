import type { Json } from "../../shared/control.ts";
import {
  type AccessKeyFacts,
  type AccountFacts,
  type ConsoleAccess,
  type CustomerPolicyFacts,
  type Fact,
  type GroupFacts,
  known,
  type OidcProviderFacts,
  type PasswordPolicyFacts,
  type PolicyFacts,
  type PolicyQuotas,
  type PrincipalPolicies,
  type ResourceFacts,
  type RoleFacts,
  type RootFacts,
  type SamlProviderFacts,
  type ServerCertificateFacts,
  type UserFacts,
  unknownFact,
} from "../../shared/facts/facts.ts";
import type { OrganizationView } from "../../shared/organization/view.ts";

/** The time of every evaluation in a test. */
export const now = new Date("2026-11-20T08:00:00.000Z");

const millisecondsPerDay = 86_400_000;
export const daysAgo = (days: number): Date => new Date(now.getTime() - days * millisecondsPerDay);

export const account = { id: "111122223333", name: "payments", ouPath: "Root/Workloads/Prod" };

/** As Organizations attaches it to every node. */
const fullAccess: PolicyFacts = {
  name: "FullAWSAccess",
  arn: "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
  document: known({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }),
  size: 75,
};

/** The organization that `account` is a member of, without a service control policy that takes anything away. */
export const organizationView = (over: Partial<OrganizationView> = {}): Fact<OrganizationView> =>
  known({
    id: "o-exampleorg1",
    managementAccountId: "999999999999",
    accountIds: new Set(["999999999999", account.id, "444455556666"]),
    serviceControl: known([
      { id: "r-ab12", name: "Root", policies: [fullAccess] },
      { id: "ou-ab12-workload1", name: "Workloads", policies: [fullAccess] },
      { id: account.id, name: account.name, policies: [fullAccess] },
    ]),
    rootFeatures: known(["RootCredentialsManagement", "RootSessions"]),
    analyzers: known([]),
    ...over,
  });

export const organization = organizationView();

/** A policy by its statements: embedded, or managed if it has an ARN. */
export const policyFacts = (name: string, statements: readonly Json[], arn: string | null = null): PolicyFacts => {
  const document = { Version: "2012-10-17", Statement: statements };
  return { name, arn, document: known(document), size: JSON.stringify(document).length };
};

/** Of somebody to whom nothing is attached but what is given. */
export const principalPolicies = (over: Partial<PrincipalPolicies> = {}): Fact<PrincipalPolicies> =>
  known({ inline: [], attached: [], groups: [], boundary: null, ...over });

/** As IAM documents them. */
export const quotas: Fact<PolicyQuotas> = known({
  managedPolicy: 6_144,
  trustPolicy: 2_048,
  inline: { user: 2_048, group: 5_120, role: 10_240 },
  attached: { user: 10, group: 10, role: 20 },
});

/** As the readers say it when a read was refused. */
export const denied = (permission: string): Fact<never> => unknownFact(`access denied: ${permission}`);

/** A console password as a fresh credential report shows it: set 200 days ago, used yesterday. */
export const consolePassword = (over: Partial<ConsoleAccess> = {}): Fact<ConsoleAccess> =>
  known({
    enabled: true,
    createdAt: unknownFact("the credential report does not say"),
    passwordChangedAt: known(daysAgo(200)),
    lastUsedAt: known(daysAgo(1)),
    ...over,
  });

/** The same as a live read shows it. */
export const livePassword = (over: Partial<ConsoleAccess> = {}): Fact<ConsoleAccess> =>
  consolePassword({
    createdAt: known(daysAgo(200)),
    passwordChangedAt: unknownFact("only the credential report says"),
    ...over,
  });

export const noPassword: Fact<ConsoleAccess> = consolePassword({
  enabled: false,
  passwordChangedAt: unknownFact("there is no console password"),
  lastUsedAt: unknownFact("there is no console password"),
});

/** User bob, without any credentials. */
export const userFacts = (over: Partial<UserFacts> = {}): UserFacts => ({
  kind: "user",
  account,
  name: "bob",
  path: "/",
  id: "AIDAQEXAMPLEBOB000001",
  arn: "arn:aws:iam::111122223333:user/bob",
  createdAt: daysAgo(400),
  tags: {},
  permissionsBoundaryArn: null,
  policies: principalPolicies(),
  quotas,
  console: noPassword,
  mfaActive: known(false),
  accessKeys: known([]),
  serviceCredentials: known([]),
  credentialsAsOf: now,
  ...over,
});

/** An active key of bob, made ten days ago and used yesterday. */
export const accessKeyFacts = (over: Partial<AccessKeyFacts> = {}): AccessKeyFacts => ({
  kind: "accessKey",
  account,
  userName: "bob",
  userArn: "arn:aws:iam::111122223333:user/bob",
  userPath: "/",
  userTags: {},
  id: known("AKIAQEXAMPLEBOB00001"),
  active: true,
  createdAt: daysAgo(10),
  lastUsedAt: known(daysAgo(1)),
  ...over,
});

/** Role app, without a boundary. */
export const roleFacts = (over: Partial<RoleFacts> = {}): RoleFacts => {
  const name = over.name ?? "app";
  const path = over.path ?? "/";
  return {
    kind: "role",
    account,
    name,
    path,
    id: "AROAQEXAMPLEAPP000001",
    arn: `arn:aws:iam::111122223333:role${path}${name}`,
    createdAt: daysAgo(400),
    tags: {},
    permissionsBoundaryArn: null,
    policies: principalPolicies(),
    quotas,
    trustPolicy: known({ Version: "2012-10-17", Statement: [] }),
    lastUsedAt: null,
    ...over,
  };
};

/** Root with a password, a hardware MFA device and no access key. */
export const rootFacts = (over: Partial<RootFacts> = {}): RootFacts => ({
  kind: "root",
  account,
  arn: "arn:aws:iam::111122223333:root",
  passwordEnabled: known(true),
  mfaActive: known(true),
  virtualMfaAssigned: known(false),
  accessKeysPresent: known(false),
  accessKeys: known([]),
  passwordLastUsedAt: known(null),
  ...over,
});

/** A password policy as the CIS benchmark asks for. */
export const passwordPolicy = (over: Partial<PasswordPolicyFacts> = {}): PasswordPolicyFacts => ({
  minimumLength: 14,
  requireLowercase: true,
  requireUppercase: true,
  requireNumbers: true,
  requireSymbols: true,
  usersMayChange: true,
  maxAgeDays: null,
  hardExpiry: false,
  remembered: 24,
  ...over,
});

/** An account with a few users and roles, far from its quotas, some with passwords that are held to a good policy. */
export const accountFacts = (over: Partial<AccountFacts> = {}): AccountFacts => ({
  kind: "account",
  account,
  arn: "arn:aws:iam::111122223333:root",
  users: known(7),
  usersQuota: known(5000),
  roles: known(40),
  rolesQuota: known(1000),
  passwordPolicy: known(passwordPolicy()),
  hasConsoleUsers: known(true),
  analyzers: [],
  trails: known({ covering: "arn:aws:cloudtrail:us-east-1:999999999999:trail/organization", flaws: [] }),
  ...over,
});

/** Group staff, with nothing attached. */
export const groupFacts = (over: Partial<GroupFacts> = {}): GroupFacts => ({
  kind: "group",
  account,
  name: "staff",
  path: "/",
  arn: "arn:aws:iam::111122223333:group/staff",
  createdAt: daysAgo(400),
  policies: known({ inline: [], attached: [] }),
  quotas,
  ...over,
});

/** Policy deployer, attached once, that allows to list buckets. */
export const customerPolicyFacts = (over: Partial<CustomerPolicyFacts> = {}): CustomerPolicyFacts => {
  const { document, size } = policyFacts("deployer", [
    { Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" },
  ]);
  return {
    kind: "policy",
    account,
    name: "deployer",
    arn: "arn:aws:iam::111122223333:policy/deployer",
    createdAt: daysAgo(400),
    document,
    size,
    quotas,
    attachments: 1,
    boundaryOf: 0,
    ...over,
  };
};

/** A certificate that is good for another month. */
export const serverCertificateFacts = (over: Partial<ServerCertificateFacts> = {}): ServerCertificateFacts => ({
  kind: "serverCertificate",
  account,
  name: "www.example.com",
  arn: "arn:aws:iam::111122223333:server-certificate/www.example.com",
  expiresAt: known(daysAgo(-30)),
  ...over,
});

/** A company's own. */
export const samlProviderFacts = (over: Partial<SamlProviderFacts> = {}): SamlProviderFacts => ({
  kind: "samlProvider",
  account,
  name: "Okta",
  arn: "arn:aws:iam::111122223333:saml-provider/Okta",
  createdAt: known(daysAgo(400)),
  ...over,
});

/** A bucket of which nothing was found, in Regions that were all read. */
export const resourceFacts = (over: Partial<ResourceFacts> = {}): ResourceFacts => ({
  kind: "resource",
  account,
  name: "arn:aws:s3:::example-bucket",
  arn: "arn:aws:s3:::example-bucket",
  type: "AWS::S3::Bucket",
  access: [],
  unread: [],
  ...over,
});

/** GitHub Actions, with the audience that AWS's own action asks for. */
export const oidcProviderFacts = (over: Partial<OidcProviderFacts> = {}): OidcProviderFacts => ({
  kind: "oidcProvider",
  account,
  name: "token.actions.githubusercontent.com",
  arn: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
  createdAt: known(daysAgo(400)),
  clientIds: known(["sts.amazonaws.com"]),
  tags: {},
  ...over,
});
