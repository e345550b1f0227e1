import { compliant, defineControl, noOptions, type Severity } from "../control.ts";
import { type Confinement, type ConfinementKind, valuesOf } from "../policy/trust/confinement.ts";
import { pinningOf } from "../policy/trust/oidc-issuers.ts";
import { isConfinedBy, type Trust } from "../policy/trust/trust.ts";
import { judgeTrusts, looseWords, type TrustJudgement, trustHints, undecidedWords } from "./terms/trust/trust.ts";
import { trustTemplates } from "./terms/trust/trust-templates.ts";

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
      "Conditions that nobody can judge make the verdict unknown, never compliant.",
    ],
    fix: {
      cli: `# Name who is to assume the role, or add a condition such as {"StringEquals": {"aws:PrincipalOrgID": "ORGANIZATION_ID"}}:
aws iam get-role --role-name ROLE_NAME --query Role.AssumeRolePolicyDocument > trust.json
aws iam update-assume-role-policy --role-name ROLE_NAME --policy-document file://trust.json`,
      ...trustTemplates({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::ACCOUNT_ID:root" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:PrincipalOrgID": "ORGANIZATION_ID" } },
      }),
    },
  },
  evaluate: (role) => judgeTrusts(role, severity, judge(role.name), compliant),
});

const judge =
  (roleName: string) =>
  (trust: Trust): TrustJudgement => {
    const { principal, action } = trust;
    if (principal.type !== "everyone") return "fine";
    const isConfined = isConfinedBy(trust, confinesWho);
    if (isConfined === true) return "fine";
    if (isConfined === "unknown") return { unknown: undecidedWords(trust) };
    const allows = `its trust policy allows ${action} to ${principal.name}, and no condition confines who that is.${looseWords(trust)}`;
    const { who, severity: how } = whoCan(trust);
    return { what: `${who} can assume role ${roleName}: ${allows}`, severity: how };
  };

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
