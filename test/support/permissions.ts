import type { Json } from "../../shared/control.ts";
import { type Fact, known, type PrincipalPolicies, unknownFact } from "../../shared/facts/facts.ts";
import type { OrganizationView } from "../../shared/organization/view.ts";
import { account, organizationView, policyFacts, principalPolicies, roleFacts, userFacts } from "./facts.ts";

/** `arn:aws:iam::111122223333:` */
export const iam = `arn:aws:iam::${account.id}:`;

export const allow = (Action: Json, Resource: Json = "*", Condition?: Json) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition !== undefined && { Condition }),
});
export const deny = (Action: Json, Resource: Json = "*", Condition?: Json) => ({
  Effect: "Deny",
  Action,
  Resource,
  ...(Condition !== undefined && { Condition }),
});

export const withMfa = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
/** Nobody knows the operator. */
export const odd = { Odd: { key: "value" } };

export const inline = (statements: readonly Json[], over: Partial<PrincipalPolicies> = {}): Fact<PrincipalPolicies> =>
  principalPolicies({ inline: [policyFacts("own", statements)], ...over });

/** AWS's own. */
export const awsPolicy = (name: string, statements: readonly Json[]) =>
  policyFacts(name, statements, `arn:aws:iam::aws:policy/${name}`);
export const administratorAccess = awsPolicy("AdministratorAccess", [allow("*")]);

/** Role app with one inline policy, `own`. */
export const roleWith = (statements: readonly Json[], over: Partial<PrincipalPolicies> = {}) =>
  roleFacts({ policies: inline(statements, over) });
/** User bob with one inline policy, `own`. */
export const userWith = (statements: readonly Json[], over: Partial<PrincipalPolicies> = {}) =>
  userFacts({ policies: inline(statements, over) });

export const boundary = (statements: readonly Json[]): Partial<PrincipalPolicies> => ({
  boundary: policyFacts("bounds", statements, `${iam}policy/bounds`),
});

/** An organization whose root has one service control policy besides the one that allows everything. */
export const underScp = (statements: readonly Json[]): Fact<OrganizationView> => {
  const whole = policyFacts("FullAWSAccess", [allow("*")], "arn:aws:organizations::aws:policy/p-FullAWSAccess");
  const scp = policyFacts("guardrail", statements, "arn:aws:organizations::999999999999:policy/p-guardrail");
  return organizationView({
    serviceControl: known([
      { id: "r-ab12", name: "Root", policies: [whole, scp] },
      { id: account.id, name: account.name, policies: [whole] },
    ]),
  });
};

/** An organization that could not be read. */
export const unreadOrganization: Fact<OrganizationView> = unknownFact("access denied: organizations:ListPolicies");

/** A policy that could not be read. */
export const unread = {
  name: "secret",
  arn: `${iam}policy/secret`,
  document: unknownFact("access denied: iam:GetPolicy"),
  size: 0,
};

/** Of administrators admin-policy alone speaks: cases in which another control of permissions is not applicable. */
export const leftToAdminPolicy = {
  "whom a service control policy alone keeps from being an administrator": {
    facts: roleWith([allow("*")]),
    organization: underScp([deny("iam:*")]),
    reason: "Role app is an administrator: see admin-policy.",
  },
  "an administrator": {
    facts: roleWith([], { attached: [administratorAccess] }),
    reason: "Role app is an administrator: see admin-policy.",
  },
};
