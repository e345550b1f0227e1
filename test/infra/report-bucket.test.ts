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

  it("forgets reports after a year and a month, and what was replaced or deleted after a month", () => {
    template.hasResourceProperties("AWS::S3::Bucket", {
      LifecycleConfiguration: {
        Rules: [
          {
            Status: "Enabled",
            Prefix: "reports/",
            ExpirationInDays: 396,
            NoncurrentVersionExpiration: { NoncurrentDays: 30 },
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

  it("is written by the digest's function alone, and there only below reports/", () => {
    const writers = [...statementsByRole(template)].filter(([, statements]) =>
      JSON.stringify(statements).includes("s3:"),
    );
    expect(writers.map(([id]) => id.slice(0, 15))).toEqual(["SweepDigestRole"]);
    const s3 = allowed(template, /^SweepDigestRole/).filter(({ Action }) =>
      Action?.some((action) => action.startsWith("s3:")),
    );
    expect(s3).toEqual([
      {
        Effect: "Allow",
        Action: ["s3:PutObject"],
        Resource: { "Fn::Join": ["", [{ "Fn::GetAtt": [bucketId, "Arn"] }, "/reports/*"]] },
      },
    ]);
    template.hasResourceProperties("AWS::Lambda::Function", {
      Role: { "Fn::GetAtt": [Match.stringLikeRegexp("^SweepDigestRole"), "Arn"] },
      Environment: { Variables: Match.objectLike({ REPORT_BUCKET: { Ref: bucketId } }) },
    });
  });
});
