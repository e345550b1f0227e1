import {
  compliant,
  defineControl,
  type Json,
  noOptions,
  notApplicable,
  unknown,
  type Verdict,
  violation,
} from "../control.ts";
import type { RoleFacts } from "../facts/facts.ts";
import { isOpen } from "../policy/principal/open-conditions.ts";
import { isConfinedBy, readTrustPolicy, type Trust } from "../policy/trust/trust.ts";
import { listWords } from "../text/list-words.ts";
import { statementEvidence } from "./terms/permissions/permission-words.ts";
import { judgePermissions, permissionHints } from "./terms/permissions/permissions.ts";
import { isOfAws } from "./terms/roles/role-scope.ts";
import { trustCommands, trustTemplates } from "./terms/trust/trust-templates.ts";

/** An administrator's role that people can assume without MFA. */
export const privilegedRoleWithoutMfa = defineControl({
  id: "privileged-role-without-mfa",
  title: "Administrator role can be assumed without MFA",
  severity: "medium",
  frameworks: {},
  isOffByDefault: true,
  subjects: ["role"],
  hints: [...permissionHints, "iam:UpdateAssumeRolePolicy" as const].toSorted(),
  policies: true,
  options: noOptions,
  guidance: {
    what: "A role that is an administrator trusts IAM users or a whole account, and its trust policy does not ask for MFA.",
    why: "A stolen access key of anybody who may assume the role is then enough to have the account: no second factor stands in the way.",
    counts: [
      "An administrator is what admin-policy calls one, approved or not.",
      "People can assume it where it trusts a user, or an account whose users may. Services, roles by name and identity providers, which ask for MFA themselves, do not count.",
      "Enough is `aws:MultiFactorAuthPresent` true under `Bool`, or an age of the MFA, in the Allow or, negated with `…IfExists`, in a Deny. `BoolIfExists` in an Allow is true for access keys and does not count.",
      "It is off until the settings switch it on: pipelines in other accounts that assume such a role cannot give a code.",
    ],
    fix: {
      cli: trustCommands(
        "Ask for MFA in the role's trust policy; who assumes it then needs --serial-number and --token-code:",
        `Add to the statement: "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}`,
      ),
      ...trustTemplates({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::ACCOUNT_ID:root" },
        Action: "sts:AssumeRole",
        Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
      }),
    },
  },
  evaluate: (role, context) =>
    judgePermissions(role, context, (questions) => {
      const administrator = questions.administration();
      if (administrator.decision === "unknown") return undefined;
      if (isOfAws(role)) return notApplicable(`Role ${role.name} is AWS's own: nobody else can change whom it trusts.`);
      if (!isOpen(administrator)) return notApplicable(`Role ${role.name} is no administrator.`);
      return judgeTrust(role, administrator.grants.map(statementEvidence));
    }),
});

const judgeTrust = (role: RoleFacts, grants: readonly Json[]): Verdict => {
  const cannotTell = `Cannot tell who can assume role ${role.name}`;
  if (!role.trustPolicy.known) return unknown(cannotTell, role.trustPolicy.why);
  const policy = readTrustPolicy(role.trustPolicy.value);
  if ("malformed" in policy) return unknown(cannotTell, policy.malformed);
  const ofPeople = policy.trusts.filter(isOfPeople);
  const asked = ofPeople.map((trust) => ({ trust, isAsked: isConfinedBy(trust, ({ kind }) => kind === "mfa") }));
  const without = asked.filter(({ isAsked }) => isAsked === false).map(({ trust }) => trust.principal.name);
  if (without.length > 0) {
    const names = [...new Set(without)].sort();
    return violation(
      `Role ${role.name} is an administrator, and ${listWords(names)} can assume it without MFA: its trust policy does not ask for it.`,
      { principals: names, grants },
    );
  }
  const [why] = policy.unclear;
  if (why !== undefined) return unknown(cannotTell, why);
  if (asked.some(({ isAsked }) => isAsked === "unknown"))
    return unknown(cannotTell, "a condition of its trust policy cannot be judged");
  return ofPeople.length === 0 ? notApplicable(`Role ${role.name} trusts no users.`) : compliant;
};

/** IAM users, or whoever an account lets. */
const isOfPeople = ({ principal, action }: Trust): boolean => {
  if (action !== "sts:AssumeRole") return false;
  if (principal.type === "everyone") return true;
  return principal.type === "aws" && (principal.isWholeAccount || /:user\//.test(principal.name));
};
