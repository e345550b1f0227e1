import type { EvaluationContext } from "../../../control.ts";
import { known, type RoleFacts } from "../../../facts/facts.ts";
import type { OrganizationView } from "../../../organization/view.ts";
import { negations, parseOperator } from "../../../policy/language/condition.ts";
import { parsePolicy, type Statement } from "../../../policy/language/document.ts";
import { confinementKey, ownOrganization } from "../../../policy/trust/confinement-keys.ts";
import { readTrustPolicy, type Trust } from "../../../policy/trust/trust.ts";
import { matchesWildcard } from "../../../wildcard.ts";
import { isOfOrganization } from "./trust.ts";

const key = "aws:PrincipalOrgID";
const equals = "StringEquals";

type Confined = { readonly document: string } | { readonly held: string };

/**
 * A role's trust policy in which each statement that `isOpen` says is open asks besides for a principal of the organization,
 * and nothing else is changed; or why a person has to do it, as a sentence.
 */
export const confinedToOrganization = (
  role: RoleFacts,
  { organization }: Pick<EvaluationContext<unknown>, "organization">,
  isOpen: (trust: Trust) => boolean,
): Confined => {
  const held = (why: string): Confined => ({ held: `The trust policy of role ${role.name} ${why}` });
  if (!organization.known) return held(`cannot be confined to an organization that is not known: ${organization.why}.`);
  const found = role.trustPolicy.known ? readTrustPolicy(role.trustPolicy.value) : { malformed: role.trustPolicy.why };
  if (!role.trustPolicy.known || "malformed" in found)
    return held(`cannot be read: ${"malformed" in found ? found.malformed : "it is not known"}.`);
  const raw = role.trustPolicy.value;
  if (!isRecord(raw)) return held("cannot be changed: it is no JSON object.");
  const deleted = found.trusts.find(({ principal }) => principal.type === "deleted");
  if (deleted !== undefined)
    return held(
      `names ${deleted.principal.name}, which stands for a deleted user or role: IAM takes no policy that does. Take it out first.`,
    );
  const policy = parsePolicy(raw);
  const statements: readonly unknown[] = [raw.Statement].flat();
  const denials = statements.filter((_, index) => policy.statements[index]?.effect === "Deny");
  const changed: unknown[] = [];
  for (const [index, statement] of statements.entries()) {
    const parsed = policy.statements[index];
    const alone = readTrustPolicy({ ...raw, Statement: [statement, ...denials] });
    if (parsed?.effect !== "Allow" || "malformed" in alone || !alone.trusts.some(isOpen)) {
      changed.push(statement);
      continue;
    }
    const why = whyNot(parsed, alone.trusts, role, organization.value);
    if (why !== undefined) return held(`stays as it is: Statement[${index}] ${why}`);
    changed.push(withCondition(statement, organization.value.id));
  }
  return { document: JSON.stringify({ ...raw, Statement: Array.isArray(raw.Statement) ? changed : changed[0] }) };
};

/** Why the condition would shut out somebody whom the statement names on purpose, or everybody. */
const whyNot = (
  { principals, conditions }: Statement,
  trusts: readonly Trust[],
  role: RoleFacts,
  organization: OrganizationView,
): string | undefined => {
  const federated = trusts.find(({ action }) => action !== "sts:AssumeRole");
  if (federated !== undefined)
    return `allows ${federated.action} too, and who comes in that way is of no organization. Say in a statement of its own whom it lets in.`;
  if (principals !== undefined && principals !== "*" && principals.Service !== undefined)
    return `trusts ${principals.Service.join(", ")} too, and a service is of no organization. Give it a statement of its own.`;
  const foreign = trusts.find(
    ({ principal }) =>
      principal.type === "aws" &&
      isOfOrganization(role, { organization: known(organization) })(principal.accountId) !== true,
  );
  if (foreign !== undefined)
    return `names ${foreign.principal.name} too, which is not of the organization. Give it a statement of its own, or take it out.`;
  for (const [operator, keys] of Object.entries(conditions))
    for (const [about, values] of Object.entries(keys))
      if (contradicts(operator, about.toLowerCase(), values, organization))
        return `asks for ${operator} ${about} already, which goes against the organization, or may. Say there who may assume the role.`;
  return undefined;
};

/** Those who call for a service, and whoever comes by an identity provider, are of no organization. */
const ofNoOrganization = new Set(["sourceAccount", "sourceArn", "sourceOrganization", "claim"]);

/**
 * Whether nobody of the organization may meet a condition on who calls, or for whom. Where that takes more than a look, it is
 * taken to be so.
 */
const contradicts = (
  operator: string,
  about: string,
  values: readonly string[],
  { id, accountIds }: OrganizationView,
): boolean => {
  const kind = confinementKey(about)?.kind;
  if (kind === undefined) return false;
  if (ofNoOrganization.has(kind)) return true;
  if (kind !== "principal" && kind !== "account" && kind !== "organization") return false;
  const { name } = parseOperator(operator);
  const isFalse = values.every((value) => /^false$/i.test(value));
  if (name === "null" || about === "aws:principalisawsservice" || about === "aws:viaawsservice") return !isFalse;
  const isNegated = Object.hasOwn(negations, name);
  const isPattern = /like$/.test(name) || name.startsWith("arn");
  const matches = (wanted: string, actual: string) => (isPattern ? matchesWildcard(wanted, actual) : wanted === actual);
  switch (about) {
    case "aws:principalorgid":
      // One that stands where the other would have to cannot stand beside it.
      if (operator.toLowerCase() === equals.toLowerCase()) return true;
      return isNegated === values.some((value) => value === ownOrganization || matches(value, id));
    case "aws:principalaccount": {
      const meets = (account: string) => isNegated !== values.some((value) => matches(value, account));
      return ![...accountIds].some(meets);
    }
    case "aws:principalarn":
      return (
        !isNegated && !values.some((value) => [...accountIds].some((account) => matches(accountOf(value), account)))
      );
    default:
      return true;
  }
};

const accountOf = (arn: string): string => arn.split(":")[4] ?? "";

/** The statement with the condition besides, under an operator that is there already, however that is written. */
const withCondition = (statement: unknown, organizationId: string): unknown => {
  if (!isRecord(statement)) return statement;
  const conditions = isRecord(statement.Condition) ? statement.Condition : {};
  const there = Object.keys(conditions).find((name) => name.toLowerCase() === equals.toLowerCase()) ?? equals;
  const asked = isRecord(conditions[there]) ? conditions[there] : {};
  return { ...statement, Condition: { ...conditions, [there]: { ...asked, [key]: organizationId } } };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
