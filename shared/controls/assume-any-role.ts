import { compliant, defineControl, noOptions, notApplicable, violation } from "../control.ts";
import { negations, parseOperator } from "../policy/language/condition.ts";
import type { Answer } from "../policy/principal/answer.ts";
import { isOpen } from "../policy/principal/open-conditions.ts";
import { smallerPolicy } from "./terms/permissions/permission-fixes.ts";
import { distinctStatements, saidBy, statementEvidence } from "./terms/permissions/permission-words.ts";
import {
  isAdministratorInAccount,
  judgePermissions,
  permissionHints,
  principalName,
} from "./terms/permissions/permissions.ts";

/** A user or role may assume every role, of whatever account, that trusts it. */
export const assumeAnyRole = defineControl({
  id: "assume-any-role",
  title: "User or role can assume any role",
  severity: "medium",
  frameworks: { nist: ["AC-6"] },
  subjects: ["user", "role"],
  hints: permissionHints,
  policies: true,
  options: noOptions,
  guidance: {
    what: "A user or role is allowed sts:AssumeRole on every role of every account.",
    why: "A role's trust policy is then all that stands between it and the role. Many trust a whole account, so that whoever has its credentials goes from role to role, and to accounts that others run.",
    counts: [
      "On every role means `*`, `arn:aws:iam::*:role/*` and what says the same in other words. A name, a path or an account in the resource narrows it, and is quiet.",
      "What a boundary or a service control policy does not leave, or denies, is quiet; so is a condition that narrows it, on aws:ResourceOrgID, aws:ResourceAccount or a tag for example, in the Allow or, negated, in a Deny.",
      "Administrators are the matter of admin-policy and are not told again, nor are those whom service control policies alone keep from being one: nobody in their account can do more.",
    ],
    ...smallerPolicy(
      "# See which roles the PRINCIPAL_KIND assumed (CloudTrail has each sts:AssumeRole), and what else it used:",
      {
        actions: ["sts:AssumeRole"],
        resources: ["arn:aws:iam::ACCOUNT_ID:role/deployer"],
        condition: ["StringEquals", "aws:ResourceOrgID", "ORGANIZATION_ID"],
      },
      ({ subject }) => [
        {
          actions: ["sts:AssumeRole"],
          resources: [`arn:${subject.arn.split(":")[1]}:iam::*:role/*`],
          condition: ["StringEquals", "aws:ResourceOrgID", "${aws:PrincipalOrgID}"],
        },
      ],
    ),
  },
  evaluate: (principal, context) =>
    judgePermissions(principal, context, (questions) => {
      const administrator = isAdministratorInAccount(questions);
      if (administrator === "unknown") return undefined;
      if (administrator) return notApplicable(`${principalName(principal)} is an administrator: see admin-policy.`);
      const answer = questions.assumeAnyRole();
      if (answer.decision === "unknown") return undefined;
      if (!isOpen(answer) || isConfinedByDenial(answer)) return compliant;
      const grants = distinctStatements(answer.grants);
      return violation(
        `${principalName(principal)} can assume every role that trusts it, of whatever account: ${saidBy(grants, "allow")} sts:AssumeRole on all.`,
        { grants: grants.map(statementEvidence) },
      );
    }),
});

/** What says which roles they are. */
const aboutRoles = /^aws:resource(?:account|orgid|orgpaths|tag\/.+)$|^iam:resourcetag\/./;

/** Whether a Deny leaves none but roles of some account, organization or tag. */
const isConfinedByDenial = ({ exceptions }: Answer): boolean =>
  exceptions.some(({ conditions, isPartial }) => {
    const all = Object.entries(conditions).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({ ...parseOperator(operator), key: key.toLowerCase(), values })),
    );
    return (
      !isPartial &&
      all.length > 0 &&
      all.every(
        ({ name, set, key, values }) =>
          Object.hasOwn(negations, name) &&
          set === undefined &&
          aboutRoles.test(key) &&
          !values.some((value) => /^[*?]*$/.test(value)),
      )
    );
  });
