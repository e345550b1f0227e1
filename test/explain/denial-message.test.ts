import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDenialMessage, type ToldDenial } from "../../shared/explain/denial-message.ts";

const user = "arn:aws:iam::111122223333:user/bob";
const start = `User: ${user} is not authorized to perform:`;
const bob = { callerArn: user };

describe("the message of a refusal", () => {
  test.each<[message: string, told: ToldDenial]>([
    [
      `${start} codecommit:ListRepositories because no identity-based policy allows the codecommit:ListRepositories action`,
      { ...bob, action: "codecommit:ListRepositories", decision: "implicitDeny", layer: "identity" },
    ],
    [
      `${start} s3:GetObject on resource: "arn:aws:s3:::b/a key" because no VPC endpoint policy allows the s3:GetObject action`,
      {
        ...bob,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/a key",
        decision: "implicitDeny",
        layer: "vpcEndpoint",
      },
    ],
    [
      `${start} sts:AssumeRole on resource: arn:aws:iam::111122223333:role/app because no role trust policy allows the sts:AssumeRole action`,
      {
        ...{ ...bob, action: "sts:AssumeRole", resource: "arn:aws:iam::111122223333:role/app" },
        ...{ decision: "implicitDeny", layer: "trust" },
      },
    ],
    [
      `${start} IAM:CreateUser on resource: * because no permissions boundary allows the iam:CreateUser action`,
      { ...bob, action: "iam:CreateUser", resource: "*", decision: "implicitDeny", layer: "boundary" },
    ],
    [
      `${start} sns:Publish on resource: arn:aws:sns:us-east-1:111122223333:t with an explicit deny in a service control policy: arn:aws:organizations::999999999999:policy/o-a1/service_control_policy/p-b2`,
      {
        ...{ ...bob, action: "sns:Publish", resource: "arn:aws:sns:us-east-1:111122223333:t" },
        ...{ decision: "explicitDeny", layer: "serviceControl" },
        policyArn: "arn:aws:organizations::999999999999:policy/o-a1/service_control_policy/p-b2",
      },
    ],
    [
      `${start} s3:PutObject with an explicit deny in a resource control policy`,
      { ...bob, action: "s3:PutObject", decision: "explicitDeny", layer: "resourceControl" },
    ],
    [
      `${start} s3:PutObject with an explicit deny in a VPC endpoint policy`,
      { ...bob, action: "s3:PutObject", decision: "explicitDeny", layer: "vpcEndpoint" },
    ],
    [
      `${start} kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/k with an explicit deny in a resource-based policy`,
      {
        ...{ ...bob, action: "kms:Decrypt", resource: "arn:aws:kms:eu-west-1:111122223333:key/k" },
        ...{ decision: "explicitDeny", layer: "resource" },
      },
    ],
    [
      `${start} ec2:RunInstances on resource: arn:aws:ec2:us-east-1:111122223333:instance/* with an explicit deny`,
      {
        ...{ ...bob, action: "ec2:RunInstances", resource: "arn:aws:ec2:us-east-1:111122223333:instance/*" },
        decision: "explicitDeny",
      },
    ],
    [
      "You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6X-_w",
      { encoded: "4GIOHlTkIaWHQD0Q0m6X-_w" },
    ],
    [
      `You are not authorized to perform this operation. ${start} ec2:StopInstances on resource: arn:aws:ec2:us-east-1:111122223333:instance/i-1 because no identity-based policy allows the ec2:StopInstances action. Encoded authorization failure message: abc`,
      {
        ...{ ...bob, action: "ec2:StopInstances", resource: "arn:aws:ec2:us-east-1:111122223333:instance/i-1" },
        ...{ decision: "implicitDeny", layer: "identity", encoded: "abc" },
      },
    ],
    ["Not authorized to perform sts:AssumeRoleWithWebIdentity", { action: "sts:AssumeRoleWithWebIdentity" }],
    ["Access Denied", {}],
    ["", {}],
  ])("%s", (message, told) => {
    expect(parseDenialMessage(message)).toEqual(told);
  });

  test("has its reason at the end: what somebody named like one is none", () => {
    const named = "arn:aws:s3:::b/x because no permissions boundary allows the s3:GetObject action";
    const message = `${start} s3:GetObject on resource: "${named}" because no identity-based policy allows the s3:GetObject action`;
    expect(parseDenialMessage(message)).toMatchObject({ layer: "identity", resource: named });
  });

  test("may be any text", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "User: arn:",
        " with an explicit deny in a ",
        " because no ",
        " on resource: ",
        '"',
        "is not authorized to perform: ",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(() => parseDenialMessage(pieces.join(""))).not.toThrow();
      }),
    );
  });
});
