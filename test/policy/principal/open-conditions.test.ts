import { describe, expect, test } from "vitest";
import type { ConditionBlock } from "../../../shared/policy/language/document.ts";
import type { ConfiningStatement } from "../../../shared/policy/principal/answer.ts";
import { isOpen, narrows } from "../../../shared/policy/principal/open-conditions.ts";
import { allow, policyOf } from "../principals.ts";

const eights = (count: number) => Array.from({ length: count }, (_, at) => `${at}.0.0.0/8`);

describe("narrows", () => {
  test.each<[string, ConditionBlock, boolean]>([
    ["nothing", {}, false],
    ["MFA", { Bool: { "aws:MultiFactorAuthPresent": ["true"] } }, true],
    ["an age of MFA", { NumericLessThan: { "aws:MultiFactorAuthAge": ["3600"] } }, true],
    ["that there is MFA", { Null: { "aws:MultiFactorAuthAge": ["false"] } }, true],
    ["MFA or none", { Bool: { "aws:MultiFactorAuthPresent": ["true", "false"] } }, false],
    ["MFA, if there can be any", { BoolIfExists: { "aws:MultiFactorAuthPresent": ["true"] } }, false],
    ["a Region, which every request has", { StringEqualsIfExists: { "aws:RequestedRegion": ["eu-west-1"] } }, true],
    ["all but a Region", { StringNotEquals: { "aws:RequestedRegion": ["us-east-1"] } }, false],
    ["any Region", { StringLike: { "aws:RequestedRegion": ["*"] } }, false],
    ["a tag", { StringEquals: { "aws:ResourceTag/team": ["${aws:PrincipalTag/team}"] } }, true],
    ["tags, if there are any", { "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } }, false],
    ["one tag at least", { "ForAnyValue:StringEquals": { "aws:TagKeys": ["team"] } }, true],
    ["one tag at least but one", { "ForAnyValue:StringNotEquals": { "aws:TagKeys": ["team"] } }, true],
    ["that a tag is there", { Null: { "aws:RequestTag/team": ["false"] } }, false],
    ["a network", { IpAddress: { "aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"] } }, true],
    ["a network, or the internet", { IpAddress: { "aws:SourceIp": ["203.0.113.0/24", "::/0"] } }, false],
    ["half of the internet", { IpAddress: { "aws:SourceIp": ["128.0.0.0/1"] } }, false],
    ["all but a network", { NotIpAddress: { "aws:SourceIp": ["203.0.113.0/24"] } }, false],
    ["an address", { IpAddress: { "aws:SourceIp": ["203.0.113.7"] } }, true],
    ["TLS", { Bool: { "aws:SecureTransport": ["true"] } }, false],
    ["what the caller says", { StringLike: { "aws:UserAgent": ["Terraform*"] } }, false],
    ["any ARN", { ArnLike: { "aws:SourceArn": ["arn:*:*:*:*:*"] } }, false],
    ["ARNs of a service", { ArnLike: { "aws:SourceArn": ["arn:aws:s3:::*"] } }, true],
    ["the whole internet in blocks", { IpAddress: { "aws:SourceIp": eights(256) } }, false],
    ["one large block", { IpAddress: { "aws:SourceIp": eights(1) } }, true],
    ["private blocks", { IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "172.16.0.0/12", "fd00::/7"] } }, true],
    ["addresses like any", { StringLike: { "aws:SourceIp": ["*.*"] } }, false],
    ["names like any", { StringLike: { "aws:TagKeys": ["*-*"] } }, false],
    ["no service in between", { Bool: { "aws:ViaAWSService": ["false"] } }, false],
    ["a service in between", { Bool: { "aws:ViaAWSService": ["true"] } }, true],
    ["IPv4 in IPv6", { IpAddress: { "aws:SourceIp": ["::ffff:0:0/96"] } }, false],
    ["no MCP server in between", { Bool: { "aws:ViaAWSMCPService": ["false"] } }, false],
    ["a stack's own", { "ForAnyValue:StringEquals": { "aws:CalledVia": ["cloudformation.amazonaws.com"] } }, false],
    ["any service's, first", { StringLike: { "aws:CalledViaFirst": ["*.amazonaws.com"] } }, false],
    ["another service's", { StringEquals: { "aws:CalledViaLast": ["athena.amazonaws.com"] } }, true],
    ["whose id it is", { StringLike: { "aws:userid": ["A*"] } }, false],
    ["what the session says of itself", { StringEquals: { "aws:SourceIdentity": ["x"] } }, false],
    ["since when there is a token", { DateGreaterThan: { "aws:TokenIssueTime": ["2020-01-01"] } }, false],
    ["how an instance gets it", { NumericLessThanEquals: { "ec2:RoleDelivery": ["2.0"] } }, false],
    ["the organization", { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": ["o-*"] } }, false],
    ["an MFA of any age", { NumericGreaterThanEquals: { "aws:MultiFactorAuthAge": ["0"] } }, false],
    ["what the caller can repeat", { StringEquals: { "aws:ResourceTag/team": ["${aws:UserAgent}"] } }, false],
    ["a policy of one's own", { ArnEquals: { "iam:PolicyARN": ["arn:aws:iam::111122223333:policy/app"] } }, true],
    ["policies like AdministratorAccess", { ArnLike: { "iam:PolicyARN": ["arn:aws:iam::aws:policy/Admin*"] } }, false],
    ["any policy of an account's own", { ArnLike: { "iam:PolicyARN": ["arn:aws:iam::111122223333:policy/*"] } }, false],
    ["any boundary of it", { StringLike: { "iam:PermissionsBoundary": ["arn:aws:iam::1*:policy/*/*"] } }, false],
    ["whatever it has", { ArnLike: { "iam:PolicyARN": ["arn:aws:iam::111122223333:*"] } }, false],
    [
      "any of the caller's account",
      { ArnLike: { "iam:PolicyARN": ["arn:aws:iam::${aws:PrincipalAccount}:p*/*"] } },
      false,
    ],
    ["its policies in a path", { ArnLike: { "iam:PolicyARN": ["arn:aws:iam::111122223333:policy/team/*"] } }, true],
    ["its policies of a name", { ArnLike: { "iam:PolicyARN": ["arn:aws:iam::111122223333:policy/app-*"] } }, true],
    ["a policy that is called *", { ArnEquals: { "iam:PolicyARN": [`arn:aws:iam::111122223333:policy/\${*}`] } }, true],
    ["MFA like any", { StringLike: { "aws:MultiFactorAuthPresent": ["*"] } }, false],
    ["IAMFullAccess", { StringEquals: { "iam:PolicyARN": ["arn:aws-cn:iam::aws:policy/IAMFullAccess"] } }, false],
    [
      "a boundary that is none",
      { StringEquals: { "iam:PermissionsBoundary": ["arn:aws:iam::aws:policy/PowerUserAccess"] } },
      false,
    ],
    ["TLS and MFA", { Bool: { "aws:SecureTransport": ["true"], "aws:MultiFactorAuthPresent": ["true"] } }, true],
  ])("%s", (_, conditions, expected) => {
    expect(narrows(conditions)).toBe(expected);
  });
});

describe("isOpen", () => {
  const policy = policyOf([allow("*")]);
  const [statement] = policy.document.statements;
  if (statement === undefined) throw new Error("the policy has no statement");
  const mfa = { Bool: { "aws:MultiFactorAuthPresent": ["true"] } };
  const tls = { Bool: { "aws:SecureTransport": ["true"] } };
  const by = (conditions: ConditionBlock, layer: ConfiningStatement["layer"] = "identity", isPartial = false) =>
    ({ layer, policy, index: 0, statement, conditions, isPartial }) satisfies ConfiningStatement;

  test.each<[string, Parameters<typeof isOpen>[0], boolean]>([
    ["yes", { decision: "yes", confinedBy: [] }, true],
    ["no", { decision: "no", confinedBy: [] }, false],
    ["unknown", { decision: "unknown", confinedBy: [] }, false],
    ["conditional on what nobody can show", { decision: "conditional", confinedBy: [] }, false],
    ["conditional on MFA", { decision: "conditional", confinedBy: [by(mfa)] }, false],
    ["conditional on nothing much", { decision: "conditional", confinedBy: [by(tls)] }, true],
    ["one statement of two lets it through", { decision: "conditional", confinedBy: [by(mfa), by(tls)] }, true],
    ["one layer of two does not", { decision: "conditional", confinedBy: [by(mfa, "boundary"), by(tls)] }, false],
    ["a variable decides", { decision: "conditional", confinedBy: [by({}, "identity", true)] }, false],
  ])("%s", (_, answer, expected) => {
    expect(isOpen(answer)).toBe(expected);
  });
});
