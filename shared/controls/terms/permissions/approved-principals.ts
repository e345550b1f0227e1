import * as z from "zod";
import type { EvaluationContext } from "../../../control.ts";
import type { Fact, RoleFacts } from "../../../facts/facts.ts";
import type { OrganizationView } from "../../../organization/view.ts";
import { readTrustPolicy } from "../../../policy/trust/trust.ts";
import { matchesStars } from "../../../wildcard.ts";
import type { PrincipalFacts } from "./permissions.ts";

const expected =
  "a name or a pattern such as admin-*, or with its path /team/admin-*, that does not stand for everybody";
const patterns = z
  .array(z.string({ error: expected }).regex(/^(?=.*[^*/])[\x21-\x7e]{1,576}$/, { error: expected }))
  .max(100)
  .meta({ id: "principalPatterns" });

/** The users and roles whom somebody meant to have what a control is about. */
export const approvedPrincipals = (what: string, roles: readonly string[]) =>
  z.strictObject({
    approvedRoles: patterns
      .default([...roles])
      .describe(
        `Names of roles that are meant to ${what}, or paths with names, which begin with /; * stands for any characters.`,
      ),
    approvedUsers: patterns.default([]).describe("The same for users."),
  });

interface Approved {
  readonly approvedRoles: readonly string[];
  readonly approvedUsers: readonly string[];
}

/** Names that AWS gives to roles by which others work in an account. Anybody there who may create roles can give one such a name. */
export const namesOfOutsiders = [
  "OrganizationAccountAccessRole",
  "AWSControlTowerExecution",
  "AWSCloudFormationStackSetExecutionRole",
  "stacksets-exec-*",
  "cdk-*-cfn-exec-role-*",
] as const;

const isNameOfOutsiders = (pattern: string): boolean => namesOfOutsiders.some((name) => name === pattern);

/**
 * Whether a role lets nobody of its own account in, nor anybody from outside the organization: other accounts of it, and CloudFormation,
 * which works for whoever may pass it the role.
 */
const isForOutsiders = ({ account, trustPolicy }: RoleFacts, organization: Fact<OrganizationView>): boolean => {
  if (!trustPolicy.known) return false;
  const trust = readTrustPolicy(trustPolicy.value);
  if ("malformed" in trust || trust.unclear.length > 0) return false;
  return trust.trusts.every(({ principal }) => {
    if (principal.type === "aws")
      return (
        principal.accountId !== account.id &&
        organization.known &&
        organization.value.accountIds.has(principal.accountId)
      );
    return principal.type === "deleted" || (principal.type === "service" && principal.name === cloudFormation);
  });
};

const cloudFormation = "cloudformation.amazonaws.com";

/**
 * The pattern by which somebody approved of a user or role, if there is one. One of `namesOfOutsiders` approves of no role that lets in its
 * own account, or one that is not known to be of the organization.
 */
export const approvalOf = (
  facts: PrincipalFacts,
  { options, organization }: EvaluationContext<Approved>,
): string | undefined => {
  const { kind, path, name } = facts;
  return (kind === "user" ? options.approvedUsers : options.approvedRoles).find(
    (pattern) =>
      matchesStars(pattern, pattern.startsWith("/") ? `${path}${name}` : name) &&
      !(kind === "role" && isNameOfOutsiders(pattern) && !isForOutsiders(facts, organization)),
  );
};
