import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { HubStack } from "../../infra/hub-stack.ts";
import { allowed, resourcesOf, statementsByRole, templateOf } from "./templates.ts";

const template = templateOf((app) => new HubStack(app, "hub"));
const [[bucketId] = [""]] = resourcesOf(template, "AWS::S3::Bucket");

describe("the bucket of reports", () => {
  it("is encrypted, versioned, nobody's but the account's, and outlives the stack", () => {
    template.hasResource("AWS::S3::Bucket", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
        },
        VersioningConfiguration: { Status: "Enabled" },
        OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    });
    expect(resourcesOf(template, "AWS::S3::Bucket")).toHaveLength(1);
  });

  it("forgets reports after a year and a month, plans after a month, and what was replaced or deleted soon after", () => {
    template.hasResourceProperties("AWS::S3::Bucket", {
      LifecycleConfiguration: {
        Rules: [
          {
            Status: "Enabled",
            Prefix: "reports/",
            ExpirationInDays: 396,
            NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          },
          {
            Status: "Enabled",
            Prefix: "plans/",
            ExpirationInDays: 30,
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
          },
        ],
      },
    });
  });

  it("lets nobody in by its own policy, and nobody at all without TLS 1.2", () => {
    const everything = [
      { "Fn::GetAtt": [bucketId, "Arn"] },
      { "Fn::Join": ["", [{ "Fn::GetAtt": [bucketId, "Arn"] }, "/*"]] },
    ];
    const [[, policy] = []] = resourcesOf(template, "AWS::S3::BucketPolicy");
    const denied = { Action: "s3:*", Effect: "Deny", Resource: everything };
    expect(policy?.Properties.PolicyDocument).toMatchObject({
      Statement: [
        { ...denied, Condition: { Bool: { "aws:SecureTransport": "false" } } },
        { ...denied, Condition: { NumericLessThan: { "s3:TlsVersion": 1.2 } } },
      ],
    });
  });

  it("is written and read by the sweep alone: each where it has to", () => {
    const below = (folder: string) => ({ "Fn::Join": ["", [{ "Fn::GetAtt": [bucketId, "Arn"] }, `/${folder}/*`]] });
    const allow = (Action: string, folder: string) => ({ Effect: "Allow", Action: [Action], Resource: below(folder) });
    const expected = {
      SweepListAccountsRole: [allow("s3:PutObject", "plans")],
      SweepDigestRole: [allow("s3:PutObject", "reports"), allow("s3:GetObject", "plans")],
      SweepRunRole: [allow("s3:GetObject", "plans")],
    };
    const whoever = [...statementsByRole(template)].filter(([, all]) => JSON.stringify(all).includes("s3:"));
    expect(whoever).toHaveLength(Object.keys(expected).length);
    for (const [role, statements] of Object.entries(expected)) {
      const s3 = allowed(template, new RegExp(`^${role}[0-9A-F]`)).filter(({ Action }) =>
        Action?.some((action) => action.startsWith("s3:")),
      );
      expect(s3, role).toEqual(statements);
    }
    template.hasResourceProperties("AWS::Lambda::Function", {
      Role: { "Fn::GetAtt": [Match.stringLikeRegexp("^SweepDigestRole"), "Arn"] },
      Environment: { Variables: Match.objectLike({ REPORT_BUCKET: { Ref: bucketId } }) },
    });
  });
});
