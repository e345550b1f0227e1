import type { Json } from "../../shared/control.ts";
import { privilegedRoleWithoutMfa } from "../../shared/controls/privileged-role-without-mfa.ts";
import { describeControl } from "../support/describe-control.ts";
import { denied, principalPolicies, roleFacts } from "../support/facts.ts";
import {
  administratorAccess,
  allow as gives,
  iam,
  inline,
  odd,
  unreadOrganization,
  withMfa,
} from "../support/permissions.ts";
import { allow, trusting } from "../support/trust.ts";

const admin = (...statements: readonly Json[]) => ({
  ...trusting(...statements),
  policies: principalPolicies({ attached: [administratorAccess] }),
});
const root = { AWS: `${iam}root` };
const grants = [{ policy: "arn:aws:iam::aws:policy/AdministratorAccess", statement: "Statement[0]" }];
const without = (...principals: readonly string[]) => ({
  reason: `Role app is an administrator, and ${principals.join(" and ")} can assume it without MFA: its trust policy does not ask for it.`,
  evidence: { principals: [...principals], grants },
});
const denyWithout = (operator: string) => ({
  Effect: "Deny",
  Principal: "*",
  Action: "sts:AssumeRole",
  Condition: { [operator]: { "aws:MultiFactorAuthPresent": "false" } },
});
const cannotTell = (why: string) => `Cannot tell who can assume role app: ${why}`;

describeControl(privilegedRoleWithoutMfa, {
  violates: {
    "a whole account": { facts: admin(allow(root)), ...without(`${iam}root`) },
    users: {
      facts: admin(allow({ AWS: [`${iam}user/bob`, `${iam}user/ann`] })),
      ...without(`${iam}user/ann`, `${iam}user/bob`),
    },
    "MFA only where there can be any": {
      facts: admin(allow(root, { Condition: { BoolIfExists: { "aws:MultiFactorAuthPresent": "true" } } })),
      ...without(`${iam}root`),
    },
    "a Deny that lets access keys through": {
      facts: admin(allow(root), denyWithout("Bool")),
      ...without(`${iam}root`),
    },
    "one of two statements": {
      facts: admin(allow(root, { Condition: withMfa }), allow({ AWS: `${iam}user/bob` })),
      ...without(`${iam}user/bob`),
    },
  },
  complies: {
    MFA: { facts: admin(allow(root, { Condition: withMfa })) },
    "a young MFA": {
      facts: admin(allow(root, { Condition: { NumericLessThan: { "aws:MultiFactorAuthAge": "3600" } } })),
    },
    "a Deny without MFA": { facts: admin(allow(root), denyWithout("BoolIfExists")) },
  },
  notApplicable: {
    "no administrator": {
      facts: { ...trusting(allow(root)), policies: inline([gives("s3:*")]) },
      reason: "Role app is no administrator.",
    },
    "a role that is AWS's own": {
      facts: { ...admin(allow(root)), path: "/aws-reserved/sso.amazonaws.com/" },
      reason: "Role app is AWS's own: nobody else can change whom it trusts.",
    },
    "a service": { facts: admin(allow({ Service: "lambda.amazonaws.com" })), reason: "Role app trusts no users." },
    "a role by name": { facts: admin(allow({ AWS: `${iam}role/pipeline` })), reason: "Role app trusts no users." },
    "an identity provider": {
      facts: admin(allow({ Federated: `${iam}saml-provider/idp` }, { Action: "sts:AssumeRoleWithSAML" })),
      reason: "Role app trusts no users.",
    },
  },
  unknown: {
    "policies that could not be read": {
      facts: roleFacts({ policies: denied("iam:ListRolePolicies") }),
      reason: "Cannot tell what role app may do: access denied: iam:ListRolePolicies",
    },
    "an organization that could not be read": {
      facts: admin(allow(root)),
      organization: unreadOrganization,
      reason: `${without(`${iam}root`).reason} Not certain: what limits it could not be read: access denied: organizations:ListPolicies`,
      cause: "what limits it could not be read: access denied: organizations:ListPolicies",
    },
    "a trust policy that is none": {
      facts: { ...admin(), trustPolicy: denied("iam:GetRole") },
      reason: cannotTell("access denied: iam:GetRole"),
    },
    "a condition that nobody knows": {
      facts: admin(allow(root, { Condition: odd })),
      reason: cannotTell("a condition of its trust policy cannot be judged"),
    },
    "an element that nobody knows": {
      facts: admin(allow({ Service: "ec2.amazonaws.com" }), { ...allow(root), Unless: "Sunday" }),
      reason: cannotTell("Statement[1] has an element that is unknown: Unless"),
    },
  },
});
