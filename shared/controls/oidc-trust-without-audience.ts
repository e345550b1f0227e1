import { defineControl, noOptions, notApplicable } from "../control.ts";
import { valuesOf } from "../policy/trust/confinement.ts";
import { oidcIssuer } from "../policy/trust/oidc-issuers.ts";
import { isConfinedBy, type Trust } from "../policy/trust/trust.ts";
import {
  issuerTrusted,
  judgeTrusts,
  looseWords,
  type TrustJudgement,
  trustHints,
  undecidedWords,
} from "./terms/trust/trust.ts";
import { trustCommands, trustTemplates } from "./terms/trust/trust-templates.ts";

const severity = "medium";

/** A role that takes tokens which were made for somebody else. */
export const oidcTrustWithoutAudience = defineControl({
  id: "oidc-trust-without-audience",
  title: "Role trusts an OIDC provider's tokens for any audience",
  severity,
  frameworks: {},
  subjects: ["role"],
  hints: trustHints,
  options: noOptions,
  guidance: {
    what: "A role trusts an OIDC provider, and no condition fixes the audience of its tokens.",
    why: "Then every audience counts that is registered with the provider in IAM: a service that was handed a token for itself can use it to assume the role.",
    counts: [
      "Fixed is the issuer's `aud` without wildcards, under an operator that is false where the claim is absent. AWS tools ask for `sts.amazonaws.com`, HCP Terraform for `aws.workload.identity`; any other that your jobs ask for will do.",
      "Where the audience, or `app_id`, is what tells an issuer's customers apart (Cognito identity pools, Google, Pulumi, Vercel, Facebook, Amazon), it is the matter of oidc-trust-unscoped.",
    ],
    fix: {
      cli: trustCommands(
        "Say for whom a token has to be made, here as AWS's own tools ask for one on GitHub:",
        `Add to the statement: "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}`,
      ),
      ...trustTemplates({
        Effect: "Allow",
        Principal: { Federated: "arn:aws:iam::ACCOUNT_ID:oidc-provider/token.actions.githubusercontent.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:OWNER/REPOSITORY:ref:refs/heads/main",
          },
        },
      }),
    },
  },
  evaluate: (role) =>
    judgeTrusts(
      role,
      severity,
      judge(role.name),
      notApplicable(`Role ${role.name} trusts no OIDC provider whose audience is its own matter.`),
    ),
});

const judge =
  (roleName: string) =>
  (trust: Trust): TrustJudgement => {
    const issuer = issuerTrusted(trust);
    if (issuer === undefined) return "none";
    const { name, claim } = oidcIssuer(issuer);
    if (claim === "aud" || claim === "app_id") return "none";
    const isFixed = isConfinedBy(
      trust,
      (each) => each.key === `${issuer}:aud` && valuesOf(each).every(({ hasWildcard }) => !hasWildcard),
    );
    if (isFixed === true) return "fine";
    if (isFixed === "unknown") return { unknown: undecidedWords(trust) };
    const what = `A token of ${name} for any audience that is registered can assume role ${roleName}: no condition fixes aud.${looseWords(trust)}`;
    return { what, severity, evidence: { issuer } };
  };
