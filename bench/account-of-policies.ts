import {
  type AnyFacts,
  type Fact,
  known,
  type PolicyFacts,
  type PolicyQuotas,
  type PrincipalPolicies,
  type RoleFacts,
  type UserFacts,
  unknownFact,
} from "../shared/facts/facts.ts";
import { noConsole, policyQuotas } from "../shared/facts/shapes.ts";
import type { OrganizationView } from "../shared/organization/view.ts";

// A large account as one bulk read has it: managed policies are shared, inline ones each their own, most by a template.

const account = { id: "111122223333", name: "bench", ouPath: "Root/Workloads/Prod" };
const iam = `arn:aws:iam::${account.id}:`;

type Statement = Readonly<Record<string, unknown>>;
const allow = (
  Action: readonly string[],
  Resource: string | readonly string[] = "*",
  rest: Statement = {},
): Statement => ({
  Effect: "Allow",
  Action,
  Resource,
  ...rest,
});

const policy = (name: string, arn: string | null, Statement: readonly Statement[]): PolicyFacts => {
  const document = { Version: "2012-10-17", Statement };
  return { name, arn, document: known(document), size: JSON.stringify(document).length };
};

const services = "ec2 s3 lambda dynamodb sqs sns logs cloudwatch kms ssm ecs ecr rds states events glue athena".split(
  " ",
);
const reads = services.flatMap((service) => ["Get*", "List*", "Describe*"].map((verb) => `${service}:${verb}`));

const ofAws = (name: string, statements: readonly Statement[]) =>
  policy(name, `arn:aws:iam::aws:policy/${name}`, statements);
const administrator = ofAws("AdministratorAccess", [allow(["*"])]);
const awsPolicies = [
  ofAws("ReadOnlyAccess", [allow(reads)]),
  ofAws("PowerUserAccess", [{ Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" }]),
  ofAws("AmazonS3FullAccess", [allow(["s3:*", "s3-object-lambda:*"])]),
  ofAws("AWSLambdaBasicExecutionRole", [allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"])]),
  ofAws("AmazonSSMManagedInstanceCore", [allow(["ssm:UpdateInstanceInformation", "ssmmessages:*", "ec2messages:*"])]),
];

const ownManaged = (at: number): PolicyFacts => {
  const service = (step: number) => services[(at + step) % services.length] ?? "s3";
  const name = `team-${at}`;
  return policy(name, `${iam}policy/${name}`, [
    allow([`${service(0)}:Get*`, `${service(0)}:List*`, `${service(1)}:Describe*`]),
    allow([`${service(2)}:Put*`, `${service(2)}:Delete*`], `arn:aws:${service(2)}:*:${account.id}:team-${at}/*`),
    allow(["kms:Decrypt", "kms:GenerateDataKey"], `arn:aws:kms:*:${account.id}:key/*`, {
      Condition: { StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } },
    }),
    ...(at % 8 === 0
      ? [allow(["iam:PassRole"], `${iam}role/team-${at}-*`), allow(["lambda:*", "ec2:RunInstances"])]
      : []),
    {
      ...allow(["s3:DeleteBucket", "iam:*"]),
      Effect: "Deny",
      Condition: { StringNotEquals: { "aws:RequestedRegion": ["eu-west-1", "us-east-1"] } },
    },
  ]);
};
const managed = Array.from({ length: 60 }, (_, at) => ownManaged(at));
const boundary = policy("bounds", `${iam}policy/bounds`, [
  allow([
    "s3:*",
    "dynamodb:*",
    "lambda:*",
    "logs:*",
    "sqs:*",
    "sns:*",
    "ec2:*",
    "iam:PassRole",
    "iam:Get*",
    "iam:List*",
  ]),
]);

const pick = <T>(items: readonly T[], at: number): T => items[at % items.length] as T;

/** What a template makes for each role: its own table, bucket and log; for some, what it deploys. */
const inlineOf = (name: string, at: number): readonly PolicyFacts[] => [
  policy("own", null, [
    allow(
      ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
      `arn:aws:dynamodb:eu-west-1:${account.id}:table/${name}`,
    ),
    allow(["s3:GetObject", "s3:PutObject"], [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`]),
    allow(["logs:PutLogEvents"], `arn:aws:logs:*:${account.id}:log-group:/aws/lambda/${name}:*`),
    ...(at % 5 === 0
      ? [
          allow(["iam:PassRole"], `${iam}role/${name}-*`),
          allow(
            ["lambda:CreateFunction", "lambda:UpdateFunctionCode"],
            `arn:aws:lambda:*:${account.id}:function:${name}-*`,
          ),
        ]
      : []),
  ]),
];

const quotas: Fact<PolicyQuotas> = policyQuotas(known({}));
const createdAt = new Date("2026-01-01T00:00:00Z");

const principal = (kind: "user" | "role", name: string, policies: PrincipalPolicies) => ({
  ...{
    account,
    name,
    path: "/",
    id: `A${kind}${name}`,
    arn: `${iam}${kind}/${name}`,
    createdAt,
    tags: { team: "data" },
    quotas,
  },
  ...{ permissionsBoundaryArn: policies.boundary?.arn ?? null, policies: known(policies) },
});

const roleOf = (at: number): RoleFacts => {
  const name = `service-${at}`;
  const attached = at % 50 === 0 ? [administrator] : [pick(awsPolicies, at), pick(managed, at * 7)];
  const policies = { inline: inlineOf(name, at), attached, groups: [], boundary: at % 3 === 0 ? null : boundary };
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  return {
    ...principal("role", name, policies),
    ...{ kind: "role", trustPolicy: known({ Version: "2012-10-17", Statement: [trust] }), lastUsedAt: createdAt },
  };
};

const groups = Array.from({ length: 30 }, (_, at) => ({
  name: `group-${at}`,
  inline: [],
  attached: [pick(awsPolicies, at), pick(managed, at * 11)],
}));

const userOf = (at: number): UserFacts => {
  const name = `person-${at}`;
  const inline = at % 4 === 0 ? inlineOf(name, at) : [];
  const policies = { inline, attached: [], groups: [pick(groups, at), pick(groups, at * 3 + 1)], boundary: null };
  return {
    ...principal("user", name, policies),
    ...{
      kind: "user",
      console: known(noConsole),
      mfaActive: known(true),
      accessKeys: known([]),
      serviceCredentials: known([]),
      credentialsAsOf: createdAt,
    },
  };
};

export const policyAccount = account;

export const accountOfPolicies = (users: number, roles: number): readonly AnyFacts[] => [
  ...Array.from({ length: users }, (_, at) => userOf(at)),
  ...Array.from({ length: roles }, (_, at) => roleOf(at)),
];

const whole = policy("FullAWSAccess", "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess", [
  allow(["*"]),
]);
const guardrail = policy("guardrail", "arn:aws:organizations::999999999999:policy/o-bench/service_control_policy/p-1", [
  { ...allow(["organizations:LeaveOrganization", "cloudtrail:StopLogging"]), Effect: "Deny" },
  {
    ...allow(["*"]),
    Effect: "Deny",
    Condition: { StringNotEquals: { "aws:RequestedRegion": ["eu-west-1", "us-east-1"] } },
  },
]);

export const organizationOfPolicies: Fact<OrganizationView> = known({
  id: "o-bench",
  managementAccountId: "999999999999",
  accountIds: new Set([account.id, "999999999999"]),
  serviceControl: known([
    { id: "r-ab12", name: "Root", policies: [whole, guardrail] },
    { id: "ou-ab12-workload", name: "Workloads", policies: [whole] },
    { id: account.id, name: account.name, policies: [whole] },
  ]),
  rootFeatures: unknownFact("nobody asks"),
  analyzers: unknownFact("nobody asks"),
});
