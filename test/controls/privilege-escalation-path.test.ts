import { privilegeEscalationPath } from "../../shared/controls/privilege-escalation-path.ts";
import { known } from "../../shared/facts/facts.ts";
import { neighboursIn, neighboursNotRead } from "../../shared/facts/neighbours.ts";
import { describeControl } from "../support/describe-control.ts";
import { denied, groupFacts, principalPolicies, roleFacts, userFacts } from "../support/facts.ts";
import {
  administratorAccess,
  allow,
  awsPolicy,
  boundary,
  deny,
  iam,
  inline,
  leftToAdminPolicy,
  odd,
  roleWith,
  underScp,
  unread,
  unreadOrganization,
  userWith,
  withMfa,
} from "../support/permissions.ts";

const by = "by inline policy own (Statement[0])";
const more = "by inline policy own (Statement[1])";
const passing = (resource: string, condition?: object) => [
  allow("iam:PassRole", resource, condition as never),
  allow(["lambda:CreateFunction", "lambda:InvokeFunction"]),
];
const passes = `Role app can escalate its privileges. It makes a function with the role, and runs it: iam:PassRole on * ${by}, lambda:CreateFunction on * ${more} and lambda:InvokeFunction on * ${more}.`;
const cannotTell = (why: string) => `Cannot tell what role app may do: ${why}`;

const trustOf = (service: string) =>
  known({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
const administers = principalPolicies({ attached: [administratorAccess] });
const neighbours = neighboursIn([
  roleFacts({ name: "admin", path: "/team/", policies: administers, trustPolicy: trustOf("lambda.amazonaws.com") }),
  roleFacts({ name: "web", trustPolicy: trustOf("lambda.amazonaws.com") }),
  roleFacts({
    name: "bounded",
    policies: principalPolicies({ attached: [administratorAccess], ...boundary([allow("s3:*")]) }),
    trustPolicy: trustOf("lambda.amazonaws.com"),
  }),
  userFacts({ name: "root-like", arn: `${iam}user/root-like`, policies: administers }),
  groupFacts({
    name: "admins",
    arn: `${iam}group/admins`,
    policies: known({ inline: [], attached: [administratorAccess] }),
  }),
  groupFacts({ name: "staff", arn: `${iam}group/staff` }),
]);
const admin = `${iam}role/team/admin`;
const own0 = [{ policy: "own", statement: "Statement[0]" }];
const namedPath = (
  facts: ReturnType<typeof roleWith> | ReturnType<typeof userWith>,
  path: string,
  reason: string,
  grants = own0,
) => ({
  facts,
  neighbours,
  reason: `${facts.kind === "user" ? "User bob" : "Role app"} can escalate its privileges. ${reason}`,
  evidence: { paths: [path], grants },
});

/** Paths to whom a policy names, and who is an administrator. */
const toAdministrators = {
  "a role by name that is an administrator, whose trust it writes": namedPath(
    roleWith([allow("iam:UpdateAssumeRolePolicy", [`${iam}role/web`, admin])]),
    `update-trust-policy ${admin}`,
    `It lets itself into a role that may do more: a trust policy that names it needs no other permission: iam:UpdateAssumeRolePolicy on ${admin} ${by}. Role admin is an administrator.`,
  ),
  "one that is named in whatever account": namedPath(
    roleWith([allow("iam:UpdateAssumeRolePolicy", "arn:*:iam::*:role/team/admin")]),
    `update-trust-policy ${admin}`,
    `It lets itself into a role that may do more: a trust policy that names it needs no other permission: iam:UpdateAssumeRolePolicy on ${admin} ${by}. Role admin is an administrator.`,
  ),
  "one that is passed to a service which it trusts": namedPath(
    roleWith(passing(admin)),
    `create-and-invoke-function ${admin}`,
    `It makes a function with the role, and runs it: iam:PassRole on ${admin} ${by}, lambda:CreateFunction on * ${more} and lambda:InvokeFunction on * ${more}. Role admin is an administrator.`,
    [...own0, { policy: "own", statement: "Statement[1]" }],
  ),
  "one that a boundary alone keeps from being one": namedPath(
    roleWith([allow(["iam:DeleteRolePermissionsBoundary", "sts:AssumeRole"], `${iam}role/bounded`)]),
    `delete-boundary-of-assumable-role ${iam}role/bounded`,
    `It takes the boundary off a role, and assumes it: iam:DeleteRolePermissionsBoundary on ${iam}role/bounded ${by} and sts:AssumeRole on ${iam}role/bounded ${by}. Role bounded would be an administrator without its boundary.`,
  ),
  "keys of an administrator": namedPath(
    roleWith([allow("iam:CreateAccessKey", `${iam}user/root-like`)]),
    `create-access-key ${iam}user/root-like`,
    `It makes an access key of a user who may do more: iam:CreateAccessKey on ${iam}user/root-like ${by}. User root-like is an administrator.`,
  ),
  "a password of an administrator": namedPath(
    userWith([allow("iam:UpdateLoginProfile", `${iam}user/root-like`)]),
    `update-login-profile ${iam}user/root-like`,
    `It sets the console password of a user who may do more: iam:UpdateLoginProfile on ${iam}user/root-like ${by}. User root-like is an administrator.`,
  ),
  "a group of administrators, which it joins": namedPath(
    userWith([allow("iam:AddUserToGroup", `${iam}group/admins`)]),
    `add-itself-to-group ${iam}group/admins`,
    `It adds itself to a group that may do more: iam:AddUserToGroup on ${iam}group/admins ${by}. Group admins makes its members administrators.`,
  ),
  "a group of administrators, which the user behind it joins": namedPath(
    roleWith([allow("iam:AddUserToGroup", `${iam}group/admins`)]),
    `add-user-to-group ${iam}group/admins`,
    `It adds the user behind it to a group that may do more: iam:AddUserToGroup on ${iam}group/admins ${by}. Group admins makes its members administrators.`,
  ),
  "a group of its own that has no policy yet": namedPath(
    userWith([allow("iam:PutGroupPolicy", `${iam}group/staff`)], {
      groups: [{ name: "staff", inline: [], attached: [] }],
    }),
    `put-policy-on-group ${iam}group/staff`,
    `It writes an inline policy that allows everything for a group that it is in: iam:PutGroupPolicy on ${iam}group/staff ${by}. It is in group staff.`,
  ),
};

/** Paths to whom a policy names, and who is nobody, or cannot be got by it. */
const quietNamed = {
  "a role by name that is ordinary": {
    facts: roleWith([allow("iam:UpdateAssumeRolePolicy", `${iam}role/web`)]),
    neighbours,
  },
  "a role that does not exist": {
    facts: roleWith([allow("iam:UpdateAssumeRolePolicy", `${iam}role/gone`)]),
    neighbours,
  },
  "an administrator under another path": {
    facts: roleWith([allow("iam:UpdateAssumeRolePolicy", `${iam}role/admin`)]),
    neighbours,
  },
  "an administrator by a boundary's leave": { facts: roleWith(passing(`${iam}role/bounded`)), neighbours },
  "an administrator that trusts another service": {
    facts: roleWith([allow("iam:PassRole", admin), allow("ec2:RunInstances")]),
    neighbours,
  },
  "an administrator with MFA, and the other without": {
    facts: roleWith([
      allow("iam:UpdateAssumeRolePolicy", admin, withMfa),
      allow("iam:UpdateAssumeRolePolicy", `${iam}role/web`),
    ]),
    neighbours,
  },
  "a group of administrators, within a boundary": {
    facts: userWith(
      [allow("iam:AddUserToGroup", `${iam}group/admins`)],
      boundary([allow(["s3:*", "iam:AddUserToGroup"])]),
    ),
    neighbours,
  },
  "a group of others": { facts: userWith([allow("iam:PutGroupPolicy", `${iam}group/admins`)]), neighbours },
};

describeControl(privilegeEscalationPath, {
  violates: {
    ...toAdministrators,
    "a role that writes policies for itself": {
      facts: roleWith([allow("iam:PutRolePolicy", `${iam}role/*`)]),
      reason: `Role app can escalate its privileges. It writes itself an inline policy that allows everything: iam:PutRolePolicy on ${iam}role/* ${by}.`,
      evidence: {
        paths: ["put-policy-on-own-role"],
        grants: [{ policy: "own", statement: "Statement[0]" }],
      },
    },
    "a user that writes keys for others": {
      facts: userWith([allow("iam:CreateAccessKey")]),
      reason: `User bob can escalate its privileges. It makes an access key of a user who may do more: iam:CreateAccessKey on * ${by}.`,
      evidence: {
        paths: ["create-access-key *"],
        grants: [{ policy: "own", statement: "Statement[0]" }],
      },
    },
    "a role that passes any role to functions": {
      facts: roleWith(passing("*")),
      reason: passes,
      evidence: {
        paths: ["create-and-invoke-function *"],
        grants: [
          { policy: "own", statement: "Statement[0]" },
          { policy: "own", statement: "Statement[1]" },
        ],
      },
    },
    "a role that changes the code of any function": {
      facts: roleWith([allow("lambda:UpdateFunctionCode")]),
      severity: "medium",
      reason: `Role app can escalate its privileges. It puts its own code into a function that has a role: lambda:UpdateFunctionCode on * ${by}.`,
      evidence: {
        paths: ["update-function-code *"],
        grants: [{ policy: "own", statement: "Statement[0]" }],
      },
    },
    "a boundary that it can take off": {
      facts: roleWith(
        [allow("iam:DeleteRolePermissionsBoundary", `${iam}role/app`)],
        boundary([allow(["s3:*", "iam:DeleteRolePermissionsBoundary"])]),
      ),
      reason: `Role app can escalate its privileges. It takes its own permissions boundary off: iam:DeleteRolePermissionsBoundary on ${iam}role/app ${by}.`,
      evidence: {
        paths: ["delete-boundary-of-own-role"],
        grants: [{ policy: "own", statement: "Statement[0]" }],
      },
    },
    "a boundary that it can rewrite": {
      facts: roleWith(
        [allow("*")],
        boundary([allow("s3:GetObject"), allow("iam:CreatePolicyVersion", `${iam}policy/bounds`)]),
      ),
      reason: `Role app can escalate its privileges. It writes a new default version of a managed policy that it has, which allows everything: iam:CreatePolicyVersion on * ${by}.`,
      evidence: { paths: ["create-policy-version *"], grants: [{ policy: "own", statement: "Statement[0]" }] },
    },
    "a boundary of which it can take an older version": {
      facts: roleWith(
        [allow("*")],
        boundary([allow("s3:GetObject"), allow("iam:SetDefaultPolicyVersion", `${iam}policy/bounds`)]),
      ),
      reason: `Role app can escalate its privileges. It makes an older version of a managed policy that it has the default, which may allow more: iam:SetDefaultPolicyVersion on * ${by}.`,
      evidence: { paths: ["set-default-policy-version *"], grants: [{ policy: "own", statement: "Statement[0]" }] },
    },
    "roles that the caller names": {
      facts: roleWith([allow("iam:UpdateAssumeRolePolicy", `${iam}role/\${aws:PrincipalTag/t}`)]),
      reason: `Role app can escalate its privileges. It lets itself into a role that may do more: a trust policy that names it needs no other permission: iam:UpdateAssumeRolePolicy on ${iam}role/\${aws:PrincipalTag/t} ${by}.`,
      evidence: {
        paths: [`update-trust-policy ${iam}role/\${aws:PrincipalTag/t}`],
        grants: [{ policy: "own", statement: "Statement[0]" }],
      },
    },
    "a role that calls itself iam-warden's": {
      facts: roleFacts({ name: "iam-warden-evil", policies: inline([allow("iam:PutRolePolicy", `${iam}role/*`)]) }),
      reason: `Role iam-warden-evil can escalate its privileges. It writes itself an inline policy that allows everything: iam:PutRolePolicy on ${iam}role/* ${by}.`,
      evidence: { paths: ["put-policy-on-own-role"], grants: [{ policy: "own", statement: "Statement[0]" }] },
    },
    "many ways, of which the worst are told": {
      facts: roleWith([allow(["lambda:UpdateFunctionCode", "iam:CreatePolicyVersion", "iam:CreateAccessKey"])]),
      reason: `Role app can escalate its privileges. It writes a new default version of a managed policy that it has, which allows everything: iam:CreatePolicyVersion on * ${by}. It makes an access key of a user who may do more: iam:CreateAccessKey on * ${by}. There is one more way.`,
      evidence: {
        paths: ["create-policy-version *", "create-access-key *", "update-function-code *"],
        grants: [{ policy: "own", statement: "Statement[0]" }],
      },
    },
    "a policy for itself within a boundary that leaves an administrator": {
      facts: roleWith([allow("iam:PutRolePolicy")], boundary([allow(["iam:*", "s3:*"])])),
      reason: `Role app can escalate its privileges. It writes itself an inline policy that allows everything: iam:PutRolePolicy on * ${by}.`,
      evidence: {
        paths: ["put-policy-on-own-role"],
        grants: [{ policy: "own", statement: "Statement[0]" }],
      },
    },
  },
  complies: {
    ...quietNamed,
    "no policy": { facts: roleFacts(), organization: unreadOrganization },
    reading: { facts: roleWith([allow(["iam:Get*", "iam:List*", "s3:*"])]) },
    "a role that is named": { facts: roleWith(passing(`${iam}role/web`)) },
    "a service that no way needs": {
      facts: roleWith(passing("*", { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } })),
    },
    "a policy for itself within a boundary": {
      facts: roleWith(
        [allow("iam:PutRolePolicy")],
        boundary([allow("s3:*"), allow("iam:PutRolePolicy", `${iam}role/app`)]),
      ),
    },
    "a boundary of AWS's, which nobody rewrites": {
      facts: roleWith([allow("*")], {
        boundary: awsPolicy("Reads", [
          allow(["s3:*", "iam:CreatePolicyVersion"], [`${iam}policy/app`, "arn:aws:iam::aws:*"]),
        ]),
      }),
    },
    "a boundary without it": { facts: roleWith(passing("*"), boundary([allow("lambda:*")])) },
    "a service control policy that denies it": {
      facts: roleWith(passing("*")),
      organization: underScp([deny("iam:PassRole")]),
    },
    "a Deny of its own": { facts: roleWith([...passing("*"), deny("iam:PassRole")]) },
    "with MFA": { facts: userWith([allow("iam:CreateAccessKey", "*", withMfa)]) },
  },
  notApplicable: {
    "the role that repairs": {
      facts: roleFacts({ name: "iam-warden-remediate", policies: inline([allow("iam:PutRolePolicy")]) }),
      reason: "Role iam-warden-remediate is the one by which iam-warden repairs.",
    },
    ...leftToAdminPolicy,
    "somebody who is meant to": {
      facts: roleWith(passing("*")),
      options: { approvedRoles: ["app"] },
      reason: "Role app is meant to manage permissions: the settings approve app.",
    },
  },
  unknown: {
    "a role that is named, where the others were not read": {
      facts: roleWith([allow("iam:UpdateAssumeRolePolicy", `${iam}role/admin`)]),
      neighbours: neighboursNotRead,
      reason:
        "Cannot tell whether what role app can take over is an administrator: the other users, roles and groups of the account were not read",
    },
    "a role that is named, of which a policy could not be read": {
      facts: roleWith([allow("iam:UpdateAssumeRolePolicy", `${iam}role/admin`)]),
      neighbours: neighboursIn([roleFacts({ name: "admin", policies: principalPolicies({ attached: [unread] }) })]),
      reason:
        "Cannot tell whether what role app can take over is an administrator: a policy could not be read: access denied: iam:GetPolicy",
    },
    "policies that could not be read": {
      facts: roleFacts({ policies: denied("iam:ListRolePolicies") }),
      reason: cannotTell("access denied: iam:ListRolePolicies"),
    },
    "an organization that could not be read, and might limit": {
      facts: roleWith(passing("*")),
      organization: unreadOrganization,
      reason: `${passes} Not certain: what limits it could not be read: access denied: organizations:ListPolicies`,
      cause: "what limits it could not be read: access denied: organizations:ListPolicies",
    },
    "an operator that nobody knows": {
      facts: roleWith(passing("*", odd)),
      reason: cannotTell("a policy has an element or condition operator that is not known"),
    },
  },
});
