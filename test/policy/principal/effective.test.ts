import { describe, expect, test } from "vitest";
import { type Answer, everything, type On } from "../../../shared/policy/principal/answer.ts";
import { can } from "../../../shared/policy/principal/effective.ts";
import { type PrincipalLayers, principalContext, statementName } from "../../../shared/policy/principal/layers.ts";
import { allow, deny, policyOf, principal } from "../principals.ts";

const account = "111122223333";
const roles = `arn:aws:iam::${account}:role/*`;
const app = `arn:aws:iam::${account}:role/app`;
const odd = { Condition: { Odd: { key: "value" } } };
const mfa = { Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } };
const region = { Condition: { StringNotEquals: { "aws:RequestedRegion": "eu-west-1" } } };
const bob = { Condition: { ArnNotLike: { "aws:PrincipalArn": `arn:aws:iam::${account}:user/bob` } } };

const summary = ({ decision, takenAwayBy }: Answer) =>
  [decision, takenAwayBy?.layer, takenAwayBy?.node, takenAwayBy?.denial && "denied"].filter(Boolean).join(" ");

const every: On = { every: "arn:aws:s3:::bucket/*" };
const some: On = { some: "arn:aws:s3:::bucket/*" };

describe("can", () => {
  test.each<[string, PrincipalLayers, string, On, string]>([
    ["nothing", principal([]), "s3:GetObject", some, "no identity"],
    ["everything", principal([allow("*")]), "s3:GetObject", everything, "yes"],
    ["another action", principal([allow("s3:Put*")]), "s3:GetObject", every, "no identity"],
    ["the action in other case", principal([allow("S3:getobject")]), "s3:GetObject", everything, "yes"],
    ["a pattern of actions", principal([allow("s3:*")]), "s3:*", everything, "yes"],
    ["all but an empty name", principal([allow("s3:?*")]), "s3:*", everything, "yes"],
    ["a part of a pattern", principal([allow("s3:Get*")]), "s3:*", everything, "no identity"],
    ["every action", principal([allow("*:*")]), "*", everything, "yes"],
    ["NotAction of nothing asked", principal([{ NotAction: ["iam:*"] }]), "s3:*", everything, "yes"],
    ["NotAction of what is asked", principal([{ NotAction: ["s3:Get*"] }]), "s3:GetObject", every, "no identity"],
    ["NotAction of a part", principal([{ NotAction: ["s3:Get*"] }]), "s3:*", everything, "no identity"],
    ["a wider resource", principal([allow("s3:*", "arn:aws:s3:::b*")]), "s3:GetObject", every, "yes"],
    [
      "a narrower resource, on all",
      principal([allow("s3:*", "arn:aws:s3:::bucket/a")]),
      "s3:GetObject",
      every,
      "no identity",
    ],
    ["a narrower resource, on some", principal([allow("s3:*", "arn:aws:s3:::bucket/a")]), "s3:GetObject", some, "yes"],
    ["another resource", principal([allow("s3:*", "arn:aws:s3:::other/*")]), "s3:GetObject", some, "no identity"],
    [
      "NotResource of another",
      principal([{ Action: "*", NotResource: "arn:aws:s3:::other/*" }]),
      "s3:GetObject",
      every,
      "yes",
    ],
    [
      "NotResource of a part, on all",
      principal([{ Action: "*", NotResource: "arn:aws:s3:::bucket/a" }]),
      "s3:GetObject",
      every,
      "no identity",
    ],
    [
      "NotResource of a part, on some",
      principal([{ Action: "*", NotResource: "arn:aws:s3:::bucket/a" }]),
      "s3:GetObject",
      some,
      "yes",
    ],
    ["NotResource of all", principal([{ Action: "*", NotResource: "*" }]), "s3:GetObject", some, "no identity"],
    ["a condition", principal([{ ...allow("*"), ...mfa }]), "s3:GetObject", every, "conditional"],
    ["a condition on some", principal([{ ...allow("*"), ...mfa }]), "s3:GetObject", some, "conditional"],
    ["a condition beside none", principal([{ ...allow("*"), ...mfa }, allow("s3:*")]), "s3:GetObject", every, "yes"],
    ["an operator nobody knows", principal([{ ...allow("*"), ...odd }]), "s3:GetObject", every, "unknown"],
    ["an element nobody knows", principal([{ ...allow("*"), Odd: 1 }]), "s3:GetObject", some, "unknown"],
    [
      "an unknown beside a sure Allow",
      principal([{ ...allow("*"), ...odd }, allow("s3:*")]),
      "s3:GetObject",
      every,
      "yes",
    ],
    ["a deny of all", principal([allow("*"), deny("s3:Get*")]), "s3:GetObject", every, "no identity denied"],
    ["a deny of all, on some", principal([allow("*"), deny("s3:Get*")]), "s3:GetObject", some, "no identity denied"],
    [
      "a deny of where it is",
      principal([allow("*", "arn:aws:s3:::bucket/a"), deny("s3:*", "arn:aws:s3:::bucket/a")]),
      "s3:GetObject",
      some,
      "no identity denied",
    ],
    ["a deny of a part", principal([allow("*"), deny("s3:*", "arn:aws:s3:::bucket/a")]), "s3:GetObject", every, "yes"],
    ["a deny with a condition", principal([allow("*"), { ...deny("*"), ...region }]), "s3:GetObject", every, "yes"],
    ["a deny nobody can judge", principal([allow("*"), { ...deny("*"), ...odd }]), "s3:GetObject", every, "unknown"],
    [
      "a deny nobody can judge, of a part",
      principal([allow("*"), { ...deny("*", "arn:aws:s3:::bucket/a"), ...odd }]),
      "s3:GetObject",
      every,
      "yes",
    ],
    ["a boundary that allows it", principal([allow("*")], { boundary: [allow("s3:*")] }), "s3:GetObject", every, "yes"],
    [
      "a boundary without it",
      principal([allow("*")], { boundary: [allow("ec2:*")] }),
      "s3:GetObject",
      every,
      "no boundary",
    ],
    [
      "a boundary of a part, on all",
      principal([allow("*")], { boundary: [allow("s3:*", "arn:aws:s3:::bucket/a")] }),
      "s3:GetObject",
      every,
      "no boundary",
    ],
    [
      "a boundary of a part, on some",
      principal([allow("*")], { boundary: [allow("s3:*", "arn:aws:s3:::*/a")] }),
      "s3:GetObject",
      some,
      "yes",
    ],
    [
      "a boundary beside what is given",
      principal([allow("*", "arn:aws:s3:::bucket/a")], { boundary: [allow("*", "arn:aws:s3:::bucket/b")] }),
      "s3:GetObject",
      some,
      "no boundary",
    ],
    [
      "a boundary that crosses what is given",
      principal([allow("*", "arn:aws:s3:::*/a")], { boundary: [allow("*", "arn:aws:s3:::bucket/*")] }),
      "s3:GetObject",
      { some: "*" },
      "yes",
    ],
    [
      "a boundary with a condition",
      principal([allow("*")], { boundary: [{ ...allow("*"), ...mfa }] }),
      "s3:GetObject",
      every,
      "conditional",
    ],
    [
      "a node without it",
      principal([allow("*")], { nodes: [[allow("*")], [allow("ec2:*")]] }),
      "s3:GetObject",
      every,
      "no serviceControl node-1",
    ],
    [
      "a node that denies",
      principal([allow("*")], { nodes: [[allow("*"), deny("s3:*")], [allow("*")]] }),
      "s3:GetObject",
      some,
      "no serviceControl node-0 denied",
    ],
    [
      "a node without policies",
      { ...principal([allow("*")]), serviceControl: [{ node: "ou", policies: [] }] },
      "s3:GetObject",
      every,
      "no serviceControl ou",
    ],
    [
      "an unknown that a boundary decides",
      principal([{ ...allow("*"), ...odd }], { boundary: [allow("ec2:*")] }),
      "s3:GetObject",
      every,
      "no boundary",
    ],
    [
      "a variable, on all",
      principal([allow("s3:*", "arn:aws:s3:::bucket/${aws:username}")]),
      "s3:GetObject",
      every,
      "no identity",
    ],
    [
      "a variable, on some",
      principal([allow("s3:*", "arn:aws:s3:::bucket/${aws:username}")]),
      "s3:GetObject",
      some,
      "conditional",
    ],
    [
      "a variable that decides",
      principal([allow("s3:*", "arn:aws:s3:::${aws:username}/*")]),
      "s3:GetObject",
      every,
      "conditional",
    ],
    [
      "a deny with a variable",
      principal([allow("*"), deny("*", "arn:aws:s3:::${aws:username}/*")]),
      "s3:GetObject",
      every,
      "yes",
    ],
    [
      "a statement with a principal, which is a resource's",
      principal([{ ...allow("*"), Principal: "*" }]),
      "s3:GetObject",
      every,
      "no identity",
    ],
  ])("%s", (_, layers, action, on, expected) => {
    expect(summary(can(layers, action, on))).toBe(expected);
  });

  test("names the policy, the statement and where it gives it", () => {
    const layers: PrincipalLayers = {
      identity: [
        policyOf([allow("ec2:*")], { name: "one" }),
        policyOf([{ Sid: "Pass", ...allow("iam:PassRole", [app, "arn:aws:s3:::b"]), ...mfa }, allow("iam:*", roles)], {
          name: "two",
          kind: "group",
          via: "admins",
        }),
      ],
      serviceControl: [],
    };
    const { decision, grants } = can(layers, "iam:PassRole", { some: roles });
    expect(decision).toBe("yes");
    expect(
      grants.map((each) => [each.policy.name, each.policy.via, statementName(each), each.decision, each.resources]),
    ).toEqual([
      ["two", "admins", "Statement[1]", "yes", [roles]],
      ["two", "admins", "Pass", "conditional", [app]],
    ]);
  });

  test("tells the conditions that confine, and the denials that leave it", () => {
    const layers = principal([{ Sid: "Mfa", ...allow("*"), ...mfa }], {
      boundary: [allow("*"), { Sid: "Region", ...deny("*"), ...region }],
      nodes: [[allow("*"), { Sid: "Part", ...deny("s3:*", "arn:aws:s3:::bucket/a") }]],
    });
    const { decision, confinedBy, exceptions } = can(layers, "s3:GetObject", every);
    expect(decision).toBe("conditional");
    expect(confinedBy.map((each) => [each.layer, statementName(each), each.conditions, each.isPartial])).toEqual([
      ["identity", "Mfa", { Bool: { "aws:MultiFactorAuthPresent": ["true"] } }, false],
    ]);
    expect(exceptions.map((each) => [each.layer, each.node, statementName(each), each.isPartial])).toEqual([
      ["serviceControl", "node-0", "Part", true],
      ["boundary", undefined, "Region", false],
    ]);
  });

  test("what is excepted does not count", () => {
    const own = principal([allow("iam:*", `arn:aws:iam::${account}:user/\${aws:username}`)]);
    const users = `arn:aws:iam::${account}:user/*`;
    const me = `arn:aws:iam::${account}:user/bob`;
    const given = principalContext(me);
    expect(can(own, "iam:CreateAccessKey", { some: users }, given).decision).toBe("yes");
    expect(can(own, "iam:CreateAccessKey", { some: users, except: [me] }, given).decision).toBe("no");
    expect(can(principal([allow("iam:*")]), "iam:CreateAccessKey", { some: users, except: [me] }, given).decision).toBe(
      "yes",
    );
  });

  test.each([
    ["user/bob", "yes"],
    ["user/eve", "no identity denied"],
    ["role/bob", "no identity denied"],
  ])("conditions on who asks are decided: %s", (name, expected) => {
    const layers = principal([allow("*"), { ...deny("iam:*"), ...bob }]);
    const given = principalContext(`arn:aws:iam::${account}:${name}`);
    expect(summary(can(layers, "iam:CreateRole", everything, given))).toBe(expected);
    expect(can(layers, "iam:CreateRole", everything).exceptions).toHaveLength(1);
  });

  const never = { "aws:CurrentTime": "*.000Z" };
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["Bool on an account", { Bool: { "aws:PrincipalAccount": account } }, "yes"],
    ["Bool on a name", { "ForAnyValue:Bool": { "aws:PrincipalArn": app } }, "yes"],
    ["a number", { NumericEquals: { "aws:PrincipalAccount": account } }, "yes"],
    ["a date", { DateGreaterThan: { "aws:PrincipalAccount": "2001-01-01" } }, "yes"],
    ["binary", { BinaryEquals: { "aws:PrincipalType": "AssumedRole" } }, "yes"],
    ["a time as text", { StringLike: never }, "yes"],
    ["a time as text, negated", { StringNotLike: { "aws:EpochTime": "2" } }, "yes"],
    ["what is no flag", { Bool: { "aws:PrincipalIsAWSService": "no" } }, "yes"],
    ["a flag as one", { Bool: { "aws:PrincipalIsAWSService": "false" } }, "no identity denied"],
    ["a number of what is not there", { NumericEqualsIfExists: { "aws:username": "1" } }, "no identity denied"],
    ["whether it is there", { Null: { "aws:PrincipalAccount": "false" } }, "no identity denied"],
    ["a time as a date", { DateGreaterThan: { "aws:CurrentTime": "2001-01-01" } }, "no identity denied"],
    ["a time as a number", { NumericGreaterThan: { "aws:EpochTime": "1" } }, "no identity denied"],
  ])("a denial decides only by an operator of the key's own type: %s", (_, Condition, expected) => {
    const layers = principal([allow("*"), { ...deny("*"), Condition }]);
    const given = new Map([...principalContext(app), ["aws:currenttime", ["2026-11-02T08:00:00.000Z"]] as const]);
    expect(summary(can(layers, "iam:CreateRole", everything, given))).toBe(expected);
  });

  test("a role's sessions have no user name", () => {
    const layers = principal([allow("s3:*", "arn:aws:s3:::${aws:username}")]);
    expect(can(layers, "s3:GetObject", { some: "*" }, principalContext(app)).decision).toBe("no");
    expect(can(layers, "s3:GetObject", { some: "*" }).decision).toBe("conditional");
  });
});
