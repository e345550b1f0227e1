import { adminPolicy } from "../../shared/controls/admin-policy.ts";
import { known, type RoleFacts } from "../../shared/facts/facts.ts";
import { unlimited } from "../../shared/organization/view.ts";
import { describeControl } from "../support/describe-control.ts";
import { account, denied, now, policyFacts, principalPolicies, roleFacts, userFacts } from "../support/facts.ts";
import {
  administratorAccess,
  allow,
  boundary,
  deny,
  iam,
  inline,
  odd,
  roleWith,
  underScp,
  unread,
  unreadOrganization,
  userWith,
  withMfa,
} from "../support/permissions.ts";

const attached = principalPolicies({ attached: [administratorAccess] });
const byOwn = {
  reason: "Role app is an administrator: inline policy own (Statement[0]) allows it everything.",
  evidence: { grants: [{ policy: "own", statement: "Statement[0]" }], exceptions: [] },
};
const abroad = { StringNotEquals: { "aws:RequestedRegion": "eu-west-1" } };
const grantsAll = ["iam:Attach*Policy", "iam:Put*Policy", "iam:CreatePolicyVersion", "iam:UpdateAssumeRolePolicy"];
const ownAccount = "arn:aws:iam::111122223333:root";

/** A role with a name by which others work in an account, an administrator, and whom it lets in. */
const namedForOutsiders = (name: string, Principal: object) =>
  roleFacts({
    name,
    policies: attached,
    trustPolicy: known({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal, Action: ["sts:AssumeRole", "sts:AssumeRoleWithSAML"] }],
    }),
  });

const approvedBy = (pattern: string, who = "Role app") =>
  `${who} is meant to be an administrator: the settings approve ${pattern}.`;
const sso = "AWSReservedSSO_AdministratorAccess_0123456789abcdef";
const cannotTell = (why: string) => `Cannot tell what role app may do: ${why}`;
const oddWhy = "a policy has an element or condition operator that is not known";

const at = (hours: number) => new Date(now.getTime() + hours * 3_600_000).toISOString();
const alwaysMet = (condition: Parameters<typeof allow>[2], over: Partial<RoleFacts> = {}) => ({
  facts: roleFacts({ policies: inline([allow("*", "*", condition)]), ...over }),
  ...byOwn,
});

describeControl(adminPolicy, {
  violates: {
    "in its own account": alwaysMet({ StringEquals: { "aws:ResourceAccount": account.id } }),
    "in its own organization": alwaysMet({ StringLike: { "aws:ResourceOrgID": "o-*" } }),
    "in the Region where IAM is": alwaysMet({ StringEquals: { "aws:RequestedRegion": ["us-east-1", "eu-west-1"] } }),
    "with a tag that the role has": alwaysMet(
      { StringEquals: { "aws:PrincipalTag/team": "red" } },
      { tags: { team: "red" } },
    ),
    "on a path of the organization that leads to it": {
      ...alwaysMet({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-exampleorg1/r-ab12/*" } }),
      organization: underScp([]),
    },
    "on what is on a path of the organization that leads to it": {
      ...alwaysMet({ "ForAnyValue:StringLike": { "aws:ResourceOrgPaths": "o-exampleorg1/*" } }),
      organization: underScp([]),
    },
    "in some hours": alwaysMet({
      DateGreaterThan: { "aws:CurrentTime": at(8) },
      DateLessThan: { "aws:CurrentTime": at(9) },
    }),
    "whatever the time, as text": alwaysMet({ StringLike: { "aws:CurrentTime": "????-??-??T??:??:??Z" } }),
    "what the caller names": {
      facts: roleWith([allow("*", `arn:aws:\${aws:UserAgent}`)]),
      ...byOwn,
    },
    "but for a denial that ends": {
      facts: roleWith([allow("*"), deny("*", "*", { DateLessThan: { "aws:CurrentTime": at(1) } })]),
      reason: `${byOwn.reason} What inline policy own (Statement[1]) denies leaves it an administrator.`,
      evidence: { ...byOwn.evidence, exceptions: [{ policy: "own", statement: "Statement[1]" }] },
    },
    "but for a denial by a tag that a session can have otherwise": {
      facts: roleFacts({
        tags: { off: "yes" },
        policies: inline([allow("*"), deny("*", "*", { StringEquals: { "aws:PrincipalTag/off": "yes" } })]),
      }),
      reason: `${byOwn.reason} What inline policy own (Statement[1]) denies leaves it an administrator.`,
      evidence: { ...byOwn.evidence, exceptions: [{ policy: "own", statement: "Statement[1]" }] },
    },
    "but for denials in the language without variables, which are of nobody": {
      facts: roleFacts({
        policies: principalPolicies({
          attached: [administratorAccess],
          inline: [
            {
              ...policyFacts("own", []),
              document: known({
                Version: "2008-10-17",
                Statement: [
                  deny("*", "*", { StringEquals: { "aws:PrincipalAccount": `\${aws:PrincipalAccount}` } }),
                  deny("iam:*", `arn:aws:iam::\${aws:PrincipalAccount}:*`),
                ],
              }),
            },
          ],
        }),
      }),
      reason:
        "Role app is an administrator: managed policy AdministratorAccess (Statement[0]) allows it everything. What inline policy own (Statement[1]) denies leaves it an administrator.",
      evidence: {
        grants: [{ policy: "arn:aws:iam::aws:policy/AdministratorAccess", statement: "Statement[0]" }],
        exceptions: [{ policy: "own", statement: "Statement[1]" }],
      },
    },
    "but for what the caller names": {
      facts: roleWith([allow("*"), deny("iam:*", `${iam}\${aws:UserAgent}`)]),
      reason: `${byOwn.reason} What inline policy own (Statement[1]) denies leaves it an administrator.`,
      evidence: { ...byOwn.evidence, exceptions: [{ policy: "own", statement: "Statement[1]" }] },
    },
    "a role with AdministratorAccess": {
      facts: roleFacts({ policies: attached }),
      reason: "Role app is an administrator: managed policy AdministratorAccess (Statement[0]) allows it everything.",
      evidence: {
        grants: [{ policy: "arn:aws:iam::aws:policy/AdministratorAccess", statement: "Statement[0]" }],
        exceptions: [],
      },
    },
    "a role that calls itself iam-warden's": {
      facts: roleFacts({ name: "iam-warden-remediate", policies: inline([allow("*")]) }),
      reason: "Role iam-warden-remediate is an administrator: inline policy own (Statement[0]) allows it everything.",
      evidence: byOwn.evidence,
    },
    "a user through a group": {
      facts: userFacts({
        policies: principalPolicies({ groups: [{ name: "admins", inline: [], attached: [administratorAccess] }] }),
      }),
      reason:
        "User bob is an administrator: policy AdministratorAccess of group admins (Statement[0]) allows it everything.",
      evidence: {
        grants: [{ policy: "arn:aws:iam::aws:policy/AdministratorAccess", statement: "Statement[0]", group: "admins" }],
        exceptions: [],
      },
    },
    "everything in several services' words": {
      facts: roleWith([allow(["*:*", "s3:*"])]),
      ...byOwn,
    },
    "everything but a little": {
      facts: roleWith([{ Effect: "Allow", NotAction: "aws-portal:*", Resource: "*" }]),
      ...byOwn,
    },
    "a Deny by Region, which is told": {
      facts: roleWith([allow("*"), { Sid: "Region", ...deny("*", "*", abroad) }]),
      reason:
        "Role app is an administrator: inline policy own (Statement[0]) allows it everything. What inline policy own (Region) denies leaves it an administrator.",
      evidence: {
        grants: [{ policy: "own", statement: "Statement[0]" }],
        exceptions: [{ policy: "own", statement: "Region" }],
      },
    },
    "a boundary that leaves IAM": {
      facts: roleWith([allow("*")], boundary([allow(["iam:*", "s3:*"])])),
      ...byOwn,
    },
    "a condition that holds for whoever tries": {
      facts: roleWith([allow("*", "*", { Bool: { "aws:SecureTransport": "true" } })]),
      ...byOwn,
    },
    "a condition that access keys need not meet": {
      facts: roleWith([allow("*", "*", { BoolIfExists: { "aws:MultiFactorAuthPresent": "true" } })]),
      ...byOwn,
    },
    "a condition that leaves out a Region": { facts: roleWith([allow("*", "*", abroad)]), ...byOwn },
    "the whole internet": {
      facts: roleWith([allow("*", "*", { IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"] } })]),
      ...byOwn,
    },
    "a condition on the organization that it is in": {
      facts: roleWith([allow("*", "*", { StringEquals: { "aws:PrincipalOrgID": "o-exampleorg1" } })]),
      ...byOwn,
    },
    "a time that has come": {
      facts: roleWith([allow("*", "*", { DateGreaterThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" } })]),
      ...byOwn,
    },
    "a tag that the user has": {
      facts: userFacts({
        tags: { admin: "yes" },
        policies: inline([allow("*", "*", { StringEquals: { "aws:PrincipalTag/admin": "yes" } })]),
      }),
      reason: "User bob is an administrator: inline policy own (Statement[0]) allows it everything.",
      evidence: byOwn.evidence,
    },
    "an account that is in no organization": {
      facts: roleWith([allow("*")]),
      organization: unlimited("the account is in no organization"),
      ...byOwn,
    },
    "a role that only looks like one of Identity Center's": {
      facts: roleFacts({ name: sso, policies: attached }),
      reason: `Role ${sso} is an administrator: managed policy AdministratorAccess (Statement[0]) allows it everything.`,
      evidence: {
        grants: [{ policy: "arn:aws:iam::aws:policy/AdministratorAccess", statement: "Statement[0]" }],
        exceptions: [],
      },
    },
    ...Object.fromEntries(
      Object.entries({
        "its own account": { AWS: ownAccount },
        "a user of it, and another account": {
          AWS: ["arn:aws:iam::999999999999:root", `${ownAccount.slice(0, -4)}user/bob`],
        },
        "a service that runs what anybody gives it": { Service: "ec2.amazonaws.com" },
        "an account outside the organization": { AWS: "arn:aws:iam::666677778888:root" },
        "an identity provider": { Federated: `${ownAccount.slice(0, -4)}saml-provider/Own` },
        everybody: { AWS: "*" },
      }).map(([whom, principal]) => [
        `a name like those of StackSets on what lets in ${whom}`,
        {
          facts: namedForOutsiders("stacksets-exec-mine", principal),
          reason:
            "Role stacksets-exec-mine is an administrator: managed policy AdministratorAccess (Statement[0]) allows it everything.",
          evidence: {
            grants: [{ policy: "arn:aws:iam::aws:policy/AdministratorAccess", statement: "Statement[0]" }],
            exceptions: [],
          },
        },
      ]),
    ),
    "a name like the organization's way in, where there is no organization": {
      facts: namedForOutsiders("OrganizationAccountAccessRole", { AWS: "arn:aws:iam::999999999999:root" }),
      organization: unlimited("the account is in no organization"),
      reason:
        "Role OrganizationAccountAccessRole is an administrator: managed policy AdministratorAccess (Statement[0]) allows it everything.",
      evidence: {
        grants: [{ policy: "arn:aws:iam::aws:policy/AdministratorAccess", statement: "Statement[0]" }],
        exceptions: [],
      },
    },
    "a way in that the settings do not approve": {
      facts: roleFacts({ name: "OrganizationAccountAccessRole", policies: inline([allow("*")]) }),
      options: { approvedRoles: [] },
      reason:
        "Role OrganizationAccountAccessRole is an administrator: inline policy own (Statement[0]) allows it everything.",
      evidence: byOwn.evidence,
    },
  },
  complies: {
    "no policy": { facts: roleFacts() },
    "no policy, whatever the organization": { facts: roleFacts(), organization: unreadOrganization },
    "many services": { facts: roleWith([allow(["iam:*", "s3:*", "ec2:*"])]) },
    "everything of one bucket": { facts: roleWith([allow("*", "arn:aws:s3:::logs/*")]) },
    "a boundary without IAM": { facts: roleWith([allow("*")], boundary([allow(["s3:*", "ec2:*"])])) },
    "a boundary that could not be read, and nothing to limit": {
      facts: roleWith([allow("s3:*")], { boundary: unread }),
    },
    "a service control policy without IAM": {
      facts: roleWith([allow("*")]),
      organization: underScp([deny("iam:*")]),
    },
    "a Deny of every way to grant": { facts: roleWith([allow("*"), deny(grantsAll)]) },
    "with MFA alone": { facts: roleWith([allow("*", "*", withMfa)]) },
    "from one network": { facts: roleWith([allow("*", "*", { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } })]) },
    "a time that is over": {
      facts: roleWith([
        allow("*", "*", { DateLessThan: { "aws:CurrentTime": new Date(now.getTime() - 1).toISOString() } }),
      ]),
    },
    "a denial that began and never ends": {
      facts: roleWith([allow("*"), deny("*", "*", { DateGreaterThan: { "aws:CurrentTime": at(-1) } })]),
    },
    "in another account": {
      facts: roleWith([allow("*", "*", { StringEquals: { "aws:ResourceAccount": "444455556666" } })]),
    },
    "in a Region where IAM is not": {
      facts: roleWith([allow("*", "*", { StringEquals: { "aws:RequestedRegion": "eu-west-1" } })]),
    },
    "with a tag that the role has not": {
      facts: roleWith([allow("*", "*", { StringEquals: { "aws:PrincipalTag/team": "red" } })]),
    },
    "on another path of the organization": {
      facts: roleWith([
        allow("*", "*", { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-exampleorg1/r-ab12/ou-*" } }),
      ]),
      organization: underScp([]),
    },
    "a tag that the user lacks": {
      facts: userWith([allow("*", "*", { StringEquals: { "aws:PrincipalTag/admin": "yes" } })]),
    },
    "another organization's condition": {
      facts: roleWith([allow("*", "*", { StringEquals: { "aws:PrincipalOrgID": "o-other" } })]),
    },
  },
  notApplicable: {
    "an administrator of Identity Center": {
      facts: roleFacts({ name: sso, path: "/aws-reserved/sso.amazonaws.com/eu-west-1/", policies: attached }),
      reason: approvedBy("/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_AdministratorAccess_*", `Role ${sso}`),
    },
    "what CDK deploys with": {
      facts: namedForOutsiders("cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1", {
        Service: "cloudformation.amazonaws.com",
      }),
      reason: approvedBy("cdk-*-cfn-exec-role-*", "Role cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1"),
    },
    "what StackSets deploy with in their administrator's own account, approved by its path": {
      facts: namedForOutsiders("AWSCloudFormationStackSetExecutionRole", { AWS: ownAccount }),
      options: { approvedRoles: ["/AWSCloudFormationStackSetExecutionRole"] },
      reason: approvedBy("/AWSCloudFormationStackSetExecutionRole", "Role AWSCloudFormationStackSetExecutionRole"),
    },
    "the organization's way in": {
      facts: namedForOutsiders("OrganizationAccountAccessRole", { AWS: "arn:aws:iam::999999999999:root" }),
      reason: approvedBy("OrganizationAccountAccessRole", "Role OrganizationAccountAccessRole"),
    },
    "a user for emergencies": {
      facts: userFacts({ policies: attached }),
      options: { approvedUsers: ["b?b", "b*b"] },
      reason: approvedBy("b*b", "User bob"),
    },
    "a service-linked role": {
      facts: roleFacts({
        name: "AWSServiceRoleForX",
        path: "/aws-service-role/x.amazonaws.com/",
        policies: attached,
      }),
      organization: unreadOrganization,
      reason: "Role AWSServiceRoleForX is service-linked: AWS alone decides what it may do.",
    },
  },
  unknown: {
    "policies that could not be read": {
      facts: roleFacts({ policies: denied("iam:ListRolePolicies") }),
      reason: cannotTell("access denied: iam:ListRolePolicies"),
    },
    "one that could not be read, and might allow": {
      facts: roleFacts({ policies: principalPolicies({ attached: [unread] }) }),
      reason: cannotTell("a policy could not be read: access denied: iam:GetPolicy"),
    },
    "one that could not be read, and might deny": {
      facts: roleFacts({ policies: principalPolicies({ attached: [administratorAccess, unread] }) }),
      reason:
        "Role app is an administrator: managed policy AdministratorAccess (Statement[0]) allows it everything. Not certain: a policy could not be read: access denied: iam:GetPolicy",
      cause: "a policy could not be read: access denied: iam:GetPolicy",
    },
    "one that is no policy": {
      facts: roleFacts({
        policies: principalPolicies({ inline: [{ ...policyFacts("own", []), document: known({ Version: "1" }) }] }),
      }),
      reason: cannotTell("a policy could not be read: a policy document needs a Statement"),
    },
    "a boundary that could not be read, and might limit": {
      facts: roleWith([allow("*")], { boundary: unread }),
      reason: `${byOwn.reason} Not certain: what limits it could not be read: access denied: iam:GetPolicy`,
      cause: "what limits it could not be read: access denied: iam:GetPolicy",
    },
    "an organization that could not be read, and might limit": {
      facts: roleWith([allow("*")]),
      organization: unreadOrganization,
      reason: `${byOwn.reason} Not certain: what limits it could not be read: access denied: organizations:ListPolicies`,
      cause: "what limits it could not be read: access denied: organizations:ListPolicies",
    },
    "an operator that nobody knows": { facts: roleWith([allow("*", "*", odd)]), reason: cannotTell(oddWhy) },
    "a Deny that nobody can judge": {
      facts: roleWith([allow("*"), deny("*", "*", odd)]),
      reason: cannotTell(oddWhy),
    },
    "an element that nobody knows": {
      facts: roleWith([{ ...allow("*"), Unless: "Sunday" }]),
      reason: cannotTell(oddWhy),
    },
  },
});
