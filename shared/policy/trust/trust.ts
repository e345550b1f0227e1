import { rememberForJson } from "../../remember.ts";
import { matchesWildcardIgnoringCase } from "../../wildcard.ts";
import {
  type PolicyDocument,
  type PrincipalElement,
  readPolicyDocument,
  type Statement,
} from "../language/document.ts";
import { all, any, type Ternary } from "../language/ternary.ts";
import { type Confinement, type Confinements, complementOf, confinementsOf } from "./confinement.ts";

/** The operations by which somebody gets a session of a role. */
const assumptions = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"] as const;
export type Assumption = (typeof assumptions)[number];

/** Whom a statement names, once each. */
export type TrustedPrincipal =
  | { readonly type: "everyone"; readonly name: string }
  /** A whole account, or a user, role or session of it. */
  | { readonly type: "aws"; readonly name: string; readonly accountId: string; readonly isWholeAccount: boolean }
  /** IAM shows the unique id of a user or role that is gone: nobody can be it again. */
  | { readonly type: "deleted"; readonly name: string }
  | { readonly type: "service"; readonly name: string }
  /** `issuer` in lower case, without `https://`. */
  | { readonly type: "oidc"; readonly name: string; readonly issuer: string }
  | { readonly type: "saml"; readonly name: string };

/** That a trust policy lets a principal assume its role in one way, and all that confines it. */
export interface Trust {
  readonly principal: TrustedPrincipal;
  readonly action: Assumption;
  /** What the statement's own conditions confine to. */
  readonly own: Confinements;
  /** What each denial leaves, as alternatives of which one holds. */
  readonly limits: readonly (readonly Confinements[])[];
}

export interface TrustPolicy {
  readonly trusts: readonly Trust[];
  /** Why there may be more trusts than these: what nobody can judge. */
  readonly unclear: readonly string[];
}

/**
 * Reads whom a trust policy trusts, denials taken off: a trust that a denial leaves nothing of is not among them. What is no policy
 * document says why.
 */
export const readTrustPolicy = rememberForJson((document): TrustPolicy | { readonly malformed: string } => {
  const policy = readPolicyDocument(document);
  return "malformed" in policy ? policy : trustPolicyOf(policy);
});

const trustPolicyOf = (policy: PolicyDocument): TrustPolicy => {
  const trusts: Trust[] = [];
  const unclear: string[] = [];
  policy.statements.forEach((statement, index) => {
    if (statement.effect !== "Allow") return;
    const why = whyUnclear(statement);
    if (why !== undefined) {
      unclear.push(`Statement[${index}] ${why}`);
      return;
    }
    for (const [type, named] of principalsOf(statement)) {
      if (typeof named === "string") unclear.push(`Statement[${index}] names ${named}, which is no principal`);
      else trusts.push(...trustsBy(statement, { type, principal: named }, policy));
    }
  });
  return { trusts, unclear: [...new Set(unclear)].sort() };
};

/**
 * Whether a trust is confined by a condition such as this: one of its own, or one that holds whatever a denial leaves. `unknown`: a
 * condition that nobody can judge stands where one would have to.
 */
export const isConfinedBy = ({ own, limits }: Trust, such: (confinement: Confinement) => Ternary): Ternary => {
  const confines = ({ confining, undecided }: Confinements): Ternary =>
    any([...confining.map(such), undecided.length > 0 ? "unknown" : false]);
  return any([confines(own), ...limits.map((alternatives) => all(alternatives.map(confines)))]);
};

const whyUnclear = (statement: Statement): string | undefined => {
  const { unknownElements, principals, notPrincipals, resources, notResources, actions, notActions } = statement;
  if (unknownElements.length > 0) return `has an element that is unknown: ${[...unknownElements].sort().join(", ")}`;
  if ((principals === undefined) === (notPrincipals === undefined)) return "needs a Principal or a NotPrincipal";
  if ((actions === undefined) === (notActions === undefined)) return "needs an Action or a NotAction";
  if (resources !== undefined || notResources !== undefined) return "has a Resource, which no trust policy may have";
  return undefined;
};

/** A principal under the type by which a statement names it: `*` of one type is not everyone of another. */
interface Named {
  readonly type: string;
  readonly principal: TrustedPrincipal;
}

/** Each principal of a statement, after its type; as a text, what cannot be read as one. */
const principalsOf = ({
  principals,
  notPrincipals,
}: Statement): readonly (readonly [type: string, principal: TrustedPrincipal | string])[] => {
  if (principals === undefined)
    return [["AWS", { type: "everyone", name: `everyone but ${namesOf(notPrincipals).join(", ")}` }]];
  if (principals === "*") return [["AWS", { type: "everyone", name: "*" }]];
  return Object.entries(principals).flatMap(([type, names]) =>
    names.map((name) => [type, principalOf(type, name)] as const),
  );
};

const namesOf = (element: PrincipalElement | undefined): readonly string[] =>
  element === undefined ? [] : element === "*" ? ["*"] : Object.values(element).flat().toSorted();

const principalOf = (type: string, name: string): TrustedPrincipal | string => {
  if (type === "AWS") return awsPrincipal(name);
  if (type === "Service" && /^[a-z0-9.-]+$/i.test(name)) return { type: "service", name: name.toLowerCase() };
  if (type === "Federated") return federatedPrincipal(name);
  return `${name} as ${type}`;
};

const awsPrincipal = (name: string): TrustedPrincipal | string => {
  // IAM takes no wildcard but one that stands alone; whatever else has one is judged as if it were it.
  if (/[*?]/.test(name)) return { type: "everyone", name };
  if (/^A(?:IDA|ROA)[A-Z0-9]{8,}$/.test(name)) return { type: "deleted", name };
  const [, ofArn, resource] = /^arn:[^:]+:(?:iam|sts)::(\d{12}):(.+)$/.exec(name) ?? [];
  const accountId = ofArn ?? /^\d{12}$/.exec(name)?.[0];
  if (accountId === undefined) return name;
  return { type: "aws", name, accountId, isWholeAccount: resource === undefined || resource === "root" };
};

const federatedPrincipal = (name: string): TrustedPrincipal | string => {
  if (/[*?]/.test(name)) return { type: "everyone", name };
  const [, kind, provider = ""] = /^arn:[^:]+:iam::\d{12}:(oidc|saml)-provider\/(.+)$/.exec(name) ?? [];
  if (kind === "saml") return { type: "saml", name };
  if (kind === "oidc") return { type: "oidc", name, issuer: provider.toLowerCase() };
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(name) ? { type: "oidc", name, issuer: name.toLowerCase() } : name;
};

/** The ways by which a principal of a type can assume a role. */
const waysOf: Readonly<Record<TrustedPrincipal["type"], readonly Assumption[]>> = {
  everyone: assumptions,
  aws: ["sts:AssumeRole"],
  deleted: ["sts:AssumeRole"],
  service: ["sts:AssumeRole"],
  oidc: ["sts:AssumeRoleWithWebIdentity"],
  saml: ["sts:AssumeRoleWithSAML"],
};

const trustsBy = (statement: Statement, named: Named, policy: PolicyDocument): readonly Trust[] => {
  const { principal } = named;
  const denials = policy.statements.filter(({ effect }) => effect === "Deny");
  return waysOf[principal.type].flatMap((action): readonly Trust[] => {
    if (!concerns(statement, action)) return [];
    const limits: (readonly Confinements[])[] = [];
    for (const denial of denials) {
      const left = leftBy(denial, named, action);
      if (left === "nothing") return [];
      if (left !== "all") limits.push(left);
    }
    return [{ principal, action, own: confinementsOf(statement.conditions), limits }];
  });
};

const concerns = ({ actions, notActions }: Statement, action: Assumption): boolean => {
  const oneOf = (patterns: readonly string[]) => patterns.some((each) => matchesWildcardIgnoringCase(each, action));
  return actions !== undefined ? oneOf(actions) : notActions !== undefined && !oneOf(notActions);
};

/** What a denial leaves of a trust. One that nobody can judge may leave nothing. */
const leftBy = (denial: Statement, named: Named, action: Assumption): "all" | "nothing" | readonly Confinements[] => {
  const why = whyUnclear(denial);
  if (why !== undefined) {
    return [{ confining: [], loose: [], undecided: [{ operator: "Deny", key: "", why: `a denial ${why}` }] }];
  }
  if (!concerns(denial, action)) return "all";
  const spared = sparedBy(denial, named, action);
  if (spared === "all") return "all";
  const left = [...spared, ...(complementOf(denial.conditions) ?? []).map(confinementsOf)];
  return left.length === 0 ? "nothing" : left;
};

/** Those of a principal whom a denial does not name: all, or what confines to them. */
const sparedBy = (
  { principals, notPrincipals }: Statement,
  named: Named,
  action: Assumption,
): "all" | readonly Confinements[] => {
  if (principals !== undefined) return names(principals, named, action) ? [] : "all";
  const { principal } = named;
  const spared = namesOf(notPrincipals);
  if (spared.includes("*") || spared.includes(principal.name)) return "all";
  return spared.map(awsPrincipal).flatMap((each): readonly Confinements[] => {
    if (typeof each === "string" || each.type !== "aws") return [];
    const isPart =
      principal.type === "everyone" || (principal.type === "aws" && principal.accountId === each.accountId);
    return isPart ? [onlyTo(each.name, each.accountId)] : [];
  });
};

const onlyTo = (arn: string, accountId: string): Confinements => ({
  confining: [{ kind: "principal", key: "aws:principalarn", values: [arn], arePatterns: false, of: [accountId] }],
  loose: [],
  undecided: [],
});

/** Whether a denial is about every caller that a principal stands for. */
const names = (element: PrincipalElement, { type, principal }: Named, action: Assumption): boolean => {
  if (element === "*" || (Object.hasOwn(element, type) && element[type]?.includes(principal.name))) return true;
  const { AWS = [] } = element;
  if (action !== "sts:AssumeRole" || principal.type === "service") return false;
  const isOfAccount = (name: string) =>
    principal.type === "aws" && (name === principal.accountId || name.endsWith(`::${principal.accountId}:root`));
  return AWS.some((name) => name === "*" || isOfAccount(name));
};
