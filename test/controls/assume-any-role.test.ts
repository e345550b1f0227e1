import { assumeAnyRole } from "../../shared/controls/assume-any-role.ts";
import { describeControl } from "../support/describe-control.ts";
import { denied, roleFacts } from "../support/facts.ts";
import {
  allow,
  boundary,
  deny,
  iam,
  leftToAdminPolicy,
  odd,
  roleWith,
  underScp,
  unreadOrganization,
  userWith,
  withMfa,
} from "../support/permissions.ts";

const assume = (resource: string | readonly string[] = "*", condition?: object) =>
  allow("sts:AssumeRole", resource as string, condition as never);
const any = "can assume every role that trusts it, of whatever account";
const byOwn = {
  reason: `Role app ${any}: inline policy own (Statement[0]) allows sts:AssumeRole on all.`,
  evidence: { grants: [{ policy: "own", statement: "Statement[0]" }] },
};
const elsewhere = (operator: string, key: string, value: string) =>
  deny("sts:AssumeRole", "*", { [operator]: { [key]: value } });
const cannotTell = (why: string) => `Cannot tell what role app may do: ${why}`;

describeControl(assumeAnyRole, {
  violates: {
    "a role, on everything": { facts: roleWith([assume()]), ...byOwn },
    "a user, on every role of every account": {
      facts: userWith([assume("arn:aws:iam::*:role/*")]),
      reason: byOwn.reason.replace("Role app", "User bob"),
      evidence: byOwn.evidence,
    },
    "in other words": { facts: roleWith([allow(["sts:Assume*", "s3:*"], "arn:*:iam::*:*")]), ...byOwn },
    "a power user": {
      facts: roleWith([{ Effect: "Allow", NotAction: ["iam:*", "organizations:*"], Resource: "*" }]),
      ...byOwn,
    },
    "a Deny of one role": { facts: roleWith([assume(), deny("sts:AssumeRole", `${iam}role/admin`)]), ...byOwn },
    "a Deny by Region": {
      facts: roleWith([assume(), elsewhere("StringNotEquals", "aws:RequestedRegion", "eu-west-1")]),
      ...byOwn,
    },
    "a Deny but of what matches everything": {
      facts: roleWith([assume(), elsewhere("StringNotLike", "aws:ResourceOrgID", "*")]),
      ...byOwn,
    },
    "two statements": {
      facts: roleWith([assume(), { Sid: "More", ...assume("arn:aws:iam::*:role/*") }]),
      reason: `Role app ${any}: inline policy own (Statement[0]) and inline policy own (More) allow sts:AssumeRole on all.`,
      evidence: {
        grants: [
          { policy: "own", statement: "Statement[0]" },
          { policy: "own", statement: "More" },
        ],
      },
    },
  },
  complies: {
    "no policy": { facts: roleFacts(), organization: unreadOrganization },
    "a role by name": { facts: roleWith([assume(`${iam}role/deployer`)]) },
    "every role of one account": { facts: roleWith([assume(`${iam}role/*`)]) },
    "one name in every account": { facts: roleWith([assume("arn:aws:iam::*:role/deployer")]) },
    "within the organization": {
      facts: roleWith([assume("*", { StringEquals: { "aws:ResourceOrgID": "o-exampleorg1" } })]),
    },
    "within the organization, by a Deny": {
      facts: roleWith([assume(), elsewhere("StringNotEquals", "aws:ResourceOrgID", `\${aws:PrincipalOrgID}`)]),
    },
    "within the organization, by a service control policy": {
      facts: roleWith([assume()]),
      organization: underScp([elsewhere("StringNotEqualsIfExists", "aws:ResourceOrgID", "o-exampleorg1")]),
    },
    "with MFA": { facts: roleWith([assume("*", withMfa)]) },
    "a service control policy that denies it": { facts: roleWith([assume()]), organization: underScp([deny("sts:*")]) },
    "a boundary without it": { facts: roleWith([assume()], boundary([allow("s3:*")])) },
  },
  notApplicable: {
    ...leftToAdminPolicy,
  },
  unknown: {
    "policies that could not be read": {
      facts: roleFacts({ policies: denied("iam:ListRolePolicies") }),
      reason: cannotTell("access denied: iam:ListRolePolicies"),
    },
    "an organization that could not be read, and might limit": {
      facts: roleWith([assume()]),
      organization: unreadOrganization,
      reason: `${byOwn.reason} Not certain: what limits it could not be read: access denied: organizations:ListPolicies`,
      cause: "what limits it could not be read: access denied: organizations:ListPolicies",
    },
    "an operator that nobody knows": {
      facts: roleWith([assume("*", odd)]),
      reason: cannotTell("a policy has an element or condition operator that is not known"),
    },
  },
});
