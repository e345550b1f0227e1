import * as z from "zod";
import { defineControl, notApplicable } from "../control.ts";
import { type Confinement, valuesOf } from "../policy/trust/confinement.ts";
import { issuersWithOwners, oidcIssuer, type Pinning, pinningOf, tokenOwnersIn } from "../policy/trust/oidc-issuers.ts";
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

const expectedIssuer = `an issuer whose tokens say who of its customers they are for: ${issuersWithOwners.join(", ")}`;
const expectedOwner = "an owner's name or id, such as acme, 1234 or a GitLab group's path acme/infra";
const options = z.strictObject({
  approvedOwners: z
    .record(
      z.string().regex(new RegExp(`^(?:${issuersWithOwners.map((each) => each.replaceAll(".", "\\.")).join("|")})$`), {
        error: expectedIssuer,
      }),
      z
        .array(
          z
            .string({ error: expectedOwner })
            .regex(/^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/, { error: expectedOwner })
            .max(255),
        )
        .max(100),
    )
    .default({})
    .describe(
      "By issuer, whose tokens may assume roles: organizations or users of GitHub by name or id, groups of GitLab by path, organizations of HCP Terraform and Buildkite, accounts of Codefresh. Of an issuer without a list every owner that a trust policy fixes is approved.",
    ),
});
type Options = z.infer<typeof options>;

const severity = "critical";

/** A role that an OIDC provider's other customers, or all of one's own projects, can assume. */
export const oidcTrustUnscoped = defineControl({
  id: "oidc-trust-unscoped",
  title: "Role trusts an OIDC provider without saying whose tokens",
  severity,
  frameworks: {},
  subjects: ["role"],
  hints: trustHints,
  options,
  guidance: {
    what: "A role trusts an OIDC provider, and no condition fixes the claim that says whose tokens may assume it.",
    why: "GitHub, GitLab, HCP Terraform and others sign the tokens of all their customers alike: whoever has an account there can run a job that assumes the role. IAM refuses such trust policies today and leaves those that stood before as they are.",
    counts: [
      "What has to be fixed depends on the issuer: for most it is `sub`; `aud` for Cognito identity pools, Google, Pulumi and Vercel; `app_id` for Facebook and Amazon; the session's name for Microsoft Sentinel.",
      'A trust in whatever provider (`Federated: "*"`, or with a wildcard) whose conditions fix a claim of an issuer counts as trust in that issuer; one that fixes none is the matter of trust-open-to-anyone.',
      "Of GitHub the owner: `repo:OWNER/…`, or `repo:OWNER@ID/…` as repositories made since July 2026 have it. `repo:*`, `repo:acme*` and `*/app:*` leave it open; so do subjects of claims that any repository's token can have, such as `environment:prod`.",
      "Severity low, for a person to look at: every repository or project of a fixed owner whose id is not fixed (a name that is given up can be taken), and subjects of a form that an organization chose itself, such as `job_workflow_ref:…`.",
      "Severity medium where the issuer has one customer (EKS, CircleCI, GitHub Enterprise Server, GitLab of one's own, an issuer that is not known) and no condition fixes a project, namespace or subject.",
      "Whose the fixed owner is counts only where approvedOwners has a list for the issuer: then an owner who is not on it is severity high, since whoever may run jobs there can assume the role. Names are compared in whatever case; a GitLab group approves its subgroups. A claim that names no owner (the id of a repository, a reusable workflow) is severity low, for a person to look at. Without a list a trust that fixes a stranger's repository is compliant: only you know who your owners are.",
      "A `*` in a subject reaches over slashes and colons; under StringEquals it is an asterisk. `ForAllValues:` and `…IfExists` are true where the claim is absent and fix nothing.",
    ],
    fix: {
      cli: trustCommands(
        "Say whose tokens may assume the role, here those of one repository's main branch on GitHub:",
        `Add to the statement: "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com",\n  "token.actions.githubusercontent.com:sub": "repo:OWNER/REPOSITORY:ref:refs/heads/main"}}`,
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
  evaluate: (role, { options: { approvedOwners } }) =>
    judgeTrusts(
      role,
      severity,
      judge(role.name, approvedOwners),
      notApplicable(`Role ${role.name} trusts no OIDC provider.`),
    ),
});

const judge =
  (roleName: string, approvedOwners: Options["approvedOwners"]) =>
  (trust: Trust): TrustJudgement => {
    const issuer = issuerTrusted(trust);
    if (issuer === undefined) return "none";
    const { name, isShared, claim } = oidcIssuer(issuer);
    const reaches = (...levels: readonly Pinning["level"][]) =>
      isConfinedBy(trust, (confinement) => levels.includes(pinningOf(issuer, confinement)?.level ?? "open"));
    const isPinned = reaches("pinned") === true;
    const approved = Object.hasOwn(approvedOwners, issuer) ? approvedOwners[issuer] : undefined;
    const isFixed = isPinned || reaches("pinned", "review") === true;
    const strangers = approved && isFixed ? judgeOwners(roleName, trust, issuer, approved) : "fine";
    if (strangers !== "fine") return strangers;
    if (isPinned) return "fine";

    const found = valuesIn(trust, issuer);
    const evidence = { issuer, claim, values: found.map(({ text }) => text) };
    const because = found.map(({ text, why }) => ` ${text}: ${why}.`).join("");
    if (isFixed) {
      const what = `Look at whose tokens of ${name} can assume role ${roleName}.${because}`;
      return { what, severity: "low", evidence };
    }
    if (reaches("pinned", "review") === "unknown") return { unknown: undecidedWords(trust) };
    const who = isShared ? `Any customer of ${name}` : `Every project or workload of ${name}`;
    const what = `${who} can assume role ${roleName}: no condition fixes ${claim}.${because}${looseWords(trust)}`;
    return { what, severity: isShared ? severity : "medium", evidence };
  };

/** Judges a trust that fixes whose tokens it takes by who that is. */
const judgeOwners = (roleName: string, trust: Trust, issuer: string, approved: readonly string[]): TrustJudgement => {
  const isApproved = (name: string): boolean =>
    approved.some((each) => `${name}/`.toLowerCase().startsWith(`${each}/`.toLowerCase()));
  const isOfApproved = (confinement: Confinement): boolean =>
    tokenOwnersIn(issuer, confinement)?.every(({ owner }) => owner.some(isApproved)) === true;
  if (isConfinedBy(trust, isOfApproved) === true) return "fine";

  const { name, claim } = oidcIssuer(issuer);
  const all = [trust.own, ...trust.limits.flat()].flatMap(({ confining }) => confining);
  const values = all.flatMap((confinement) => tokenOwnersIn(issuer, confinement) ?? []);
  const evidence = { issuer, claim, values: values.map(({ text }) => text), approvedOwners: [...approved] };
  const named = values.flatMap(({ owner }) => (owner.length === 0 || owner.some(isApproved) ? [] : [owner.join("@")]));
  const strangers = [...new Set(named)].sort();
  if (strangers.length === 0) {
    const what = `Look at whose tokens of ${name} can assume role ${roleName}: ${values.map(({ text }) => text).join(", ")} does not say of which owner it is.`;
    return { what, severity: "low", evidence };
  }
  const what = `Whoever runs jobs for ${strangers.join(", ")} on ${name} can assume role ${roleName}, and the settings do not approve that owner.`;
  return { what, severity: "high", evidence };
};

/** The values that fix too little, each with why. */
const valuesIn = ({ own, limits }: Trust, issuer: string): readonly { readonly text: string; readonly why: string }[] =>
  [own, ...limits.flat()].flatMap(({ confining }) =>
    confining.flatMap((confinement) =>
      valuesOf(confinement).flatMap((value) => {
        const pinning = pinningOf(issuer, { ...confinement, values: [value.text] });
        return pinning === undefined || pinning.level === "pinned" ? [] : [{ text: value.text, why: pinning.why }];
      }),
    ),
  );
