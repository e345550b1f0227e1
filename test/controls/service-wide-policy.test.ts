import { serviceWidePolicy } from "../../shared/controls/service-wide-policy.ts";
import { describeControl } from "../support/describe-control.ts";
import { denied, principalPolicies, roleFacts, userFacts } from "../support/facts.ts";
import {
  allow,
  awsPolicy,
  boundary,
  deny,
  leftToAdminPolicy,
  odd,
  roleWith,
  underScp,
  unreadOrganization,
  userWith,
  withMfa,
} from "../support/permissions.ts";

const s3Full = awsPolicy("AmazonS3FullAccess", [allow(["s3:*", "s3-object-lambda:*"])]);
const powerUser = awsPolicy("PowerUserAccess", [
  { Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" },
  allow(["iam:CreateServiceLinkedRole", "iam:ListRoles"]),
]);
const own = { policy: "own", statement: "Statement[0]" };
const s3 = {
  reason: "Role app is allowed s3:* on everything, by inline policy own (Statement[0]).",
  evidence: { services: ["s3:*"], grants: [own] },
};
const cannotTell = (why: string) => `Cannot tell what role app may do: ${why}`;
const sso = "AWSReservedSSO_PowerUserAccess_0123456789abcdef";

describeControl(serviceWidePolicy, {
  violates: {
    "a service": { facts: roleWith([allow("s3:*")]), ...s3 },
    "a service, less what is denied": { facts: roleWith([allow("s3:*"), deny("s3:DeleteBucket")]), ...s3 },
    "a service that a boundary leaves whole": { facts: roleWith([allow("s3:*")], boundary([allow("s3:*")])), ...s3 },
    "services of AWS's own policy, through a group": {
      facts: userFacts({
        policies: principalPolicies({ groups: [{ name: "staff", inline: [], attached: [s3Full] }] }),
      }),
      reason:
        "User bob is allowed s3-object-lambda:* and s3:* on everything, by policy AmazonS3FullAccess of group staff (Statement[0]).",
      evidence: {
        services: ["s3-object-lambda:*", "s3:*"],
        grants: [{ policy: "arn:aws:iam::aws:policy/AmazonS3FullAccess", statement: "Statement[0]", group: "staff" }],
      },
    },
    "a harmless service beside another": { facts: roleWith([allow(["xray:*", "s3:*"])]), ...s3 },
    "a service that the settings do not call harmless": {
      facts: roleWith([allow("xray:*")]),
      options: { harmlessServices: [] },
      reason: "Role app is allowed xray:* on everything, by inline policy own (Statement[0]).",
      evidence: { services: ["xray:*"], grants: [own] },
    },
    "a power user": {
      facts: roleFacts({ policies: principalPolicies({ attached: [powerUser] }) }),
      reason:
        "Role app is allowed every action of all services that no policy names on everything, by managed policy PowerUserAccess (Statement[0]).",
      evidence: {
        services: ["*"],
        grants: [{ policy: "arn:aws:iam::aws:policy/PowerUserAccess", statement: "Statement[0]" }],
      },
    },
    "a condition that holds for whoever tries": {
      facts: roleWith([allow("s3:*", "*", { Bool: { "aws:SecureTransport": "true" } })]),
      ...s3,
    },
  },
  complies: {
    "no policy": { facts: roleFacts(), organization: unreadOrganization },
    "some actions": { facts: roleWith([allow(["s3:Get*", "s3:List*", "s3:Put*"])]) },
    "a bucket": { facts: roleWith([allow("s3:*", ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"])]) },
    "a harmless service": { facts: roleWith([allow(["xray:*", "ssmmessages:*"])]) },
    "with MFA": { facts: userWith([allow("s3:*", "*", withMfa)]) },
    "a boundary that leaves a bucket": {
      facts: roleWith([allow("s3:*")], boundary([allow("s3:*", "arn:aws:s3:::logs/*")])),
    },
    "a service control policy that denies it": {
      facts: roleWith([allow("s3:*")]),
      organization: underScp([deny("s3:*")]),
    },
  },
  notApplicable: {
    ...leftToAdminPolicy,
    "a power user of Identity Center": {
      facts: roleFacts({
        name: sso,
        path: "/aws-reserved/sso.amazonaws.com/",
        policies: principalPolicies({ attached: [powerUser] }),
      }),
      reason: `Role ${sso} is meant to have whole services: the settings approve /aws-reserved/sso.amazonaws.com/*AWSReservedSSO_PowerUserAccess_*.`,
    },
  },
  unknown: {
    "policies that could not be read": {
      facts: roleFacts({ policies: denied("iam:ListRolePolicies") }),
      reason: cannotTell("access denied: iam:ListRolePolicies"),
    },
    "an organization that could not be read, and might limit": {
      facts: roleWith([allow("s3:*")]),
      organization: unreadOrganization,
      reason: `${s3.reason} Not certain: what limits it could not be read: access denied: organizations:ListPolicies`,
      cause: "what limits it could not be read: access denied: organizations:ListPolicies",
    },
    "an operator that nobody knows": {
      facts: roleWith([allow("s3:*", "*", odd)]),
      reason: cannotTell("a policy has an element or condition operator that is not known"),
    },
  },
});
