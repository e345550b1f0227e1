import type { Json } from "../../shared/control.ts";
import { trustOpenToAnyone } from "../../shared/controls/trust-open-to-anyone.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { roleFacts } from "../support/facts.ts";
import { allow, trusting } from "../support/trust.ts";

const inOrganization = { StringEquals: { "aws:PrincipalOrgID": "o-exampleorg1" } };

const evidence = (principal = "*", action = "sts:AssumeRole") => ({ trusts: [{ principal, action }] });
const reason = (loose = "", principal = "*", action = "sts:AssumeRole") =>
  `Anyone can assume role app: its trust policy allows ${action} to ${principal}, and no condition confines who that is.${loose}`;

const open = (condition: Readonly<Record<string, Record<string, string | string[]>>>, loose: string) => ({
  facts: trusting(allow("*", { Condition: condition })),
  reason: reason(` ${loose}`),
  evidence: evidence(),
});
const confined = (condition: Readonly<Record<string, Record<string, string | string[]>>>) => ({
  facts: trusting(allow("*", { Condition: condition })),
});

const stays = (why: string) => `The trust policy of role app stays as it is: Statement[0] ${why}`;
const federated = (action: string) =>
  `allows ${action} too, and who comes in that way is of no organization. Say in a statement of its own whom it lets in.`;

describeControl(trustOpenToAnyone, {
  violates: {
    everyone: { facts: trusting(allow("*")), reason: reason(), evidence: evidence() },
    "every AWS principal, among others": {
      facts: trusting(allow({ AWS: ["111122223333", "*"], Service: "ec2.amazonaws.com" })),
      reason: reason(),
      evidence: evidence(),
      repair: {
        held: stays(
          "trusts ec2.amazonaws.com too, and a service is of no organization. Give it a statement of its own.",
        ),
      },
    },
    "the root user of every account, as IAM would not take it": {
      facts: trusting(allow({ AWS: "arn:aws:iam::*:root" })),
      reason: reason("", "arn:aws:iam::*:root"),
      evidence: evidence("arn:aws:iam::*:root"),
    },
    "everyone but one": {
      facts: trusting({ Effect: "Allow", NotPrincipal: { AWS: "444455556666" }, Action: "sts:AssumeRole" }),
      reason: reason("", "everyone but 444455556666"),
      evidence: evidence("everyone but 444455556666"),
    },
    "every identity provider": {
      facts: trusting(allow({ Federated: "*" }, { Action: "sts:AssumeRoleWithWebIdentity" })),
      reason: reason("", "*", "sts:AssumeRoleWithWebIdentity"),
      evidence: evidence("*", "sts:AssumeRoleWithWebIdentity"),
      repair: { held: stays(federated("sts:AssumeRoleWithWebIdentity")) },
    },
    "every identity provider with the audience that all tokens have": {
      facts: trusting(
        allow("*", {
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" } },
        }),
      ),
      reason: reason("", "*", "sts:AssumeRoleWithWebIdentity"),
      evidence: evidence("*", "sts:AssumeRoleWithWebIdentity"),
      repair: { held: stays(federated("sts:AssumeRoleWithWebIdentity")) },
    },
    "every SAML provider of the account": {
      facts: trusting(
        allow("*", {
          Action: "sts:AssumeRoleWithSAML",
          Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
        }),
      ),
      severity: "high",
      reason:
        "Anyone whom a SAML provider of the account vouches for can assume role app: its trust policy allows sts:AssumeRoleWithSAML to *, and no condition confines who that is.",
      evidence: evidence("*", "sts:AssumeRoleWithSAML"),
      repair: { held: stays(federated("sts:AssumeRoleWithSAML")) },
    },
    "by every way": {
      facts: trusting(allow("*", { Action: "*" })),
      reason: `${reason()} ${reason("", "*", "sts:AssumeRoleWithWebIdentity")} Anyone whom a SAML provider of the account vouches for can assume role app: its trust policy allows sts:AssumeRoleWithSAML to *, and no condition confines who that is.`,
      evidence: {
        trusts: ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"].map((action) => ({
          principal: "*",
          action,
        })),
      },
      repair: { held: stays(federated("sts:AssumeRoleWithSAML")) },
    },
    "an external id alone": {
      facts: trusting(allow("*", { Condition: { StringEquals: { "sts:ExternalId": "9f2c-acme" } } })),
      severity: "high",
      reason:
        "Anyone who learns the external id can assume role app: its trust policy allows sts:AssumeRole to *, and no condition confines who that is.",
      evidence: evidence(),
    },
    "an office alone": {
      facts: trusting(allow("*", { Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } } })),
      severity: "high",
      reason:
        "Anyone in the network that its conditions name can assume role app: its trust policy allows sts:AssumeRole to *, and no condition confines who that is.",
      evidence: evidence(),
    },
    "MFA, which strangers have too": {
      ...open({ Bool: { "aws:MultiFactorAuthPresent": "true" } }, ""),
      reason: reason(),
    },
    "the organization, if the caller is in one": open(
      { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-exampleorg1" } },
      "StringEqualsIfExists aws:PrincipalOrgID does not: …IfExists is true where the key is absent.",
    ),
    "every organization": open(
      { StringLike: { "aws:PrincipalOrgID": "o-*" } },
      "StringLike aws:PrincipalOrgID does not: a wildcard stands in what would have to be fixed.",
    ),
    "all but one organization": {
      ...open(
        { StringNotEquals: { "aws:PrincipalOrgID": "o-exampleorg1" } },
        "StringNotEquals aws:PrincipalOrgID does not: it leaves out some and lets through all others.",
      ),
      repair: {
        held: stays(
          "asks for StringNotEquals aws:PrincipalOrgID already, which goes against the organization, or may. Say there who may assume the role.",
        ),
      },
    },
    "a role of that name, in any account": open(
      { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/deploy" } },
      "ArnLike aws:PrincipalArn does not: any account can have a principal of such an ARN.",
    ),
    "half of the internet": open(
      { IpAddress: { "aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/1"] } },
      "IpAddress aws:SourceIp does not: it is a large part of the internet.",
    ),
    "a tag of the caller's own": {
      ...open({ StringEquals: { "aws:PrincipalTag/team": "payments" } }, ""),
      reason: reason(),
    },
    "a denial of another way": {
      facts: trusting(allow("*"), { Effect: "Deny", Principal: "*", Action: "sts:AssumeRoleWithSAML" }),
      reason: reason(),
      evidence: evidence(),
    },
    "a denial of the organization's own": {
      facts: trusting(allow("*"), { Effect: "Deny", Principal: "*", Action: "sts:*", Condition: inOrganization }),
      reason: reason(),
      evidence: evidence(),
    },
    "by what instances say": open(
      { NumericLessThanEquals: { "ec2:RoleDelivery": "2.0" } },
      "NumericLessThanEquals ec2:RoleDelivery does not: the caller decides what it says.",
    ),
    "whatever a key that is not known says": open(
      { StringLike: { "foo:bar": "*" } },
      "StringLike foo:bar does not: its wildcards match whatever is there.",
    ),
    "whatever time it is": open(
      { StringLike: { "aws:CurrentTime": "*" } },
      "StringLike aws:CurrentTime does not: its wildcards match whatever is there.",
    ),
    "the internet in blocks": open(
      { IpAddress: { "aws:SourceIp": ["1.0.0.0/8", "2.0.0.0/8"] } },
      "IpAddress aws:SourceIp does not: they are a large part of the internet.",
    ),
    ...Object.fromEntries(
      Object.entries<Json>({
        "both flags": { Bool: { "aws:SecureTransport": ["false", "false"] } },
        "one of many flags": { "ForAnyValue:Bool": { "aws:foo": "true" } },
        "one text": { BinaryEquals: { "aws:foo": "QQ==" } },
        "what is no number": { NumericLessThan: { "aws:MultiFactorAuthAge": "x" } },
      }).map(([name, Condition]) => [
        `but for ${name}`,
        {
          facts: trusting(allow("*"), { Effect: "Deny", Principal: "*", Action: "sts:AssumeRole", Condition }),
          reason: reason(),
          evidence: evidence(),
        },
      ]),
    ),
    "an operator that is unknown": {
      facts: trusting(allow("*", { Condition: { Odd: { "aws:PrincipalOrgID": "o-exampleorg1" } } })),
      severity: "medium",
      reason:
        "Perhaps anyone can assume role app: its trust policy allows sts:AssumeRole to *, and nobody can say whether its conditions confine who that is: Odd aws:PrincipalOrgID of its trust in *: the policy language has no such operator.",
      evidence: evidence(),
    },
    "a key that is unknown, in a denial": {
      facts: trusting(allow("*"), {
        ...{ Effect: "Deny", Principal: "*", Action: "sts:AssumeRole" },
        Condition: { StringNotEquals: { "foo:bar": "x" } },
      }),
      severity: "medium",
      reason:
        "Perhaps anyone can assume role app: its trust policy allows sts:AssumeRole to *, and nobody can say whether its conditions confine who that is: stringequals foo:bar of its trust in *: it is not known what the key says.",
      evidence: evidence(),
    },
    "beside what nobody can judge": {
      facts: trusting(allow("*"), allow("*", { Conditon: {} })),
      reason: reason(),
      evidence: evidence(),
      repair: {
        held: "The organization's id alone would not confine role app. Cannot tell whom role app trusts: Statement[1] has an element that is unknown: Conditon.",
      },
    },
  },
  complies: {
    "an account": { facts: trusting(allow({ AWS: "444455556666" })) },
    "a service": { facts: trusting(allow({ Service: "lambda.amazonaws.com" })) },
    nobody: { facts: trusting() },
    "an account that is not ours, the matter of another control": { facts: trusting(allow({ AWS: "999988887777" })) },
    "the organization": confined(inOrganization),
    "the organization's own unit": confined({
      "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-exampleorg1/r-ab12/*" },
    }),
    "an account by condition": confined({ StringEquals: { "aws:PrincipalAccount": "444455556666" } }),
    "a role by condition": confined({ ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::444455556666:role/deploy" } }),
    "an office, and the organization": confined({
      ...inOrganization,
      IpAddress: { "aws:SourceIp": "203.0.113.0/24" },
    }),
    "services of an account": confined({ StringEquals: { "aws:SourceAccount": "111122223333" } }),
    "an organization and an operator that is unknown": confined({ ...inOrganization, Odd: { "aws:x": "y" } }),
    "a repository": {
      facts: trusting(
        allow("*", {
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringLike: { "token.actions.githubusercontent.com:sub": "repo:acme/app:*" } },
        }),
      ),
    },
    "whom a denial leaves": {
      facts: trusting(allow("*"), {
        Effect: "Deny",
        Principal: "*",
        Action: "sts:AssumeRole",
        Condition: { StringNotEquals: { "aws:PrincipalOrgID": "o-exampleorg1" } },
      }),
    },
    "nobody, since all are denied": {
      facts: trusting(allow("*"), { Effect: "Deny", Principal: "*", Action: "sts:AssumeRole" }),
    },
    "everyone, to tag sessions": { facts: trusting(allow("*", { Action: "sts:TagSession" })) },
  },
  notApplicable: {
    "a role of AWS": {
      facts: roleFacts({
        name: "AWSServiceRoleForSupport",
        path: "/aws-service-role/support.amazonaws.com/",
        trustPolicy: known({ Statement: allow("*") }),
      }),
      reason: "Role AWSServiceRoleForSupport is AWS's own: nobody else can change whom it trusts.",
    },
  },
  unknown: {
    "a denial that IAM would not take": {
      facts: trusting(allow("*"), { Effect: "Deny", Principal: "*", Action: "sts:*", Conditon: {} }),
      reason:
        "Cannot tell whom role app trusts: Deny of its trust in *: a denial has an element that is unknown: Conditon",
    },
    "a trust policy that is not known": {
      facts: roleFacts({ trustPolicy: unknownFact("it is not JSON") }),
      reason: "Cannot tell whom role app trusts: it is not JSON",
    },
    "a trust policy that is none": {
      facts: roleFacts({ trustPolicy: known({ Version: "2012-10-17" }) }),
      reason: "Cannot tell whom role app trusts: a policy document needs a Statement",
    },
    "an element that is unknown": {
      facts: trusting(allow({ AWS: "444455556666" }, { Conditon: {} })),
      reason: "Cannot tell whom role app trusts: Statement[0] has an element that is unknown: Conditon",
    },
  },
});
