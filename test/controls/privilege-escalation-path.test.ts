import { privilegeEscalationPath } from "../../shared/controls/privilege-escalation-path.ts";
import { describeControl } from "../support/describe-control.ts";
import { denied, roleFacts } from "../support/facts.ts";
import {
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

describeControl(privilegeEscalationPath, {
  violates: {
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
