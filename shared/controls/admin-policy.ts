import { compliant, defineControl, notApplicable, violation } from "../control.ts";
import { isOpen } from "../policy/principal/open-conditions.ts";
import { approvalOf, approvedPrincipals, namesOfOutsiders } from "./terms/permissions/approved-principals.ts";
import { smallerPolicy } from "./terms/permissions/permission-fixes.ts";
import { distinctStatements, saidBy, statementEvidence } from "./terms/permissions/permission-words.ts";
import { judgePermissions, permissionHints, principalName } from "./terms/permissions/permissions.ts";

/** A user or role can do everything in its account. */
export const adminPolicy = defineControl({
  id: "admin-policy",
  title: "User or role is an administrator",
  severity: "high",
  frameworks: { cis: { "5.0": "1.15", "7.0": "2.14" }, securityHub: "IAM.1", nist: ["AC-6"] },
  subjects: ["user", "role"],
  hints: permissionHints,
  policies: true,
  options: approvedPrincipals("be administrators", [
    "/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_AdministratorAccess_*",
    "/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_AWSAdministratorAccess_*",
    ...namesOfOutsiders,
  ]),
  guidance: {
    what: "A user or role that nobody approved as an administrator is allowed every action on everything.",
    why: "Whoever has its credentials, a leaked key or a workload with a flaw, has the account: they read all data, make users of their own and switch off what would show it.",
    counts: [
      "What counts is what is left: policies of its own and of its groups, whoever wrote them, less what they deny, what its permissions boundary leaves and what the service control policies leave.",
      "Everything but a few actions is still everything, as long as one way to grant permissions is left on all of IAM: a Deny of a service, of a few roles or by Region leaves an administrator. A boundary or service control policy without IAM's writes leaves none.",
      "A condition that narrows what is allowed (MFA, a network, a Region other than IAM's, a tag that it lacks, a time that is over) makes it quiet; one that lets through whoever tries or waits (a negated one, `…IfExists` on what may be absent, a pattern or blocks of addresses that match everything, its own account, organization or tag, what the caller says of itself, that CloudFormation calls for it, a time to come) does not.",
      "Approved by default are the administrators of IAM Identity Center, whose path only AWS can use, and the roles by which the organization, AWS Control Tower, StackSets and AWS CDK work; OrganizationAccountAccessRole is one of them. Whoever can create roles can give one such a name: it counts only where the role's trust policy lets in nobody but CloudFormation and other accounts of the organization (while these are not known, nobody but CloudFormation). Where StackSets deploy to their own administrator's account, approve AWSCloudFormationStackSetExecutionRole there with its path (`/AWSCloudFormationStackSetExecutionRole`). Let a service control policy reserve the names, and take out of approvedRoles what the organization does not use.",
      "Policies with so many wildcards that judging them would take seconds are told as too intricate to judge, not left out.",
      "A policy or service control policy that could not be read and could decide makes the verdict unknown.",
    ],
    ...smallerPolicy(
      "# See what the PRINCIPAL_KIND used:",
      { actions: ["s3:GetObject", "s3:PutObject"], resources: ["arn:aws:s3:::example-bucket/*"] },
      // What it needs nobody knows yet. Without a way to grant it is no administrator, and can be narrowed from there.
      () => [{ notActions: ["account:*", "iam:*", "organizations:*"], resources: ["*"] }],
    ),
  },
  evaluate: (principal, context) => {
    const approval = approvalOf(principal, context);
    if (approval !== undefined)
      return notApplicable(
        `${principalName(principal)} is meant to be an administrator: the settings approve ${approval}.`,
      );
    return judgePermissions(principal, context, ({ administration }) => {
      const answer = administration();
      if (answer.decision === "unknown") return undefined;
      if (!isOpen(answer)) return compliant;
      const grants = distinctStatements(answer.grants);
      const exceptions = distinctStatements(answer.exceptions);
      const but = exceptions.length === 0 ? "" : ` What ${saidBy(exceptions, "deny")} leaves it an administrator.`;
      return violation(
        `${principalName(principal)} is an administrator: ${saidBy(grants, "allow")} it everything.${but}`,
        { grants: grants.map(statementEvidence), exceptions: exceptions.map(statementEvidence) },
      );
    });
  },
});
