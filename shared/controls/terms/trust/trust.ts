import {
  type EvaluationContext,
  type Evidence,
  notApplicable,
  type Severity,
  severities,
  unknown,
  type Verdict,
  violation,
} from "../../../control.ts";
import type { RoleFacts } from "../../../facts/facts.ts";
import type { Ternary } from "../../../policy/language/ternary.ts";
import { type ConfinementKind, ownAccount, ownOrganization } from "../../../policy/trust/confinement.ts";
import { pinningOf } from "../../../policy/trust/oidc-issuers.ts";
import { readTrustPolicy, type Trust } from "../../../policy/trust/trust.ts";
import { isOfAws } from "../roles/role-scope.ts";

/** The events after which somebody else may be able to assume a role. */
export const trustHints = [
  "iam:AcquireRole",
  "iam:CreateRole",
  "iam:DeleteRole",
  "iam:UpdateAssumeRolePolicy",
] as const;

/** What says for whom a service acts. */
export const kindsOfSources: readonly ConfinementKind[] = ["sourceAccount", "sourceArn", "sourceOrganization"];

/** As AWS writes them, but for capitals, which some operators take for the same. Whose another text is that stands in the place of one, nobody can tell. */
const isAccountId = (text: string): boolean => /^\d{12}$/.test(text);
const isOrganizationId = (text: string): boolean => /^o-[a-z0-9]+$/i.test(text);

/**
 * Whether an account or organization is the role's own or of its organization. `unknown`: the organization is not known, or of it
 * only which accounts it has.
 */
export const isOfOrganization =
  (role: RoleFacts, { organization }: Pick<EvaluationContext<unknown>, "organization">) =>
  (id: string): Ternary => {
    if (id === ownAccount || id === ownOrganization || id === role.account.id) return true;
    if (!organization.known) return "unknown";
    if (isAccountId(id)) return organization.value.accountIds.has(id);
    return isOrganizationId(id) && organization.value.id !== ""
      ? organization.value.id === id.toLowerCase()
      : "unknown";
  };

/**
 * Why nobody can tell whether the organization has those whom a trust names. Where it is not known it is the same for all of them.
 * @param named the accounts and organizations
 */
export const organizationWords = (
  { organization }: Pick<EvaluationContext<unknown>, "organization">,
  named: readonly string[],
): string => {
  if (!organization.known) return `which accounts are of the organization: ${organization.why}`;
  const open = named.filter((id) => !isAccountId(id) && !(isOrganizationId(id) && organization.value.id !== ""));
  const which = open.length === 0 ? "nobody can judge its conditions" : `nobody can tell of ${open.join(", ")}`;
  return `whether all whom it names are of the organization: ${which}`;
};

/** The accounts and organizations that the conditions of a trust name in one of some ways. */
export const namedIn = ({ own, limits }: Trust, kinds: readonly ConfinementKind[]): readonly string[] => {
  const confining = [own, ...limits.flat()].flatMap((each) => each.confining);
  return [...new Set(confining.filter(({ kind }) => kinds.includes(kind)).flatMap(({ of }) => of))].sort();
};

/**
 * The OIDC issuer whose tokens a trust takes: its provider's, or, where it lets in whoever some provider vouches for, the one of which
 * conditions fix a claim. Where they fix none it is the matter of trust-open-to-anyone.
 */
export const issuerTrusted = ({ principal, action, own, limits }: Trust): string | undefined => {
  if (principal.type === "oidc") return principal.issuer;
  if (principal.type !== "everyone" || action !== "sts:AssumeRoleWithWebIdentity") return undefined;
  const claims = [own, ...limits.flat()].flatMap(({ confining }) =>
    confining.filter(({ kind, key }) => kind === "claim" && !key.startsWith("saml:")),
  );
  return claims
    .map((claim) => ({ claim, issuer: claim.key.slice(0, claim.key.lastIndexOf(":")) }))
    .find(({ claim, issuer }) => (pinningOf(issuer, claim)?.level ?? "open") !== "open")?.issuer;
};

/** That a trust is what the control is about. */
export interface TrustProblem {
  /** A sentence. */
  readonly what: string;
  readonly severity: Severity;
  /** Beside the principal and the action. */
  readonly evidence?: Evidence;
}

/** `none`: the trust is not of the kind that a control judges. */
export type TrustJudgement = "none" | "fine" | TrustProblem | { readonly unknown: string };

/** How many trusts a reason tells of; the evidence has them all. */
const told = 3;

/**
 * Judges each trust of a role. One that is a problem decides; else what nobody can judge; `whenNone` answers if the role has none of
 * the kind. The worst problems come first, and their severity is the verdict's.
 */
export const judgeTrusts = (
  role: RoleFacts,
  own: Severity,
  judge: (trust: Trust) => TrustJudgement,
  whenNone: Verdict,
): Verdict => {
  if (isOfAws(role)) {
    return notApplicable(`Role ${role.name} is AWS's own: nobody else can change whom it trusts.`);
  }
  const cannotTell = `Cannot tell whom role ${role.name} trusts`;
  if (!role.trustPolicy.known) return unknown(cannotTell, role.trustPolicy.why);
  const policy = readTrustPolicy(role.trustPolicy.value);
  if ("malformed" in policy) return unknown(cannotTell, policy.malformed);

  const problems: (TrustProblem & { readonly trust: Trust })[] = [];
  const unknowns = [...policy.unclear];
  let isConcerned = false;
  for (const trust of policy.trusts) {
    const judged = judge(trust);
    if (judged === "none") continue;
    isConcerned = true;
    if (judged === "fine") continue;
    if ("unknown" in judged) unknowns.push(judged.unknown);
    else problems.push({ ...judged, trust });
  }
  const [worst, ...others] = distinct(problems);
  if (worst !== undefined) {
    const all = [worst, ...others];
    const rest = all.length > told ? [`And ${all.length - told} more.`] : [];
    return violation(
      [...all.slice(0, told).map(({ what }) => what), ...rest].join(" "),
      {
        trusts: all.map(({ trust, evidence }) => ({
          principal: trust.principal.name,
          action: trust.action,
          ...evidence,
        })),
      },
      worst.severity === own ? undefined : worst.severity,
    );
  }
  const [why] = unknowns.toSorted();
  if (why !== undefined) return unknown(cannotTell, why);
  return isConcerned ? { outcome: "compliant" } : whenNone;
};

const distinct = (problems: readonly (TrustProblem & { readonly trust: Trust })[]) => {
  const keyed = problems.map(
    (problem) => [`${problem.trust.principal.name} ${JSON.stringify(problem)}`, problem] as const,
  );
  const inOrder = [...new Map(keyed).entries()].toSorted(
    ([a, one], [b, other]) => rank(one) - rank(other) || (a < b ? -1 : 1),
  );
  return inOrder.map(([, problem]) => problem);
};

const rank = ({ severity }: TrustProblem): number => severities.indexOf(severity);

/** Sentences on the conditions of a trust that look as if they confined it and do not; empty if there are none. */
export const looseWords = ({ own }: Trust): string =>
  own.loose.map(({ operator, key, why }) => ` ${operator} ${key} does not: ${why}.`).join("");

/** Why nobody can tell whether a trust is confined. */
export const undecidedWords = ({ principal, own, limits }: Trust): string => {
  const [first] = [own, ...limits.flat()].flatMap(({ undecided }) => undecided);
  const what = first === undefined ? "a condition" : [first.operator, first.key].filter(Boolean).join(" ");
  return `${what} of its trust in ${principal.name}: ${first?.why ?? "nobody can judge it"}`;
};

/** A sentence on the principals that a role trusts and that are gone; empty if there are none. */
export const deletedPrincipals = ({ trustPolicy }: RoleFacts): string => {
  const policy = trustPolicy.known ? readTrustPolicy(trustPolicy.value) : { malformed: trustPolicy.why };
  if ("malformed" in policy) return "";
  const names = policy.trusts.flatMap(({ principal }) => (principal.type === "deleted" ? [principal.name] : []));
  return names.length === 0
    ? ""
    : ` ${[...new Set(names)].sort().join(", ")} in its trust policy stands for a deleted user or role: nobody can be it again.`;
};
