import { describe, expect, it } from "vitest";
import type { LintReport } from "../../shared/lint/report.ts";
import { lambdaTrust, lintValue, places } from "./linting.ts";

// What a template leaves to its deployment, or to a macro.

const allowing = (Action: unknown, more: object = {}) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource: "*", ...more }],
});
const role = (over: object = {}) => ({
  Type: "AWS::IAM::Role",
  Properties: { AssumeRolePolicyDocument: lambdaTrust, ...over },
});
const inline = (PolicyDocument: unknown) => ({ Policies: [{ PolicyName: "p", PolicyDocument }] });
const choice = (yes: unknown, no: unknown) => ({ "Fn::If": ["IsProduction", yes, no] });
const none = { Ref: "AWS::NoValue" };

const lintRole = (over: object): LintReport =>
  lintValue({
    Parameters: { Stage: { Type: "String" } },
    Conditions: { IsProduction: { "Fn::Equals": [{ Ref: "Stage" }, "production"] } },
    Resources: { R: role(over) },
  });
const found = ({ findings }: LintReport) =>
  findings.map(({ rule }) => rule).filter((rule) => rule !== "role-without-boundary");
const open = ({ unknown }: LintReport) => unknown.map(({ control }) => control);

describe("of a choice that nobody can make yet", () => {
  const everything = { PolicyName: "p", PolicyDocument: allowing("*") };
  const anyone = { Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" };
  it.each<[string, object, string]>([
    ["a list of policies", { Policies: choice([], [everything]) }, "admin-policy"],
    ["a list of policies or none", { Policies: choice([everything], none) }, "admin-policy"],
    [
      "a list of ARNs or none",
      { ManagedPolicyArns: choice(none, ["arn:aws:iam::aws:policy/AdministratorAccess"]) },
      "admin-policy",
    ],
    [
      "a list of statements",
      { AssumeRolePolicyDocument: { ...lambdaTrust, Statement: choice(lambdaTrust.Statement, [anyone]) } },
      "trust-open-to-anyone",
    ],
    ["an action", inline(allowing(choice("s3:GetObject", "*"))), "admin-policy"],
    ["an action or a list of them", inline(allowing(choice(["s3:GetObject", "s3:PutObject"], "*"))), "admin-policy"],
    ["a resource", inline(allowing("*", { Resource: choice("arn:aws:s3:::b", "*") })), "admin-policy"],
    [
      "whom a role trusts",
      {
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [{ ...anyone, Principal: { AWS: choice("arn:aws:iam::111122223333:role/a", "*") } }],
        },
      },
      "trust-open-to-anyone",
    ],
  ])("both sides of %s are judged", (_, over, rule) => {
    const report = lintRole(over);
    expect(report.problems).toEqual([]);
    expect(found(report)).toEqual([rule]);
  });

  it("a denial does not count with what both sides deny", () => {
    const denied = { Effect: "Deny", Action: choice("iam:*", "s3:*"), Resource: "*" };
    const report = lintRole(inline({ Version: "2012-10-17", Statement: [...allowing("iam:*").Statement, denied] }));
    expect(found(report)).toEqual([]);
    expect(open(report)).toContain("privilege-escalation-path");
  });

  const denying = (more: object) => ({ Effect: "Deny", Action: "iam:*", Resource: "*", ...more });
  it.each<[string, unknown]>([
    ["lists of what it denies", denying({ Action: choice(["iam:*"], ["s3:*"]) })],
    ["an item of what it denies", denying({ Action: ["s3:*", choice("iam:*", none)] })],
    ["a list within a choice of what it denies", denying({ Action: choice([choice("iam:*", none)], ["s3:*"]) })],
    [
      "lists of what is left out",
      { ...allowing("*").Statement[0], Action: undefined, NotAction: choice(["iam:*"], []) },
    ],
  ])("%s, of which only one side would deny, leaves it open", (_, statement) => {
    const report = lintRole(inline({ Version: "2012-10-17", Statement: [...allowing("iam:*").Statement, statement] }));
    expect(found(report)).toEqual([]);
    expect(open(report)).toContain("privilege-escalation-path");
  });

  const denial = denying({});
  it.each<[string, unknown]>([
    ["in a list", [...allowing("*").Statement, choice(denial, none)]],
    ["in one of two lists", choice([...allowing("*").Statement, denial], allowing("*").Statement)],
  ])("a denial that one side has %s takes nothing away", (_, Statement) => {
    expect(found(lintRole(inline({ Version: "2012-10-17", Statement })))).toEqual(["admin-policy"]);
  });

  it("a denial that both sides have counts", () => {
    const Statement = choice([...allowing("iam:*").Statement, denial], [denial]);
    expect(found(lintRole(inline({ Version: "2012-10-17", Statement })))).toEqual([]);
  });

  it("whom a denial names on one side only is trusted", () => {
    const denied = { ...anyone, Effect: "Deny", Principal: { AWS: choice("*", "arn:aws:iam::111122223333:role/a") } };
    const trust = { Version: "2012-10-17", Statement: [anyone, denied] };
    expect(found(lintRole({ AssumeRolePolicyDocument: trust }))).toEqual(["trust-open-to-anyone"]);
  });

  it.each<[string, object]>([
    ["a condition", { Condition: choice({ Bool: { "aws:MultiFactorAuthPresent": "true" } }, none) }],
    ["an operator's keys", { Condition: { StringEquals: choice({ "aws:PrincipalTag/a": "b" }, none) } }],
    ["an effect", { Effect: choice("Allow", "Deny") }],
    ["all but some actions", { Action: undefined, NotAction: choice("iam:*", "s3:*") }],
  ])("%s leaves open what the policy allows, and is no mistake", (_, more) => {
    const report = lintRole(inline(allowing("*", more)));
    expect(found(report)).toEqual([]);
    expect(open(report)).toContain("admin-policy");
  });

  it("a name does not make two principals one", () => {
    const user = (name: string, more: object = {}) => ({
      Type: "AWS::IAM::User",
      Properties: { UserName: choice(name, none), ...more },
    });
    const report = lintValue({
      Parameters: { Stage: { Type: "String" } },
      Conditions: { IsProduction: { "Fn::Equals": [{ Ref: "Stage" }, "production"] } },
      Resources: { A: user("a", inline(allowing("*"))), B: user("b", inline(allowing("*"))) },
    });
    expect(report.findings.filter(({ rule }) => rule === "admin-policy").map(({ subject }) => subject?.name)).toEqual([
      "«A.UserName»",
      "«B.UserName»",
    ]);
  });
});

it("tells of an action that nobody knows yet, and judges what is sure", () => {
  const document = {
    Version: "2012-10-17",
    Statement: [...allowing({ Ref: "Stage" }).Statement, ...allowing("*").Statement],
  };
  const report = lintRole(inline(document));
  expect(found(report)).toEqual(["admin-policy"]);
  expect(report.unread.map(({ address, reason }) => [address, reason])).toEqual([
    ["R", "Statement[0] allows «Stage», an action that is not known before it is deployed"],
  ]);
});

it("tells of embedded policies that nobody knows yet", () => {
  const report = lintRole({ Policies: { "Fn::Transform": { Name: "AWS::Include", Parameters: {} } } });
  expect(report.problems).toEqual([]);
  expect(open(report)).toContain("admin-policy");
});

describe("a template with a macro", () => {
  const resources = {
    R: role(
      inline(
        allowing("lambda:InvokeFunction", {
          Resource: { "Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${ServerlessRestApi}/*" },
        }),
      ),
    ),
    P: {
      Type: "AWS::IAM::Policy",
      Properties: {
        PolicyName: "p",
        Roles: [{ Ref: "FunctionRole" }],
        PolicyDocument: allowing("sts:AssumeRole", { Resource: { "Fn::GetAtt": ["FunctionRole", "Arn"] } }),
      },
    },
  };

  it.each<[string, object, object]>([
    ["SAM", { Transform: "AWS::Serverless-2016-10-31" }, {}],
    ["a loop", {}, { "Fn::ForEach::Roles": ["Name", ["a"], { "R${Name}": role() }] }],
  ])("may name what %s makes", (_, more, others) => {
    const report = lintValue({ ...more, Resources: { ...resources, ...others } });
    expect(report.problems).toEqual([]);
    expect(places(report)).toEqual([expect.stringMatching(/role-without-boundary medium R$/)]);
  });

  it("may not where it has none", () => {
    expect(lintValue({ Resources: resources }).problems).toHaveLength(2);
  });
});

it("takes a dynamic reference for what it will be, not for its text", () => {
  const boundary = "{{resolve:ssm:/team/boundary}}";
  const joined = { "Fn::Join": ["", ["{{resolve:ssm:", "/team/boundary", "}}"]] };
  const substituted = { "Fn::Sub": ["{{resolve:ssm:/${Team}/boundary}}", { Team: "team" }] };
  const whole = { "Fn::Sub": ["{{resolve:ssm:${Path}}}", { Path: "/team/boundary" }] };
  for (const PermissionsBoundary of [
    boundary,
    { "Fn::Sub": `\${AWS::Partition}${boundary}` },
    joined,
    substituted,
    whole,
  ]) {
    const report = lintRole({ PermissionsBoundary });
    expect(report.findings).toEqual([]);
    expect(report.unknown.map(({ reason }) => reason)).toContainEqual(
      expect.stringMatching(/«resolve ssm \/team\/boundary» is not known before it is deployed$/),
    );
  }
});
