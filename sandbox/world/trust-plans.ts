import { administratorAccess, trusting } from "../iam/state.ts";
import type { RolePlan, TwinPlan } from "./plan.ts";

// Whom roles may trust that they should not, beside what looks like it and a condition confines; each is named for what it is.

const github = "token.actions.githubusercontent.com";

/** Issuers of OIDC providers: what the demo's settings approve, and what they do not. */
export const approvedIssuer = github;
export const approvedSamlProvider = "Okta";
export const otherIssuer = "tokens.build-farm.example";

const vendor = "arn:aws:iam::555566667777:root";
const common = { createdDays: 220, usedDays: 1, boundary: "approved" } as const;

const flaw = (name: string, control: string, trust: string): RolePlan => ({
  ...{ ...common, name, trust, trustViolation: control },
});
const twin = (name: string, controls: readonly string[], trust: string): RolePlan => ({
  ...{ ...common, name, trust, twinOf: controls.map((control): TwinPlan => ({ control, confinedBy: "condition" })) },
});

export const trustRoles = (accountId: string, organizationId: string): readonly RolePlan[] => {
  const own = `arn:aws:iam::${accountId}:root`;
  const ofGithub = (claims: Readonly<Record<string, string>>): string => {
    const named = Object.entries(claims).map(([claim, value]) => [`${github}:${claim}`, value] as const);
    return JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${github}` },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringEquals: Object.fromEntries(named) },
        },
      ],
    });
  };
  const aud = "sts.amazonaws.com";
  const sub = "repo:kestrel@4711/website@815:ref:refs/heads/main";
  const scheduler = { Service: "scheduler.amazonaws.com" };
  const admin = { attachedPolicies: [administratorAccess], boundary: "other" } as const;
  return [
    flaw("assets-for-anybody", "trust-open-to-anyone", trusting({ AWS: "*" })),
    twin(
      "assets-for-the-organization",
      ["trust-open-to-anyone"],
      trusting({ AWS: "*" }, { StringEquals: { "aws:PrincipalOrgID": organizationId } }),
    ),
    flaw("vendor-without-external-id", "external-trust-without-external-id", trusting({ AWS: vendor })),
    twin(
      "vendor-with-external-id",
      ["external-trust-without-external-id"],
      trusting({ AWS: vendor }, { StringEquals: { "sts:ExternalId": "kestrel-7f3a91" } }),
    ),
    flaw("schedule-of-anybody", "service-trust-confused-deputy", trusting(scheduler)),
    twin(
      "schedule-of-this-account",
      ["service-trust-confused-deputy"],
      trusting(scheduler, { StringEquals: { "aws:SourceAccount": accountId } }),
    ),
    flaw("workflow-of-any-repository", "oidc-trust-unscoped", ofGithub({ aud })),
    flaw("workflow-for-any-audience", "oidc-trust-without-audience", ofGithub({ sub })),
    twin("workflow-of-the-website", ["oidc-trust-unscoped", "oidc-trust-without-audience"], ofGithub({ aud, sub })),
    {
      ...{ ...common, ...admin, name: "admin-of-the-account", trust: trusting({ AWS: own }) },
      permissionViolations: ["admin-policy", "privileged-role-without-mfa"],
    },
    {
      ...twin(
        "admin-who-gives-a-code",
        ["privileged-role-without-mfa"],
        trusting({ AWS: own }, { Bool: { "aws:MultiFactorAuthPresent": "true" } }),
      ),
      ...{ ...admin, permissionViolations: ["admin-policy"] },
    },
  ];
};
