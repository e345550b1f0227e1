import { describe, expect, it } from "vitest";
import { lambdaTrust, lintValue } from "./linting.ts";

// What a file says of managed policies whose text it does not have.

const allowing = (Action: string) => ({
  Policies: [
    {
      PolicyName: "p",
      PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] },
    },
  ],
});
const lintRole = (over: object) => {
  const Properties = { AssumeRolePolicyDocument: lambdaTrust, ...over };
  const { findings, unknown } = lintValue({ Resources: { R: { Type: "AWS::IAM::Role", Properties } } });
  return {
    found: findings.map(({ rule }) => rule).filter((rule) => rule !== "role-without-boundary"),
    open: unknown.map(({ control, reason }) => [control, reason]),
  };
};
const ofAws = (name: string) => `arn:aws:iam::aws:policy/${name}`;
const ofAccount = "arn:aws:iam::111122223333:policy/team";
const notThere = "a managed policy that is not in the file: nobody can tell before it is deployed";
const isAdministrator = "Role app-R is an administrator: inline policy p (Statement[0]) allows it everything.";

describe("one of AWS's own beside others", () => {
  it.each(["service-role/AWSLambdaBasicExecutionRole", "ReadOnlyAccess"])("%s takes nothing away", (name) => {
    expect(lintRole({ ...allowing("*"), ManagedPolicyArns: [ofAws(name)] })).toEqual({
      found: ["admin-policy"],
      open: [],
    });
    expect(lintRole({ ManagedPolicyArns: [ofAws(name), ofAws("AdministratorAccess")] }).found).toEqual([
      "admin-policy",
    ]);
    expect(lintRole({ ManagedPolicyArns: [ofAws(name)] })).toEqual({ found: [], open: [] });
  });

  it("IAMFullAccess is a way to whatever there is", () => {
    expect(lintRole({ ManagedPolicyArns: [ofAws("IAMFullAccess")] }).found).toContain("privilege-escalation-path");
  });
});

describe("one that may deny", () => {
  it.each([ofAccount, ofAws("AWSDenyAll"), ofAws("AWSCompromisedKeyQuarantineV3")])(
    "%s leaves what others allow uncertain: that is told, and nothing else",
    (arn) => {
      expect(lintRole({ ...allowing("*"), ManagedPolicyArns: [arn] })).toEqual({
        found: [],
        open: [["admin-policy", `${isAdministrator} Not certain: a policy could not be read: ${notThere}`]],
      });
      expect(lintRole({ ...allowing("s3:GetObject"), ManagedPolicyArns: [arn] })).toEqual({ found: [], open: [] });
    },
  );
});

describe("one that only a deployment knows", () => {
  it.each([
    ["as a whole", { "Fn::ImportValue": "policy" }],
    ["by name", { "Fn::Sub": [ofAws("${Name}"), { Name: { "Fn::ImportValue": "name" } }] }],
  ])("%s leaves what the role may do open", (_, arn) => {
    const { found, open } = lintRole({ ManagedPolicyArns: [arn] });
    expect(found).toEqual([]);
    expect(open).toContainEqual(["admin-policy", expect.stringMatching(/is not known before it is deployed$/)]);
  });
});

describe("a boundary", () => {
  it.each([ofAccount, ofAws("ReadOnlyAccess")])(
    "%s leaves what policies allow uncertain: that is told, and nothing else",
    (PermissionsBoundary) => {
      expect(lintRole({ ...allowing("*"), PermissionsBoundary })).toEqual({
        found: [],
        open: [["admin-policy", `${isAdministrator} Not certain: what limits it could not be read: ${notThere}`]],
      });
      expect(lintRole({ ...allowing("s3:GetObject"), PermissionsBoundary })).toEqual({ found: [], open: [] });
    },
  );

  it("that limits nothing takes nothing away", () => {
    expect(lintRole({ ...allowing("*"), PermissionsBoundary: ofAws("AdministratorAccess") }).found).toEqual([
      "admin-policy",
    ]);
  });
});
