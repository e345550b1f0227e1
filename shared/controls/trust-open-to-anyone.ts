import { compliant, defineControl, noOptions, type Severity, type Verdict } from "../control.ts";
import { known, type RoleFacts } from "../facts/facts.ts";
import { type Confinement, type ConfinementKind, valuesOf } from "../policy/trust/confinement.ts";
import { pinningOf } from "../policy/trust/oidc-issuers.ts";
import { isConfinedBy, type Trust } from "../policy/trust/trust.ts";
import { updateTrustPolicy } from "../remediation/step.ts";
import { confinedToOrganization } from "./terms/trust/confine-trust.ts";
import { judgeTrusts, looseWords, type TrustJudgement, trustHints, undecidedWords } from "./terms/trust/trust.ts";
import { trustCommands, trustTemplates } from "./terms/trust/trust-templates.ts";

/** What says who calls, or from where: what somebody from anywhere cannot choose or learn. */
const kindsOfWho: readonly ConfinementKind[] = [
  ...(["account", "organization", "principal"] as const),
  ...(["sourceAccount", "sourceArn", "sourceOrganization"] as const),
];

/** Of a claim that every token of an issuer can have, as its audience, all are let in. */
const confinesWho = (confinement: Confinement): boolean => {
  const { kind, key } = confinement;
  if (kind !== "claim") return kindsOfWho.includes(kind);
  if (!key.startsWith("saml:"))
    return (pinningOf(key.slice(0, key.lastIndexOf(":")), confinement)?.level ?? "open") !== "open";
  return /^saml:(?:iss|namequalifier|sub)$/.test(key) && valuesOf(confinement).every(({ hasWildcard }) => !hasWildcard);
};

const severity = "critical";

/** A role that its trust policy lets anyone assume. */
export const trustOpenToAnyone = defineControl({
  id: "trust-open-to-anyone",
  title: "Role can be assumed by anyone",
  severity,
  frameworks: {},
  subjects: ["role"],
  hints: trustHints,
  options: noOptions,
  guidance: {
    what: "A role's trust policy names everyone as principal, and no condition says who of them may assume the role.",
    why: "Whoever has an AWS account, or for web identities an account with a public identity provider, can assume the role and has all its permissions; account ids and role names are no secrets.",
    counts: [
      "Everyone is the principal `*`, alone or as `AWS` or `Federated`, an Allow with NotPrincipal, and an ARN with a wildcard, which IAM would refuse.",
      "A condition confines if it fixes the caller's account, organization, ARN or unique id, the account or resource for which a service calls, or a claim of an identity provider. It may stand in a Deny that leaves nobody else.",
      "A condition confines nothing if its operator is negated, or true where the key is absent (`…IfExists`, `ForAllValues:` without a condition that asks for the key), if a wildcard stands in what would have to be fixed, or if the caller chooses the value: tags, the session's name, MFA.",
      "Severity high, where it asks for no more than an external id, which is no secret, or for a network (an endpoint, or a block of addresses of at least /8, in IPv6 /32), from which principals of every account can call; and where every SAML provider of the account opens it.",
      "Severity medium, where a condition stands of which nobody can say whether it confines: of a key or operator that is not known here.",
    ],
    fix: {
      cli: trustCommands(
        "Say who is to assume the role:",
        `In the statement that lets anyone in, name them as Principal, or add\n"Condition": {"StringEquals": {"aws:PrincipalOrgID": "ORGANIZATION_ID"}}:`,
      ),
      ...trustTemplates({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::ACCOUNT_ID:root" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:PrincipalOrgID": "ORGANIZATION_ID" } },
      }),
    },
  },
  evaluate: (role) => judged(role),
  repair: {
    writes: ["UpdateAssumeRolePolicy"],
    plan: (role, context) => {
      const confined = confinedToOrganization(role, context, (trust) => isProblem(judge(role.name)(trust)));
      if ("held" in confined) return confined;
      const { document } = confined;
      const after = judged({ ...role, trustPolicy: known(JSON.parse(document)) });
      return after.outcome === "compliant"
        ? { steps: [updateTrustPolicy(role.name, document)] }
        : { held: `The organization's id alone would not confine role ${role.name}. ${reasonOf(after)}` };
    },
    waitsForApproval: true,
    notes: [
      "Each statement that lets anyone in asks for the organization besides: `aws:PrincipalOrgID`, by StringEquals. Nothing else of the trust policy is changed, and undo brings back its very text.",
      "Whoever is not of the organization cannot assume the role any more, nor can AWS services by such a statement, which are of no organization. Sessions that there are go on until they end.",
      "IAM tells when the role was used last, not by whom: whether somebody outside used it only CloudTrail says. It is held where the role was used within `inUseDays`.",
      "It is left to a person where a statement that lets anyone in names a service, an identity provider or a foreign account besides, allows assumption by web identity or SAML, or has a condition that goes against the organization; where the organization is not known; where the trust policy names a deleted principal, which IAM would not take again; and where it would be longer than IAM allows in the account.",
      "Unless a ladder in the settings says `remediate`, a person approves each repair.",
      "Nobody listens for what it denies: CloudTrail shows that in the account of whoever is denied.",
      "IAM cannot limit `iam:UpdateAssumeRolePolicy` to what a trust policy says: with this repair in mode `remediate`, the remediation role could let anyone assume any role that is not protected. Guard it accordingly, or leave the repair off.",
    ],
  },
});

const judged = (role: RoleFacts): Verdict => judgeTrusts(role, severity, judge(role.name), compliant);

const isProblem = (judgement: TrustJudgement): boolean => typeof judgement === "object" && "what" in judgement;

const reasonOf = (verdict: Verdict): string => ("reason" in verdict ? `${verdict.reason.replace(/\.$/, "")}.` : "");

const judge =
  (roleName: string) =>
  (trust: Trust): TrustJudgement => {
    const { principal, action } = trust;
    if (principal.type !== "everyone") return "fine";
    const isConfined = isConfinedBy(trust, confinesWho);
    if (isConfined === true) return "fine";
    if (isConfined === "unknown" && isMalformed(trust)) return { unknown: undecidedWords(trust) };
    if (isConfined === "unknown") {
      const what = `Perhaps anyone can assume role ${roleName}: its trust policy allows ${action} to ${principal.name}, and nobody can say whether its conditions confine who that is: ${undecidedWords(trust)}.`;
      return { what: `${what}${looseWords(trust)}`, severity: "medium" };
    }
    const allows = `its trust policy allows ${action} to ${principal.name}, and no condition confines who that is.${looseWords(trust)}`;
    const { who, severity: how } = whoCan(trust);
    return { what: `${who} can assume role ${roleName}: ${allows}`, severity: how };
  };

/** It has a denial that IAM would not take. */
const isMalformed = ({ limits }: Trust): boolean =>
  limits.flat().some(({ undecided }) => undecided.some(({ key }) => key === ""));

/** What a stranger needs to have besides credentials of an account. */
const whoCan = (trust: Trust): { readonly who: string; readonly severity: Severity } => {
  const asksFor = (wanted: ConfinementKind) => isConfinedBy(trust, ({ kind }) => kind === wanted) === true;
  if (asksFor("externalId")) return { who: "Anyone who learns the external id", severity: "high" };
  if (asksFor("network")) return { who: "Anyone in the network that its conditions name", severity: "high" };
  if (trust.action === "sts:AssumeRoleWithSAML") {
    return { who: "Anyone whom a SAML provider of the account vouches for", severity: "high" };
  }
  return { who: "Anyone", severity };
};
