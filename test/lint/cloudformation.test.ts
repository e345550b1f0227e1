import { describe, expect, it } from "vitest";
import type { LintRequest } from "../../shared/lint/lint.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { fixture, lambdaTrust, lintText, lintValue, places, pointedAt } from "./linting.ts";

const text = fixture("bad.template.yaml");
const bad = lintText(text, "bad.template.yaml");

const role = (properties: object = {}) => ({
  Type: "AWS::IAM::Role",
  Properties: { AssumeRolePolicyDocument: lambdaTrust, ...properties },
});
const statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const policyOf = (...Statement: readonly unknown[]) => ({ Version: "2012-10-17", Statement });

describe("a bad template", () => {
  it("has each flaw found at its line", () => {
    expect(places(bad)).toEqual(
      expect.arrayContaining([
        "14:3 role-without-boundary medium App",
        "27:13 policy-version medium App",
        "53:13 malformed-policy high Typo",
        "56:13 malformed-policy high Typo",
        "59:3 two-active-access-keys low Alice",
        "88:13 trust-open-to-anyone critical Open",
        "91:13 oidc-trust-unscoped critical Open",
        "107:20 unknown-action medium Misspelt",
      ]),
    );
    expect(places(bad).filter((place) => place.includes("boundary"))).toHaveLength(1);
  });

  it("is told what only its deployment makes of it, with what is missing", () => {
    expect(bad.unknown).toContainEqual(
      expect.objectContaining({
        control: "role-without-boundary",
        address: "Bounded",
        reason: "«TeamBoundary» is not known before it is deployed",
      }),
    );
    expect(bad.unread).toEqual([
      expect.objectContaining({ address: "Function", reason: expect.stringMatching(/sam build/) }),
    ]);
  });

  it("is told what its deployment would fail on, and is judged all the same", () => {
    const message = "Nowhere (AWS::IAM::Policy): Ref names Missing, which is neither parameter nor resource";
    expect(bad.problems).toEqual([{ file: "bad.template.yaml", line: 67, column: 3, message }]);
  });

  it("has findings that point at what they are about", () => {
    const found = bad.findings.find(({ rule }) => rule === "policy-version");
    expect(found && pointedAt(text, found.location)).toMatch(/^Version: 2008-10-17\n[\s\S]*s3:::\$\{Bucket\}/);
  });

  it("takes values for its parameters", () => {
    const parameters = { TeamBoundary: "arn:aws:iam::111122223333:policy/team", Stage: "production" };
    const { unknown, findings, problems } = lintText(text, "bad.template.yaml", { parameters });
    expect(unknown.map(({ control }) => control)).not.toContain("role-without-boundary");
    expect(findings.map(({ address }) => address)).toContain("OnlyInProduction");
    expect(problems).toHaveLength(1);
  });
});

describe("a role's boundary", () => {
  const boundaries = (boundary: unknown, more: object = {}, over?: Partial<LintRequest>) => {
    const Resources = { R: role(boundary === undefined ? {} : { PermissionsBoundary: boundary }) };
    const report = lintValue({ Resources, ...more }, over);
    const of = (rules: readonly string[]) => rules.filter((rule) => rule.includes("boundary"));
    return {
      found: of(report.findings.map(({ rule }) => rule)),
      open: of(report.unknown.map(({ control }) => control)),
      problems: report.problems,
    };
  };
  const choice = { "Fn::If": ["C", "arn:aws:iam::111122223333:policy/b", { Ref: "AWS::NoValue" }] };
  const on = (value: unknown) => ({
    Parameters: { P: { Type: "String" } },
    Conditions: { C: { "Fn::Equals": [value, "yes"] } },
  });

  it.each<[string, unknown, object, { found: string[]; open: string[] }]>([
    ["there is none", undefined, {}, { found: ["role-without-boundary"], open: [] }],
    ["it is a literal", "arn:aws:iam::aws:policy/ReadOnlyAccess", {}, { found: [], open: [] }],
    ["a condition gives it", choice, on("yes"), { found: [], open: [] }],
    ["a condition takes it", choice, on("no"), { found: ["role-without-boundary"], open: [] }],
    ["a parameter decides", choice, on({ Ref: "P" }), { found: [], open: ["role-without-boundary"] }],
    ["another stack exports it", { "Fn::ImportValue": "b" }, {}, { found: [], open: ["role-without-boundary"] }],
  ])("is judged where %s", (_, boundary, more, expected) => {
    expect(boundaries(boundary, more)).toEqual({ ...expected, problems: [] });
  });

  it("is compared with the approved ones by the ARN that the template gives its policy", () => {
    const settings = parseSettings(
      "version: 1\ncontrols: { role-with-unapproved-boundary: { options: { approvedBoundaries: [team] } } }\n",
      "settings",
    );
    const policy = (name: string) => ({
      Resources: {
        R: role({ PermissionsBoundary: { Ref: "B" } }),
        B: {
          Type: "AWS::IAM::ManagedPolicy",
          Properties: { ManagedPolicyName: name, Path: "/x/", PolicyDocument: policyOf(statement) },
        },
      },
    });
    expect(places(lintValue(policy("team"), { settings }))).toEqual([]);
    expect(places(lintValue(policy("other"), { settings }))).toEqual([
      expect.stringMatching(/role-with-unapproved-boundary medium R$/),
    ]);
  });
});

it("judges a template whose ARNs are none", () => {
  for (const arn of ["arn::iam::111122223333:policy/x", "ReadOnlyAccess", "", "/"]) {
    const { problems } = lintValue({ Resources: { R: role({ PermissionsBoundary: arn, ManagedPolicyArns: [arn] }) } });
    expect(problems).toEqual([]);
  }
});

describe("policies that resources of their own attach", () => {
  it("count with those that are embedded, by the name that a role has", () => {
    const many = policyOf({
      ...statement,
      Resource: Array.from({ length: 200 }, (_, n) => `arn:aws:s3:::bucket-${n}/*`),
    });
    const separate = (Type: string, of: object) => ({
      Type,
      Properties: { PolicyName: "p", PolicyDocument: many, ...of },
    });
    const report = lintValue({
      Resources: {
        R: role({
          RoleName: "r",
          PermissionsBoundary: "arn:aws:iam::aws:policy/ReadOnlyAccess",
          Policies: [{ PolicyName: "own", PolicyDocument: many }],
        }),
        P: separate("AWS::IAM::Policy", { Roles: [{ Ref: "R" }] }),
        Q: separate("AWS::IAM::RolePolicy", { RoleName: "r" }),
      },
    });
    expect(report.findings.map(({ rule, address, reason }) => [rule, address, reason])).toEqual([
      [
        "policy-near-size-limit",
        "R",
        expect.stringMatching(/ its inline policies have 1\d,\d{3} of 10,240 characters\.$/),
      ],
      [
        "policy-size",
        "R",
        expect.stringMatching(/^The 3 inline policies have 1\d,\d{3} characters, .* a role may have 10,240 in all\.$/),
      ],
    ]);
  });
});

describe("what is no template's", () => {
  const cases: Record<string, [resource: unknown, message: RegExp]> = {
    "a resource without a type": [{ Properties: {} }, /^resource R needs a Type$/],
    "properties that are a list": [{ Type: "AWS::IAM::Role", Properties: [] }, /Properties must be an object/],
    "a role without a trust policy": [
      { Type: "AWS::IAM::Role" },
      /^R \(AWS::IAM::Role\): AssumeRolePolicyDocument is missing$/,
    ],
    "policies that are a text": [role({ Policies: "x" }), /Policies must be a list of objects/],
    "a trust policy that is a text, and no JSON": [
      role({ AssumeRolePolicyDocument: "{" }),
      /where a key in quotes belongs/,
    ],
    "a role named by itself": [role({ RoleName: { "Fn::Sub": "${R}" } }), /R is named by R: none can be first/],
    "arguments that a function does not take": [
      role({ Path: { "Fn::Join": ["/"] } }),
      /Fn::Join does not take its argument/,
    ],
  };
  it.each(Object.entries(cases))("is told: %s", (_, [resource, message]) => {
    const { problems } = lintValue({ Resources: { R: resource } });
    expect(problems).toEqual([
      {
        file: "app.template.json",
        line: expect.any(Number),
        column: expect.any(Number),
        message: expect.stringMatching(message),
      },
    ]);
  });

  it("is told of conditions that depend on themselves", () => {
    const { problems } = lintValue({
      Conditions: { C: { "Fn::Not": [{ Condition: "C" }] } },
      Resources: { R: { ...role(), Condition: "C" } },
    });
    expect(problems.map(({ message }) => message)).toEqual(["R (AWS::IAM::Role): condition C depends on itself"]);
  });
});

it("tells of resources that a loop makes, which it does not read", () => {
  const { unread, problems } = lintValue({
    Resources: { "Fn::ForEach::Roles": ["Name", ["a"], { "R${Name}": role() }] },
  });
  expect(problems).toEqual([]);
  expect(unread).toEqual([
    expect.objectContaining({
      address: "Fn::ForEach::Roles",
      reason: expect.stringMatching(/is not expanded; lint the processed template/),
    }),
  ]);
});

it("reads the template of a stack set within a template, as of accounts of its own", () => {
  const inner = JSON.stringify({ Resources: { R: role() } });
  const value = {
    Resources: {
      R: role({ RoleName: "stacks-R" }),
      S: { Type: "AWS::CloudFormation::StackSet", Properties: { StackSetName: "stacks", TemplateBody: inner } },
    },
  };
  const report = lintValue(value);
  expect(report.findings.map(({ address, subject }) => [address, subject?.name])).toEqual([
    ["R", "stacks-R"],
    ["S/R", "stacks-R"],
  ]);
  const [, second] = report.findings;
  expect(second && pointedAt(JSON.stringify(value, null, 2), second.location)).toMatch(
    /^\\"R\\":\{\\"Type\\":\\"AWS::IAM::Role\\"/,
  );
});

it.each([
  ["AWS::IAM::OIDCProvider", "ClientIdList"],
  ["Custom::AWSCDKOpenIdConnectProvider", "ClientIDList"],
])("reads an OIDC provider as %s, and whose tokens a role takes by it", (Type, clientIds) => {
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Federated: { Ref: "P" } }, Action: "sts:AssumeRoleWithWebIdentity" }],
  };
  const Properties = { Url: "https://token.actions.githubusercontent.com", [clientIds]: ["sts.amazonaws.com"] };
  const Resources = { P: { Type, Properties }, R: role({ AssumeRolePolicyDocument: trust }) };
  const { findings, unknown } = lintValue({ Resources });
  expect(findings.map(({ rule }) => rule)).toContain("oidc-trust-unscoped");
  expect(unknown).toEqual([]);
});
