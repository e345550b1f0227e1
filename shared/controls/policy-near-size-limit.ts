import * as z from "zod";
import { compliant, defineControl, notApplicable, unknown, type Verdict, violation } from "../control.ts";
import type {
  CustomerPolicyFacts,
  Fact,
  GroupFacts,
  OwnPolicies,
  PolicyFacts,
  PolicyQuotas,
  RoleFacts,
  UserFacts,
} from "../facts/facts.ts";
import { kindAtStart, kindWords } from "../subject.ts";
import { isOfAws } from "./terms/roles/role-scope.ts";

type Facts = UserFacts | RoleFacts | GroupFacts | CustomerPolicyFacts;

/** Something that IAM allows only so much of. */
interface Measure {
  /** As evidence names it, with its unit. */
  readonly name: "policyCharacters" | "inlineCharacters" | "trustCharacters" | "attachedPolicies";
  /** `its inline policies have … characters`. */
  readonly words: (used: string, limit: string) => string;
  readonly used: Fact<number>;
  readonly limit: number;
}

/** Policies are so long, or so many, that little can be added. */
export const policyNearSizeLimit = defineControl({
  id: "policy-near-size-limit",
  title: "Policies are close to a limit of IAM",
  severity: "low",
  frameworks: {},
  subjects: ["user", "role", "group", "policy"],
  hints: [
    "iam:AcquireRole",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateGroup",
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteGroup",
    "iam:DeleteGroupPolicy",
    "iam:DeletePolicy",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DeleteUser",
    "iam:DeleteUserPolicy",
    "iam:DetachGroupPolicy",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateGroup",
    "iam:UpdateUser",
  ],
  policies: true,
  options: z.strictObject({
    nearPercent: z
      .int()
      .min(1)
      .max(100)
      .default(90)
      .describe("How much of a limit has to be used, in percent, for it to be close."),
  }),
  guidance: {
    what: "A managed policy, the inline policies of a user, role or group together, a role's trust policy, or the number of managed policies attached to one of them is close to what IAM allows.",
    why: "The next change is refused, often that of somebody in a hurry, and a wildcard in place of the list then looks like the way out.",
    counts: [
      "Lengths are in characters, white space not counted, as IAM counts them; of a managed policy the default version counts.",
      "The limits are those that the account's summary tells: an account can have more than the default.",
      "Policies named iam-warden-* are iam-warden's own, and long by design.",
      "Roles under /aws-service-role/ and /aws-reserved/ are AWS's own, which nobody else can change.",
    ],
    fix: {
      cli: `# Merge statements that differ in the action alone, and leave out what others cover:
aws iam list-PRINCIPAL_KIND-policies --PRINCIPAL_KIND-name PRINCIPAL_NAME
aws iam list-attached-PRINCIPAL_KIND-policies --PRINCIPAL_KIND-name PRINCIPAL_NAME
# An inline policy has more room as a managed one:
#   aws iam create-policy --policy-name POLICY_NAME --policy-document file://policy.json`,
      cloudFormation: `Resources:
  InPlaceOfInline:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [ROLE_NAME] # or Users, or Groups
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: [s3:GetObject, s3:PutObject]
            Resource: arn:aws:s3:::example-bucket/*`,
      terraform: `resource "aws_iam_policy" "in_place_of_inline" {
  name = "in-place-of-inline"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "arn:aws:s3:::example-bucket/*"
    }]
  })
}`,
    },
  },
  evaluate: (facts: Facts, { options }): Verdict => {
    const name = `${kindWords[facts.kind]} ${facts.name}`;
    if (facts.kind === "role" && isOfAws(facts))
      return notApplicable(`Role ${facts.name} is AWS's own: nobody else can change its policies.`);
    if (facts.kind === "policy" && /^iam-warden-[^/]*$/.test(facts.name))
      return notApplicable(`Policy ${facts.name} is iam-warden's own: its stack makes it as long as it has to be.`);
    const cannotTell = `Cannot tell how much the policies of ${name} take of what IAM allows`;
    if (!facts.quotas.known) return unknown(cannotTell, facts.quotas.why);
    const measures = measuresOf(facts, facts.quotas.value);
    const near = measures.flatMap(({ name, words, used, limit }) =>
      used.known && used.value * 100 >= limit * options.nearPercent
        ? [{ name, used: used.value, limit, words: words(number(used.value), number(limit)) }]
        : [],
    );
    const how = near.some(({ used, limit }) => used > limit) ? "over" : "close to";
    if (near.length > 0)
      return violation(
        `${kindAtStart(facts.kind)} ${facts.name} is ${how} a limit: ${near.map(({ words }) => words).join("; ")}.`,
        Object.fromEntries(near.map(({ name, used, limit }) => [name, { used, limit }])),
      );
    const unread = measures.find(({ used }) => !used.known)?.used;
    return unread && !unread.known ? unknown(cannotTell, unread.why) : compliant;
  },
});

const number = (value: number): string => String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");

const measuresOf = (facts: Facts, quotas: PolicyQuotas): readonly Measure[] => {
  if (facts.kind === "policy")
    return [
      {
        name: "policyCharacters",
        words: (used, limit) => `it has ${used} of ${limit} characters`,
        used: sizeOf([facts]),
        limit: quotas.managedPolicy,
      },
    ];
  const { kind } = facts;
  const policies: Fact<OwnPolicies> = facts.policies;
  return [
    {
      name: "inlineCharacters",
      words: (used, limit) => `its inline policies have ${used} of ${limit} characters`,
      used: policies.known ? sizeOf(policies.value.inline) : policies,
      limit: quotas.inline[kind],
    },
    {
      name: "attachedPolicies",
      words: (used, limit) => `${used} of ${limit} managed policies are attached to it`,
      used: policies.known ? { known: true, value: policies.value.attached.length } : policies,
      limit: quotas.attached[kind],
    },
    ...(facts.kind === "role" ? [trustMeasure(facts, quotas)] : []),
  ];
};

const trustMeasure = ({ trustPolicy }: RoleFacts, quotas: PolicyQuotas): Measure => ({
  name: "trustCharacters",
  words: (used, limit) => `its trust policy has ${used} of ${limit} characters`,
  used: trustPolicy.known ? { known: true, value: JSON.stringify(trustPolicy.value).length } : trustPolicy,
  limit: quotas.trustPolicy,
});

const sizeOf = (policies: readonly Pick<PolicyFacts, "document" | "size">[]): Fact<number> => {
  const unread = policies.find(({ document }) => !document.known)?.document;
  if (unread && !unread.known) return unread;
  return { known: true, value: policies.reduce((sum, { size }) => sum + size, 0) };
};
