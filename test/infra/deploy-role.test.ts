import { describe, expect, it } from "vitest";
import * as z from "zod";
import { DeployRoleStack } from "../../infra/deploy-role-stack.ts";
import { deployed, resourcesOf, templateOf } from "./templates.ts";

const template = templateOf((app) => new DeployRoleStack(app, "deploy-role"));
const accountId = "999999999999";
const hub = { accountId, region: "eu-west-1" };
const acme = { Owner: "acme", Repository: "warden" };
const existing = `arn:aws:iam::${accountId}:oidc-provider/token.actions.githubusercontent.com`;
const roleSchema = z.object({
  AssumeRolePolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.string(),
        Action: z.string(),
        Principal: z.unknown(),
        Condition: z.record(z.string(), z.unknown()),
      }),
    ),
  }),
  PermissionsBoundary: z.string(),
  MaxSessionDuration: z.number(),
  Policies: z.array(z.object({ PolicyDocument: z.unknown() })),
});
const made = (parameters: Record<string, string>, partition = "aws") => {
  const resources = deployed(template, { ...hub, partition, parameters });
  const ofType = (type: string) => resources.filter((one) => one.type === type);
  const [role] = ofType("AWS::IAM::Role");
  return { role: roleSchema.parse(role?.properties), ofType };
};
const trust = (parameters: Record<string, string>) => made(parameters).role.AssumeRolePolicyDocument.Statement;

describe("the deploying role", () => {
  it("is trusted in one repository's one environment, by tokens for AWS alone, with nothing left open", () => {
    expect(trust(acme)).toEqual([
      {
        Effect: "Allow",
        Action: "sts:AssumeRoleWithWebIdentity",
        Principal: { Federated: "«Provider»" },
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": ["repo:acme/warden:environment:iam-warden"],
          },
        },
      },
    ]);
  });

  it("is trusted by the immutable subject too, where the ids are known, and on a branch instead", () => {
    const [statement] = trust({ ...acme, OwnerId: "123", RepositoryId: "456", DeploysFrom: "ref:refs/heads/main" });
    expect(statement?.Condition).toMatchObject({
      StringEquals: {
        "token.actions.githubusercontent.com:sub": [
          "repo:acme/warden:ref:refs/heads/main",
          "repo:acme@123/warden@456:ref:refs/heads/main",
        ],
      },
    });
  });

  it("is not made where only one of the ids is given", () => {
    const isEmpty = (Ref: string) => ({ "Fn::Equals": [{ Ref }, ""] });
    const both = [isEmpty("OwnerId"), isEmpty("RepositoryId")];
    const { BothIdsOrNeither } = template.toJSON().Rules;
    expect(BothIdsOrNeither.Assertions).toMatchObject([
      { Assert: { "Fn::Or": [{ "Fn::And": both }, { "Fn::Not": [{ "Fn::Or": both }] }] } },
    ]);
  });

  it("takes the account's provider where there is one, and makes one without thumbprints where there is none", () => {
    expect(
      made(acme)
        .ofType("AWS::IAM::OIDCProvider")
        .map(({ properties }) => properties),
    ).toEqual([{ Url: "https://token.actions.githubusercontent.com", ClientIdList: ["sts.amazonaws.com"] }]);
    const with_ = made({ ...acme, ProviderArn: existing });
    expect(with_.ofType("AWS::IAM::OIDCProvider")).toEqual([]);
    expect(with_.role.AssumeRolePolicyDocument.Statement[0]?.Principal).toEqual({ Federated: existing });
  });

  it.each(["aws", "aws-cn", "aws-us-gov"])(
    "may in %s pass on to its account's bootstrap roles, by its boundary no more",
    (partition) => {
      const { role, ofType } = made(acme, partition);
      const arn = (name: string) => `arn:${partition}:iam::${accountId}:role/cdk-hnb659fds-${name}-${accountId}-*`;
      const passesOn = {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "PassOnToBootstrapRoles",
            Effect: "Allow",
            Action: ["sts:AssumeRole"],
            Resource: [arn("deploy-role"), arn("file-publishing-role"), arn("lookup-role")],
          },
        ],
      };
      expect(role.Policies).toEqual([{ PolicyDocument: passesOn }]);
      const [boundary] = ofType("AWS::IAM::ManagedPolicy");
      expect(boundary?.properties.PolicyDocument).toEqual(passesOn);
      expect(role.PermissionsBoundary).toBe(`«${boundary?.id}»`);
      expect(role.MaxSessionDuration).toBe(3600);
      expect(resourcesOf(template, "AWS::IAM::Policy")).toEqual([]);
    },
  );

  const patternOf = (name: string) => new RegExp(String(template.toJSON().Parameters[name]?.AllowedPattern));
  it.each([
    ["Owner", ["acme", "a", "Acme-Corp"], ["", "*", "acme*", "acme/warden", "-acme", "acme@1", "?cme"]],
    ["Repository", ["warden", "iam.warden_2"], ["", "*", "warden*", "warden:ref", "a/b", "warden@1"]],
    ["OwnerId", ["", "123"], ["*", "12a", "1*"]],
    ["RepositoryId", ["", "123"], ["*", "12a", "?"]],
    [
      "DeploysFrom",
      ["environment:iam-warden", "ref:refs/heads/main", "ref:refs/heads/release/1.0"],
      [
        "",
        "*",
        "pull_request",
        "environment:*",
        "ref:refs/heads/*",
        "ref:refs/tags/v1",
        "environment:a:b",
        "environment:",
      ],
    ],
    [
      "ProviderArn",
      ["", existing, existing.replace("arn:aws", "arn:aws-us-gov")],
      ["*", `${existing}.evil.example`, existing.replace("token.", "token-"), `x${existing}`],
    ],
    ["Qualifier", ["hnb659fds", "mine"], ["", "*", "MINE", "hnb-659"]],
  ])("takes no %s that would open it to others", (name, right, wrong) => {
    const pattern = patternOf(name);
    expect(right.filter((value) => !pattern.test(value))).toEqual([]);
    expect(wrong.filter((value) => pattern.test(value))).toEqual([]);
  });
});
