import { describe, expect, it } from "vitest";
import { stateControls } from "../../shared/controls/catalogue.ts";
import type { LintReport } from "../../shared/lint/report.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { organization } from "../support/facts.ts";
import { fixture, lintText, pointedAt } from "./linting.ts";

const settings = parseSettings(
  JSON.stringify({
    version: 1,
    controls: {
      "role-with-unapproved-boundary": { options: { approvedBoundaries: ["org-boundary"] } },
      "oidc-provider-unapproved": { options: { approvedIssuers: ["gitlab.com"] } },
      "privileged-role-without-mfa": { mode: "notify" },
    },
  }),
  "warden.config.yaml",
);

/** Why no file can have a flaw of a control's. */
const noFile: Readonly<Record<string, string>> = {
  "access-analyzer-missing": "which analyzers an account and its organization have",
  "central-root-access-disabled": "what an organization has enabled",
  "console-user-without-mfa": "whether a user has an MFA device",
  "external-access-finding": "what analyzers found of resources",
  "guardrail-scp-missing": "what is attached above an account",
  "long-lived-service-credential": "when a service-specific credential was made",
  "root-access-key-exists": "root",
  "root-mfa-not-hardware": "root",
  "root-without-mfa": "root",
  "saml-provider-unapproved": "SAML providers: no file is read for them",
  "server-certificate-expired": "when a certificate ends",
  "stale-access-key": "when a key was made",
  "trail-missing": "which trails cover an account",
  "unused-access-key": "when a key was last used",
  "unused-console-password": "when a password was last used",
  "unused-role": "when a role was last used",
  "weak-password-policy": "whether anybody has a password",
};

type Place = readonly [rule: string, address: string, pointsAt: RegExp];

const inTemplate: readonly Place[] = [
  ["role-without-boundary", "Admin", /^4 Admin:/],
  ["privileged-role-without-mfa", "Admin", /^11 Effect: Allow\n +Principal: \{ AWS: /],
  ["role-with-unapproved-boundary", "Legacy", /^15 Legacy:/],
  ["admin-policy", "Everything", /^32 Sid: All/],
  ["role-without-boundary", "Storage", /^36 Storage:/],
  ["service-wide-policy", "Storage", /^50 Effect: Allow\n +Action: s3:\*/],
  ["privilege-escalation-path", "JobPolicy", /^81 Sid: Pass/],
  ["two-active-access-keys", "Robot", /^87 Robot:/],
  ["policy-attached-to-user", "Robot", /^94 Version:/],
  ["assume-any-role", "Robot", /^96 Effect: Allow\n +Action: sts:AssumeRole/],
  ["admin-policy", "Alice", /^105 Alice:/],
  ["policy-attached-to-user", "Alice", /^105 Alice:/],
  ["policy-near-size-limit", "Team", /^110 Team:/],
  ["trust-open-to-anyone", "Open", /^132 Sid: Anyone/],
  ["external-trust-without-external-id", "Open", /^136 Sid: Vendor/],
  ["service-trust-confused-deputy", "Open", /^140 Sid: Schedule/],
  ["oidc-provider-unapproved", "GitHub", /^144 GitHub:/],
  ["oidc-trust-unscoped", "Workflow", /^157 Effect: Allow/],
  ["oidc-trust-without-audience", "Workflow", /^157 Effect: Allow/],
];

// What Terraform writes has one line.
const inPlan: readonly Place[] = [
  ["oidc-provider-unapproved", "aws_iam_openid_connect_provider.github", /^1 \{"address"/],
  ["admin-policy", "aws_iam_policy.everything", /^1 \{\\"Action\\":\\"\*\\".*\\"Sid\\":\\"All\\"\}$/],
  ["privileged-role-without-mfa", "aws_iam_policy.everything", /^1 \{\\"Action\\":\\"\*\\"/],
  ["policy-near-size-limit", "aws_iam_policy.long", /^1 .*bucket-1000/],
  ["role-without-boundary", "aws_iam_role.admin", /^1 \{"address":"aws_iam_role.admin"/],
  ["role-with-unapproved-boundary", "aws_iam_role.legacy", /^1 \{"address":"aws_iam_role.legacy"/],
  ["trust-open-to-anyone", "aws_iam_role.open", /^1 \{[^{]*\{\\"AWS\\":\\"\*\\"\},\\"Sid\\":\\"Anyone\\"\}$/],
  ["external-trust-without-external-id", "aws_iam_role.open", /^1 \{.*\\"Sid\\":\\"Vendor\\"\}$/],
  ["service-trust-confused-deputy", "aws_iam_role.open", /^1 \{.*\\"Sid\\":\\"Schedule\\"\}$/],
  ["role-without-boundary", "aws_iam_role.storage", /^1 \{"address"/],
  ["oidc-trust-unscoped", "aws_iam_role.workflow", /^1 \{"actions":\["sts:AssumeRoleWithWebIdentity"\]/],
  ["oidc-trust-without-audience", "aws_iam_role.workflow", /^1 \{"actions":\["sts:AssumeRoleWithWebIdentity"\]/],
  ["service-wide-policy", "aws_iam_role_policy.storage", /^1 \{\\"Action\\":\\"s3:\*\\"/],
  ["admin-policy", "aws_iam_user.alice", /^1 \{"address"/],
  ["policy-attached-to-user", "aws_iam_user.alice", /^1 \{"address"/],
  ["two-active-access-keys", "aws_iam_user.robot", /^1 \{"address"/],
  ["policy-attached-to-user", "aws_iam_user_policy.robot", /^1 /],
  ["assume-any-role", "aws_iam_user_policy.robot", /^1 \{\\"Action\\":\\"sts:AssumeRole\\"/],
  ["role-without-boundary", 'module.job["nightly"].aws_iam_role.this', /^1 \{"address"/],
  [
    "privilege-escalation-path",
    'module.job["nightly"].aws_iam_role_policy.this',
    /^1 \{"actions":\["iam:PassRole","lambda:CreateFunction","lambda:InvokeFunction"\].*"sid":"Pass"\}$/,
  ],
];

const keyOf = ([rule, address]: readonly [string, string, ...unknown[]]): string => `${rule} ${address}`;

describe.each([
  ["template", "flawed/template.yaml", inTemplate],
  // Of Terraform 1.11 and version 5.100 of its AWS provider, as it is.
  ["plan that Terraform wrote", "flawed/plan.tfshow", inPlan],
] as const)("a %s with every flaw that a file can have", (_, name, expected) => {
  const text = fixture(name);
  const report: LintReport = lintText(text, name, { settings, organization });

  it("has each found, and nothing else", () => {
    const found = report.findings.map(({ rule, address }) => keyOf([rule, address]));
    expect(found.toSorted()).toEqual(expected.map(keyOf).toSorted());
    expect([...report.problems, ...report.unread, ...report.unknown]).toEqual([]);
  });

  it.each(expected.map((place) => [keyOf(place), place] as const))("has %s at its place", (__, [rule, address, at]) => {
    const places = report.findings
      .filter((finding) => finding.rule === rule && finding.address === address)
      .map(({ location }) => `${location.line} ${pointedAt(text, location)}`);
    expect(places).toEqual([expect.stringMatching(at)]);
  });

  it("has a flaw of every control, but for those that no file tells anything of", () => {
    const seen = new Set(expected.map(([rule]) => rule));
    const all = stateControls.map(({ id }) => id);
    expect(all.filter((id) => !seen.has(id))).toEqual(Object.keys(noFile));
  });
});
