import { describe, expect, test } from "vitest";
import { administration, serviceWideGrants } from "../../../shared/policy/principal/administrator.ts";
import { type PrincipalLayers, principalContext, statementName } from "../../../shared/policy/principal/layers.ts";
import { allow, deny, policyOf, principal } from "../principals.ts";

const arn = "arn:aws:iam::111122223333:role/app";
const given = principalContext(arn);
const mfa = { Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } };
const abroad = { Condition: { StringNotEquals: { "aws:RequestedRegion": "eu-west-1" } } };
const odd = { Condition: { Odd: { key: "value" } } };
// As AWS has them, but for what they allow of reading.
const powerUser = [
  { NotAction: ["iam:*", "organizations:*", "account:*"] },
  allow(["account:GetAccountInformation", "iam:CreateServiceLinkedRole", "iam:ListRoles", "organizations:Describe*"]),
];
const grantsAll = ["iam:Attach*Policy", "iam:Put*Policy", "iam:CreatePolicyVersion", "iam:UpdateAssumeRolePolicy"];

describe("administration", () => {
  test.each<[string, PrincipalLayers, string]>([
    ["nothing", principal([]), "no identity"],
    ["everything", principal([allow("*")]), "yes"],
    ["everything, in other spelling", principal([allow(["ec2:*", "*:*"])]), "yes"],
    ["everything, on resources with an ARN", principal([allow("*", "arn:aws:*")]), "yes"],
    ["NotAction of nothing", principal([{ NotAction: [] }]), "yes"],
    ["NotAction of a little", principal([{ NotAction: ["aws-portal:*", "iam:CreateUser"] }]), "yes"],
    ["NotAction of a little of every service", principal([{ NotAction: ["*:DeleteNothing"] }]), "yes"],
    ["NotAction of all ways to grant", principal([{ NotAction: ["*:*Policy*"] }]), "no identity"],
    ["NotAction of a service that there is not", principal([{ NotAction: ["iam-warden-example:*"] }]), "yes"],
    [
      "every service by its first letters",
      principal([allow([..."abcdefghijklmnopqrstuvwxyz"].map((a) => `${a}*`))]),
      "yes",
    ],
    ["NotResource of a bucket", principal([{ Action: "*", NotResource: "arn:aws:s3:::logs/*" }]), "yes"],
    ["NotResource of IAM", principal([{ Action: "*", NotResource: "arn:aws:iam::*:*" }]), "no identity"],
    ["all of one bucket", principal([allow("*", "arn:aws:s3:::logs/*")]), "no identity"],
    ["many services", principal([allow(["iam:*", "s3:*", "ec2:*"])]), "no identity"],
    ["a power user", principal(powerUser), "no identity"],
    ["a power user with all of IAM", principal([...powerUser, allow("iam:*")]), "yes"],
    ["with MFA", principal([{ ...allow("*"), ...mfa }]), "conditional"],
    ["with MFA, and without", principal([{ ...allow("*"), ...mfa }, allow("*")]), "yes"],
    ["an operator that nobody knows", principal([{ ...allow("*"), ...odd }]), "unknown"],
    ["a narrow Deny", principal([allow("*"), deny(["aws-portal:*", "organizations:LeaveOrganization"])]), "yes"],
    ["a Deny of a service", principal([allow("*"), deny("s3:*")]), "yes"],
    ["a Deny by Region", principal([allow("*"), { ...deny("*"), ...abroad }]), "yes"],
    ["a Deny of new users", principal([allow("*"), deny(["iam:CreateUser", "iam:CreateAccessKey"])]), "yes"],
    ["a Deny of a few roles", principal([allow("*"), deny("iam:*", "arn:aws:iam::*:role/admin-*")]), "yes"],
    ["a Deny of all of IAM", principal([allow("*"), deny("iam:*")]), "no identity denied"],
    [
      "a Deny of IAM in the account",
      principal([allow("*"), deny("iam:*", "arn:aws:iam::111122223333:*")]),
      "no identity denied",
    ],
    ["a Deny of every way to grant", principal([allow("*"), deny(grantsAll)]), "no identity denied"],
    ["a Deny of all ways but one", principal([allow("*"), deny(grantsAll.slice(1))]), "yes"],
    ["a Deny that nobody can judge", principal([allow("*"), { ...deny("*"), ...odd }]), "unknown"],
    ["a boundary of everything", principal([allow("*")], { boundary: [allow("*")] }), "yes"],
    ["a boundary with IAM", principal([allow("*")], { boundary: [allow(["iam:*", "s3:*"])] }), "yes"],
    ["a boundary without IAM", principal([allow("*")], { boundary: [allow(["ec2:*", "s3:*"])] }), "no boundary"],
    ["a boundary that reads IAM", principal([allow("*")], { boundary: [allow(["*:Get*", "*:List*"])] }), "no boundary"],
    [
      "a boundary that denies IAM",
      principal([allow("*")], { boundary: [allow("*"), deny("iam:*")] }),
      "no boundary denied",
    ],
    ["a boundary with a condition", principal([allow("*")], { boundary: [{ ...allow("*"), ...mfa }] }), "conditional"],
    [
      "an SCP without IAM",
      principal([allow("*")], { nodes: [[allow("*")], [{ NotAction: ["iam:*"] }]] }),
      "no serviceControl",
    ],
    ["an SCP by Region", principal([allow("*")], { nodes: [[allow("*"), { ...deny("*"), ...abroad }]] }), "yes"],
  ])("%s", (_, layers, expected) => {
    const { decision, takenAwayBy } = administration(layers, given);
    expect([decision, takenAwayBy?.layer, takenAwayBy?.denial && "denied"].filter(Boolean).join(" ")).toBe(expected);
  });

  test("names the statements that give it, and what is excepted", () => {
    const layers: PrincipalLayers = {
      identity: [
        policyOf([allow("s3:*")], { name: "buckets" }),
        policyOf([{ Sid: "All", ...allow("*") }], { name: "AdministratorAccess", kind: "managed" }),
        policyOf([{ Sid: "Region", ...deny("*"), ...abroad }], { name: "region" }),
      ],
      serviceControl: [],
    };
    const { grants, exceptions } = administration(layers, given);
    expect(grants.map((each) => [each.policy.name, statementName(each)])).toEqual([["AdministratorAccess", "All"]]);
    expect(exceptions.map(statementName)).toEqual(["Region"]);
  });
});

describe("serviceWideGrants", () => {
  const found = (layers: PrincipalLayers) =>
    serviceWideGrants(layers, given).map(({ actions, decision }) => `${actions} ${decision}`);

  test.each<[string, PrincipalLayers, readonly string[]]>([
    [
      "two services, and a part of a third",
      principal([allow(["s3:*", "EC2:**", "iam:Get*"])]),
      ["s3:* yes", "ec2:* yes"],
    ],
    ["all actions with a name", principal([allow("s3:?*")]), ["s3:* yes"]],
    ["services that begin alike", principal([allow(["s3*", "elastic*:*"])]), ["s3*:* yes", "elastic*:* yes"]],
    ["on a bucket", principal([allow("s3:*", "arn:aws:s3:::logs/*")]), []],
    ["with a condition", principal([{ ...allow("s3:*"), ...mfa }]), ["s3:* conditional"]],
    ["everything", principal([allow("*")]), ["* yes"]],
    ["everything but IAM", principal([{ NotAction: "iam:*" }]), ["* yes"]],
    [
      "everything within a boundary",
      principal([allow("*")], { boundary: [allow(["s3:*", "ec2:Get*"])] }),
      ["s3:* yes"],
    ],
    [
      "what a boundary does not hold",
      principal([allow(["s3:*", "ec2:*"])], { boundary: [allow("s3:*")] }),
      ["s3:* yes"],
    ],
    [
      "what an SCP denies",
      principal([allow(["s3:*", "ec2:*"])], { nodes: [[allow("*"), deny("ec2:*")]] }),
      ["s3:* yes"],
    ],
  ])("%s", (_, layers, expected) => {
    expect(found(layers)).toEqual(expected);
  });

  test("name the policy that gives each", () => {
    const identity = [policyOf([allow("s3:*")], { name: "buckets", kind: "group", via: "staff" })];
    const [grant] = serviceWideGrants({ identity, serviceControl: [] });
    expect(grant?.answer.grants.map(({ policy }) => [policy.name, policy.via])).toEqual([["buckets", "staff"]]);
  });
});
