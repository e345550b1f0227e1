import { describe, expect, test } from "vitest";
import { type Confinement, valuesOf } from "../../../shared/policy/trust/confinement.ts";
import { oidcIssuer } from "../../../shared/policy/trust/oidc-issuers.ts";

type Level = "pinned" | "review" | "open";
type Rows = Readonly<Record<Level, readonly string[]>>;

const confinement = (value: string, arePatterns: boolean): Confinement => ({
  kind: "claim",
  key: "issuer:sub",
  values: [value],
  arePatterns,
  of: [],
});

const levelOf = (issuer: string, value: string, arePatterns: boolean): Level | undefined =>
  valuesOf(confinement(value, arePatterns)).map((each) => oidcIssuer(issuer).judge(each).level)[0];

const gitHub: Rows = {
  pinned: [
    "repo:acme/app:ref:refs/heads/main",
    "repo:acme/app:*",
    "repo:acme/app:pull_request",
    "repo:acme/app:environment:prod",
    "repo:acme@1234/app@5678:ref:refs/heads/main",
    "repo:acme@1234/app@5678:*",
    "repo:acme@1234/app@*",
    "repo:acme@1234/*",
  ],
  review: [
    "repo:acme/*",
    "repo:acme/*:ref:refs/heads/main",
    "repo:acme/app*",
    "repo:acme/app-?:ref:refs/heads/main",
    "repo:acme@*",
    "repo:acme@*/app@*:*",
    "repository_id:5678:ref:refs/heads/main",
    "repository_owner_id:1234:*",
    "job_workflow_ref:acme/workflows/.github/workflows/deploy.yml@refs/heads/main",
    "something",
  ],
  open: [
    "repo:*",
    "repo:*/app:*",
    "repo:acme*",
    "repo:acme*/app:*",
    "repo:ac?e/app:*",
    "repo*",
    "*:ref:refs/heads/main",
    "*acme/app*",
    "*",
    "repository_owner_id:*",
    "environment:prod",
    "environment:prod:*",
    "ref:refs/heads/main",
  ],
};

const issuers: Readonly<Record<string, Rows>> = {
  "token.actions.githubusercontent.com": gitHub,
  "token.actions.githubusercontent.com/acme": gitHub,
  "github.acme.example/_services/token": gitHub,
  "gitlab.com": {
    pinned: [
      "project_path:acme/app:ref_type:branch:ref:main",
      "project_path:acme/app:*",
      "project_path:acme/team/app:*",
    ],
    review: ["project_path:acme/*", "project_path:acme/app*"],
    open: ["project_path:*", "project_path:acme*", "*", "*:ref:main"],
  },
  "app.terraform.io": {
    pinned: ["organization:acme:project:web:workspace:prod:run_phase:apply", "organization:acme:project:web:*"],
    review: ["organization:acme:*", "organization:acme:project:*:workspace:prod:run_phase:*"],
    open: ["organization:*", "organization:acme*", "organization:*:project:web:workspace:prod:run_phase:*"],
  },
  "agent.buildkite.com": {
    pinned: ["organization:acme:pipeline:app:ref:refs/heads/main:*"],
    review: ["organization:acme:*"],
    open: ["organization:*"],
  },
  "oidc.codefresh.io": {
    pinned: ["account:64f:pipeline:64a:*"],
    review: ["account:64f:*"],
    open: ["account:*"],
  },
  "oidc-configuration.audit-log.githubusercontent.com": {
    pinned: ["https://github.com/acme"],
    review: [],
    open: ["https://github.com/*"],
  },
  "scalr.io": { pinned: ["account:a:environment:e"], review: ["account:a:*"], open: ["account:*", "*"] },
  "cognito-identity.amazonaws.com": {
    pinned: ["eu-west-1:12345678-1234-1234-1234-123456789012"],
    review: [],
    open: ["eu-west-1:*"],
  },
  "oidc.eks.eu-west-1.amazonaws.com/id/abc": {
    pinned: ["system:serviceaccount:payments:app", "system:serviceaccount:payments:*"],
    review: [],
    open: ["system:serviceaccount:*", "system:serviceaccount:*:app", "system:*"],
  },
  "oidc.circleci.com/org/abc": {
    pinned: ["org/abc/project/def/user/ghi", "org/abc/project/def/*"],
    review: [],
    open: ["org/abc/*", "org/abc/project/*"],
  },
  "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc": {
    pinned: ["{1234-abcd}:{5678}", "{1234-abcd}*"],
    review: [],
    open: ["*"],
  },
};

const rows = Object.entries(issuers).flatMap(([issuer, levels]) =>
  Object.entries(levels).flatMap(([level, values]) => values.map((value) => [issuer, value, level] as const)),
);

describe("oidcIssuer", () => {
  test.each(rows)("%s: %s is %s", (issuer, value, level) => {
    expect(levelOf(issuer, value, true)).toBe(level);
  });

  test.each(["repo:acme/*", "repo:*", "*"])("takes %s as it is where its operator knows no wildcards", (value) => {
    expect(levelOf("token.actions.githubusercontent.com", value, false)).not.toBe("open");
  });

  test.each<readonly [string, boolean, string]>([
    ["token.actions.githubusercontent.com", true, "sub"],
    ["token.actions.githubusercontent.com/acme", false, "sub"],
    ["cognito-identity.amazonaws.com", true, "aud"],
    ["graph.facebook.com", true, "app_id"],
    ["sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", true, "sts:RoleSessionName"],
    ["oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb", true, "sub"],
    ["gitlab.acme.example", false, "sub"],
    ["constructor", false, "sub"],
  ])("knows whether %s is shared, and what tells its customers apart", (issuer, isShared, claim) => {
    expect(oidcIssuer(issuer)).toMatchObject({ isShared, claim });
  });
});
