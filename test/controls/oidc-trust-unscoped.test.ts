import type { Json } from "../../shared/control.ts";
import { oidcTrustUnscoped } from "../../shared/controls/oidc-trust-unscoped.ts";
import { describeControl } from "../support/describe-control.ts";
import { allow, trusting } from "../support/trust.ts";

const gitHub = "token.actions.githubusercontent.com";
const provider = (issuer: string) => `arn:aws:iam::111122223333:oidc-provider/${issuer}`;

const trust = (issuer: string, Condition: Json = {}, name = provider(issuer)) =>
  trusting(allow({ Federated: name }, { Action: "sts:AssumeRoleWithWebIdentity", Condition }));

const evidence = (issuer: string, claim: string, values: readonly string[] = [], principal = provider(issuer)) => ({
  trusts: [{ principal, action: "sts:AssumeRoleWithWebIdentity", issuer, claim, values }],
});

const ofGitHub = (Condition: Json, words: string, values: readonly string[] = []) => ({
  facts: trust(gitHub, Condition),
  reason: `Any customer of GitHub Actions can assume role app: no condition fixes sub.${words}`,
  evidence: evidence(gitHub, "sub", values),
});

const toLookAt = (value: string, why: string) => ({
  facts: trust(gitHub, { StringLike: { [`${gitHub}:sub`]: value } }),
  severity: "low" as const,
  reason: `Look at whose tokens of GitHub Actions can assume role app. ${value}: ${why}.`,
  evidence: evidence(gitHub, "sub", [value]),
});

const eks = "oidc.eks.eu-west-1.amazonaws.com/id/abc";

const ofAcme = { [gitHub]: ["Acme", "1234"] };
const owned = (Condition: Json, approvedOwners: Readonly<Record<string, string[]>> = ofAcme, issuer = gitHub) => ({
  facts: trust(issuer, Condition),
  options: { approvedOwners },
});
const pins = (value: Json, claim = "sub", issuer = gitHub) => ({ StringLike: { [`${issuer}:${claim}`]: value } });
const strangers = (
  owner: string,
  values: readonly string[],
  row: ReturnType<typeof owned> = owned(pins([...values])),
  [issuer, name]: readonly [string, string] = [gitHub, "GitHub Actions"],
) => ({
  ...row,
  severity: "high" as const,
  reason: `Whoever runs jobs for ${owner} on ${name} can assume role app, and the settings do not approve that owner.`,
  evidence: {
    trusts: [
      {
        ...{ principal: provider(issuer), action: "sts:AssumeRoleWithWebIdentity", issuer, claim: "sub", values },
        approvedOwners: row.options.approvedOwners[issuer] ?? [],
      },
    ],
  },
});

describeControl(oidcTrustUnscoped, {
  violates: {
    "a stranger's repository, where owners are approved": strangers("attacker", [
      "repo:attacker/app:ref:refs/heads/main",
    ]),
    "a stranger's repository beside one's own": strangers("attacker", ["repo:acme/app:*", "repo:attacker/app:*"]),
    "every repository of a stranger": strangers("attacker", ["repo:attacker/*"]),
    "a stranger whose name begins alike": strangers("acme-corp", ["repo:acme-corp/app:*"]),
    "a stranger by name and id": strangers("attacker@99", ["repo:attacker@99/app@5:*"]),
    "a stranger by another claim": strangers("attacker", ["attacker/app"], owned(pins("attacker/app", "repository"))),
    "a stranger's group on GitLab": strangers(
      "acme",
      ["project_path:acme/app:ref_type:branch:ref:main"],
      owned(
        pins("project_path:acme/app:ref_type:branch:ref:main", "sub", "gitlab.com"),
        { "gitlab.com": ["acme/infra"] },
        "gitlab.com",
      ),
      ["gitlab.com", "GitLab"],
    ),
    "a stranger's organization on HCP Terraform": strangers(
      "other",
      ["organization:other:project:net:workspace:prod:run_phase:apply"],
      owned(
        pins("organization:other:project:net:workspace:prod:run_phase:apply", "sub", "app.terraform.io"),
        { "app.terraform.io": ["acme"] },
        "app.terraform.io",
      ),
      ["app.terraform.io", "HCP Terraform"],
    ),
    "a repository by its id, where owners are approved": {
      ...owned(pins("5678", "repository_id")),
      severity: "low",
      reason: "Look at whose tokens of GitHub Actions can assume role app: 5678 does not say of which owner it is.",
      evidence: {
        trusts: [
          {
            ...{ principal: provider(gitHub), action: "sts:AssumeRoleWithWebIdentity", issuer: gitHub, claim: "sub" },
            ...{ values: ["5678"], approvedOwners: ["Acme", "1234"] },
          },
        ],
      },
    },
    "a stranger's repository, by whatever provider": {
      facts: trust(gitHub, pins("repo:attacker/app:*"), "*"),
      options: { approvedOwners: ofAcme },
      severity: "high",
      reason:
        "Whoever runs jobs for attacker on GitHub Actions can assume role app, and the settings do not approve that owner.",
      evidence: {
        trusts: [
          {
            ...{ principal: "*", action: "sts:AssumeRoleWithWebIdentity", issuer: gitHub, claim: "sub" },
            ...{ values: ["repo:attacker/app:*"], approvedOwners: ["Acme", "1234"] },
          },
        ],
      },
    },
    "every repository of an owner, by whatever provider": {
      facts: trust(gitHub, pins("repo:acme/*"), "arn:aws:iam::*:oidc-provider/*"),
      severity: "low",
      reason:
        "Look at whose tokens of GitHub Actions can assume role app. repo:acme/*: it lets in repositories of acme that are still to be made.",
      evidence: evidence(gitHub, "sub", ["repo:acme/*"], "arn:aws:iam::*:oidc-provider/*"),
    },
    "every repository of an approved owner": {
      ...owned(pins("repo:acme/*")),
      severity: "low",
      reason:
        "Look at whose tokens of GitHub Actions can assume role app. repo:acme/*: it lets in repositories of acme that are still to be made.",
      evidence: evidence(gitHub, "sub", ["repo:acme/*"]),
    },
    "GitHub without a condition": ofGitHub({}, ""),
    "GitHub with the audience alone": ofGitHub({ StringEquals: { [`${gitHub}:aud`]: "sts.amazonaws.com" } }, ""),
    "repositories of any owner": ofGitHub(
      { StringLike: { [`${gitHub}:sub`]: "repo:*" } },
      " repo:*: it lets in repositories of any owner.",
      ["repo:*"],
    ),
    "owners whose name begins alike": ofGitHub(
      { StringLike: { [`${gitHub}:sub`]: ["repo:acme/app:*", "repo:acme*"] } },
      " repo:acme*: it lets in repositories of any owner.",
      ["repo:acme*"],
    ),
    "whatever subject": ofGitHub(
      { StringLike: { [`${gitHub}:sub`]: "*" } },
      ` StringLike ${gitHub}:sub does not: its wildcards match whatever is there.`,
    ),
    "a repository, if there is a subject": ofGitHub(
      { StringEqualsIfExists: { [`${gitHub}:sub`]: "repo:acme/app:ref:refs/heads/main" } },
      ` StringEqualsIfExists ${gitHub}:sub does not: …IfExists is true where the key is absent.`,
    ),
    "a repository, for all subjects": ofGitHub(
      { "ForAllValues:StringLike": { [`${gitHub}:sub`]: "repo:acme/app:*" } },
      ` ForAllValues:StringLike ${gitHub}:sub does not: ForAllValues: is true where the key is absent.`,
    ),
    "any repository but one": ofGitHub(
      { StringNotLike: { [`${gitHub}:sub`]: "repo:acme/app:*" } },
      ` StringNotLike ${gitHub}:sub does not: it leaves out some and lets through all others.`,
    ),
    "an environment that any repository can have": ofGitHub(
      { StringEquals: { [`${gitHub}:sub`]: "environment:prod" } },
      " environment:prod: any repository's token can have the subject environment:prod.",
      ["environment:prod"],
    ),
    "another issuer's subject": ofGitHub(
      { StringEquals: { "gitlab.com:sub": "project_path:acme/app:ref_type:branch:ref:main" } },
      "",
    ),
    "every repository of an owner": toLookAt(
      "repo:acme/*",
      "it lets in repositories of acme that are still to be made",
    ),
    "a subject of the organization's own form": toLookAt(
      "job_workflow_ref:acme/workflows/.github/workflows/deploy.yml@*",
      "subjects that begin with job_workflow_ref: are the organization's own choice",
    ),
    "HCP Terraform without a condition": {
      facts: trust("app.terraform.io", { StringEquals: { "app.terraform.io:aud": "aws.workload.identity" } }),
      reason: "Any customer of HCP Terraform can assume role app: no condition fixes sub.",
      evidence: evidence("app.terraform.io", "sub"),
    },
    "any identity pool of Cognito": {
      facts: trust(
        "cognito-identity.amazonaws.com",
        { "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" } },
        "cognito-identity.amazonaws.com",
      ),
      reason: "Any customer of Amazon Cognito identity pools can assume role app: no condition fixes aud.",
      evidence: evidence("cognito-identity.amazonaws.com", "aud", [], "cognito-identity.amazonaws.com"),
    },
    "every service account of a cluster": {
      facts: trust(eks, { StringLike: { [`${eks}:sub`]: "system:serviceaccount:*:app" } }),
      severity: "medium",
      reason:
        "Every project or workload of the EKS cluster can assume role app: no condition fixes sub. system:serviceaccount:*:app: it lets in service accounts of every namespace.",
      evidence: evidence(eks, "sub", ["system:serviceaccount:*:app"]),
    },
    "an issuer that is not known": {
      facts: trust("gitlab.acme.example"),
      severity: "medium",
      reason: "Every project or workload of gitlab.acme.example can assume role app: no condition fixes sub.",
      evidence: evidence("gitlab.acme.example", "sub"),
    },
    "two, the worse first": {
      facts: trusting(
        allow(
          { Federated: [provider("gitlab.acme.example"), provider(gitHub)] },
          { Action: "sts:AssumeRoleWithWebIdentity" },
        ),
      ),
      reason:
        "Any customer of GitHub Actions can assume role app: no condition fixes sub. Every project or workload of gitlab.acme.example can assume role app: no condition fixes sub.",
      evidence: { trusts: [...evidence(gitHub, "sub").trusts, ...evidence("gitlab.acme.example", "sub").trusts] },
    },
  },
  complies: {
    "a repository, by whatever provider": { facts: trust(gitHub, pins("repo:acme/app:*"), "*") },
    "an approved owner's repository": owned(pins("repo:acme/app:ref:refs/heads/main")),
    "an approved owner by id": owned(pins("repo:renamed@1234/app@5:*")),
    "an approved owner by another claim": owned({
      StringEquals: { [`${gitHub}:repository_owner_id`]: "1234", [`${gitHub}:repository_id`]: "5" },
    }),
    "an approved group's project on GitLab": owned(
      pins("project_path:acme/infra/net/app:ref_type:branch:ref:main", "sub", "gitlab.com"),
      { "gitlab.com": ["acme/infra"] },
      "gitlab.com",
    ),
    "a stranger's repository, where another issuer's owners are approved": owned(pins("repo:attacker/app:*"), {
      "gitlab.com": ["acme"],
    }),
    "a repository": { facts: trust(gitHub, { StringLike: { [`${gitHub}:sub`]: "repo:acme/app:*" } }) },
    "a repository of the form with ids": {
      facts: trust(gitHub, { StringEquals: { [`${gitHub}:sub`]: "repo:acme@1234/app@5678:ref:refs/heads/main" } }),
    },
    "a key and an issuer in other letters": {
      facts: trust("Token.Actions.GitHubUserContent.com", {
        stringequals: { "TOKEN.actions.githubusercontent.com:SUB": "repo:acme/app:ref:refs/heads/main" },
      }),
    },
    "one of several repositories": {
      facts: trust(gitHub, { "ForAnyValue:StringLike": { [`${gitHub}:sub`]: ["repo:acme/app:*", "repo:acme/web:*"] } }),
    },
    "an asterisk, where there are no wildcards": {
      facts: trust(gitHub, { StringEquals: { [`${gitHub}:sub`]: "repo:acme/app:*" } }),
    },
    "every repository, but of one owner's id": {
      facts: trust(gitHub, {
        StringLike: { [`${gitHub}:sub`]: "repo:*" },
        StringEquals: { [`${gitHub}:repository_owner_id`]: "1234" },
      }),
    },
    "all repositories, less all but one": {
      facts: trusting(allow({ Federated: provider(gitHub) }, { Action: "sts:AssumeRoleWithWebIdentity" }), {
        Effect: "Deny",
        Principal: "*",
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringNotLike: { [`${gitHub}:sub`]: "repo:acme/app:*" } },
      }),
    },
    "an identity pool": {
      facts: trust(
        "cognito-identity.amazonaws.com",
        { StringEquals: { "cognito-identity.amazonaws.com:aud": "eu-west-1:12345678-1234-1234-1234-123456789012" } },
        "cognito-identity.amazonaws.com",
      ),
    },
    "a workspace of Sentinel": {
      facts: trust("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", {
        StringEquals: { "sts:RoleSessionName": "MicrosoftSentinel_12345678-1234-1234-1234-123456789012" },
      }),
    },
    "a namespace of a cluster": {
      facts: trust(eks, { StringLike: { [`${eks}:sub`]: "system:serviceaccount:payments:*" } }),
    },
    "a subject of an issuer that is not known": {
      facts: trust("gitlab.acme.example", { StringLike: { "gitlab.acme.example:sub": "project_path:payments/*" } }),
    },
  },
  notApplicable: {
    "no OIDC provider": {
      facts: trusting(allow({ Service: "ec2.amazonaws.com" })),
      reason: "Role app trusts no OIDC provider.",
    },
    "a SAML provider": {
      facts: trusting(
        allow({ Federated: "arn:aws:iam::111122223333:saml-provider/okta" }, { Action: "sts:AssumeRoleWithSAML" }),
      ),
      reason: "Role app trusts no OIDC provider.",
    },
  },
  unknown: {
    "an operator that is unknown": {
      facts: trust(gitHub, { Odd: { [`${gitHub}:sub`]: "repo:acme/app:*" } }),
      reason: `Cannot tell whom role app trusts: Odd ${gitHub}:sub of its trust in ${provider(gitHub)}: the policy language has no such operator`,
    },
  },
});
