import { administratorAccess, trusting } from "../iam/state.ts";
import type { SandboxState } from "../state.ts";
import type { PasswordPolicyPlan, RolePlan, RootPlan, UserPlan } from "./plan.ts";
import { wardenInlinePolicies } from "./warden-roles.ts";

/** Users on which a judgement may go wrong; each is named for what it is. */
export const edgeUsers: readonly UserPlan[] = [
  { name: "key-never-used-46-days", createdDays: 46, keys: [{ active: true, createdDays: 46 }] },
  { name: "key-never-used-45-days", createdDays: 45, keys: [{ active: true, createdDays: 45 }] },
  { name: "key-90-days-old", createdDays: 300, keys: [{ active: true, createdDays: 90, usedDays: 0 }] },
  { name: "key-91-days-old", createdDays: 300, keys: [{ active: true, createdDays: 91, usedDays: 0 }] },
  { name: "key-used-45-days-ago", createdDays: 80, keys: [{ active: true, createdDays: 80, usedDays: 45 }] },
  { name: "key-used-46-days-ago", createdDays: 80, keys: [{ active: true, createdDays: 80, usedDays: 46 }] },
  {
    name: "keys-inactive",
    createdDays: 700,
    keys: [
      { active: false, createdDays: 600, usedDays: 300 },
      { active: false, createdDays: 500 },
    ],
  },
  {
    name: "keys-one-inactive",
    createdDays: 700,
    keys: [
      { active: false, createdDays: 600, usedDays: 70 },
      { active: true, createdDays: 60, usedDays: 0 },
    ],
  },
  {
    name: "keys-two-active",
    createdDays: 200,
    keys: [
      { active: true, createdDays: 80, usedDays: 1 },
      { active: true, createdDays: 2, usedDays: 0 },
    ],
  },
  {
    name: "keys-two-active-one-unused",
    createdDays: 400,
    keys: [
      { active: true, createdDays: 200, usedDays: 100 },
      { active: true, createdDays: 199, usedDays: 0 },
    ],
  },
  { name: "mfa-fido-only", createdDays: 100, password: { setDays: 30, usedDays: 1 }, mfa: "fido" },
  { name: "mfa-virtual", createdDays: 100, password: { setDays: 30, usedDays: 1 }, mfa: "virtual" },
  { name: "mfa-hardware", createdDays: 100, password: { setDays: 30, usedDays: 1 }, mfa: "hardware" },
  { name: "mfa-none", createdDays: 100, password: { setDays: 30, usedDays: 1 } },
  { name: "mfa-made-not-assigned", createdDays: 9, password: { setDays: 9, usedDays: 1 }, unassignedMfaDevice: true },
  {
    name: "mfa-without-password",
    createdDays: 100,
    mfa: "virtual",
    keys: [{ active: true, createdDays: 9, usedDays: 0 }],
  },
  { name: "password-never-used-46-days", createdDays: 46, password: { setDays: 46 }, mfa: "virtual" },
  { name: "password-never-used-45-days", createdDays: 45, password: { setDays: 45 }, mfa: "fido" },
  { name: "password-used-46-days-ago", createdDays: 300, password: { setDays: 300, usedDays: 46 }, mfa: "virtual" },
  { name: "password-set-anew-after-use", createdDays: 500, password: { setDays: 3, usedDays: 200 }, mfa: "virtual" },
  { name: "no-credentials", createdDays: 900 },
  {
    name: "git-password-91-days-old",
    createdDays: 200,
    serviceCredentials: [{ service: "codecommit.amazonaws.com", active: true, createdDays: 91 }],
  },
  {
    name: "git-password-90-days-old-and-one-inactive",
    createdDays: 200,
    serviceCredentials: [
      { service: "codecommit.amazonaws.com", active: false, createdDays: 190 },
      { service: "codecommit.amazonaws.com", active: true, createdDays: 90 },
    ],
  },
  {
    name: "bedrock-key-expired",
    createdDays: 200,
    serviceCredentials: [{ service: "bedrock.amazonaws.com", active: true, createdDays: 120, lastsDays: 100 }],
  },
  {
    name: "bedrock-key-to-expire",
    createdDays: 200,
    serviceCredentials: [{ service: "bedrock.amazonaws.com", active: true, createdDays: 120, lastsDays: 365 }],
  },
  {
    name: "doe,jane",
    path: '/it/"quoted",dept/',
    createdDays: 50,
    tags: { team: "Größe 日本語", note: "a=b/c@d" },
    password: { setDays: 50, usedDays: 2 },
  },
  {
    name: "o.brien",
    path: "/o'brien/<b>&amp;/",
    createdDays: 120,
    tags: { "Kosten Stelle": "42/α" },
    keys: [{ active: true, createdDays: 120, usedDays: 3 }],
  },
  { name: "=1+1@example.com", createdDays: 10, password: { setDays: 10, usedDays: 0 }, mfa: "virtual" },
  { name: "x".repeat(64), path: `/deep${"/er".repeat(60)}/`, createdDays: 5, password: { setDays: 5 }, boundary: true },
];

const lambda = trusting({ Service: "lambda.amazonaws.com" });

/** Roles on which a judgement may go wrong, among them those that no control on boundaries judges. */
export const edgeRoles = (accountId: string, hubAccountId: string): readonly RolePlan[] => [
  { name: "boundary-none", createdDays: 30, trust: lambda, boundary: "none" },
  { name: "boundary-approved", createdDays: 30, trust: lambda, boundary: "approved" },
  { name: "boundary-other", createdDays: 30, trust: lambda, boundary: "other" },
  { name: "service-role-path", path: "/service-role/", createdDays: 30, trust: lambda, boundary: "none" },
  { name: "not-stacksets-exec-1", createdDays: 30, trust: lambda, boundary: "none" },
  {
    name: "trust-single-statement",
    createdDays: 30,
    trust: JSON.stringify({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
    }),
    boundary: "none",
  },
  {
    name: "trust-anybody",
    createdDays: 300,
    trust: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Sid: "«ä + % »", Effect: "Allow", Principal: "*", Action: ["sts:AssumeRole"] }],
    }),
    trustViolation: "trust-open-to-anyone",
    boundary: "approved",
  },
  { name: "role-never-used-90-days", createdDays: 90, trust: lambda, boundary: "approved" },
  { name: "role-never-used-91-days", createdDays: 91, trust: lambda, boundary: "approved" },
  { name: "role-used-90-days-ago", createdDays: 500, usedDays: 90, trust: lambda, boundary: "approved" },
  { name: "role-used-91-days-ago", createdDays: 500, usedDays: 91, trust: lambda, boundary: "approved" },
  {
    name: "odd=name,+@.-_",
    path: '/a"b/c,d/',
    createdDays: 30,
    tags: { owner: "Zoë Ångström", empty: "" },
    trust: lambda,
    boundary: "none",
  },
  {
    name: "AWSServiceRoleForSupport",
    path: "/aws-service-role/support.amazonaws.com/",
    createdDays: 800,
    trust: trusting({ Service: "support.amazonaws.com" }),
    boundary: "none",
    outOfScope: true,
  },
  {
    name: "AWSReservedSSO_AdministratorAccess_0123456789abcdef",
    path: "/aws-reserved/sso.amazonaws.com/eu-west-1/",
    createdDays: 500,
    usedDays: 0,
    trust: trusting({ Federated: `arn:aws:iam::${accountId}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE` }),
    boundary: "none",
    outOfScope: true,
    attachedPolicies: [administratorAccess],
  },
  ...[
    "AWSControlTowerExecution",
    "aws-controltower-AdministratorExecutionRole",
    "AWSCloudFormationStackSetExecutionRole",
  ].map(
    (name): RolePlan => ({
      name,
      createdDays: 600,
      trust: trusting({ AWS: `arn:aws:iam::${hubAccountId}:root` }),
      boundary: "none",
      outOfScope: true,
    }),
  ),
  {
    name: "stacksets-exec-0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    createdDays: 400,
    trust: trusting({ AWS: `arn:aws:iam::${hubAccountId}:root` }),
    boundary: "none",
    outOfScope: true,
  },
  ...["deploy", "cfn-exec", "file-publishing", "image-publishing", "lookup"].map(
    (use): RolePlan => ({
      name: `cdk-hnb659fds-${use}-role-${accountId}-eu-west-1`,
      createdDays: 350,
      trust: trusting({ AWS: `arn:aws:iam::${accountId}:root` }),
      boundary: "none",
      outOfScope: true,
    }),
  ),
];

/** Root users, one for each account in turn. */
export const roots: readonly RootPlan[] = [
  { password: { setDays: 700, usedDays: 200 } },
  {},
  { password: { setDays: 700, usedDays: 100 }, mfa: ["hardware"] },
  { password: { setDays: 300, usedDays: 30 }, mfa: ["virtual"] },
  { password: { setDays: 300 }, mfa: ["fido"], keys: [{ active: true, createdDays: 200, usedDays: 1 }] },
  { mfa: [], keys: [{ active: false, createdDays: 900 }] },
  { password: { setDays: 40 }, mfa: ["fido", "virtual"] },
];

/** Password policies, one for each account in turn. */
export const passwordPolicies: readonly (PasswordPolicyPlan | undefined)[] = [
  undefined,
  { minimumLength: 14, remembered: 24 },
  { minimumLength: 13, remembered: 24 },
  { minimumLength: 20, remembered: 23 },
];

/** Server certificates and for how many days they have expired, for each account in turn. */
export const certificates: readonly (readonly (readonly [name: string, expiredDays: number])[])[] = [
  [
    ["expired-today", 0],
    ["good-for-a-day", -1],
    ["expired-long-ago", 800],
  ],
  [],
];

/** Made by Organizations in each account that it makes: an administrator for the management account. */
export const organizationRole = "OrganizationAccountAccessRole";

/** Roles that every account of an organization has, trusting the management account and the hub. */
export const waysIn = (state: SandboxState, hubPrincipalArn: string): readonly RolePlan[] => {
  const { id, managementAccountId } = state.organization;
  const common = { createdDays: 365, boundary: "none", outOfScope: true } as const;
  return [
    {
      ...common,
      name: organizationRole,
      trust: trusting({ AWS: `arn:aws:iam::${managementAccountId}:root` }),
      attachedPolicies: [administratorAccess],
    },
    ...(["audit", "remediate"] as const).map((own) => ({
      ...common,
      name: `iam-warden-${own}`,
      trust: trusting({ AWS: hubPrincipalArn }, { StringEquals: { "aws:PrincipalOrgID": id } }),
      inlinePolicies: wardenInlinePolicies[own],
    })),
  ];
};
