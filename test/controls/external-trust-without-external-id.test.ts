import { externalTrustWithoutExternalId } from "../../shared/controls/external-trust-without-external-id.ts";
import { unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { allow, trusting } from "../support/trust.ts";

const vendor = "777788889999";
const vendorRoot = `arn:aws:iam::${vendor}:root`;
const vendorRole = `arn:aws:iam::${vendor}:role/scanner`;
const externalId = { StringEquals: { "sts:ExternalId": "9f2c-acme" } };
const notRead = unknownFact("access denied: organizations:ListAccounts");

type Condition = Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;

const whole = (whom = vendor, loose = "") =>
  `Whoever may in ${whom}, outside the organization, can assume role app without an external id.${loose}`;
const one = `One principal of ${vendor}, outside the organization, can assume role app without an external id.`;
const evidence = (principal = vendorRoot, outside = [vendor]) => ({
  trusts: [{ principal, action: "sts:AssumeRole", outside }],
});

const loose = (condition: Condition, words: string) => ({
  facts: trusting(allow({ AWS: vendorRoot }, { Condition: condition })),
  reason: whole(vendor, ` ${words}`),
  evidence: evidence(),
});

describeControl(externalTrustWithoutExternalId, {
  violates: {
    "everyone whom a unique id names": {
      facts: trusting(allow("*", { Condition: { StringLike: { "aws:userid": "AROAQEXAMPLEAPP000001:*" } } })),
      severity: "low",
      reason:
        "Whoever has the unique id in its conditions can assume role app, and an id does not say of which account it is: look whose it is, and name that principal.",
      evidence: { trusts: [{ principal: "*", action: "sts:AssumeRole" }] },
    },
    "an account's root": { facts: trusting(allow({ AWS: vendorRoot })), reason: whole(), evidence: evidence() },
    "an account's id": { facts: trusting(allow({ AWS: vendor })), reason: whole(), evidence: evidence(vendor) },
    "a vendor of another partition, called by name": {
      facts: trusting(allow({ AWS: `arn:aws-us-gov:iam::${vendor}:root` })),
      options: { vendors: { [vendor]: "Example Scanner" } },
      reason: whole(`${vendor} (Example Scanner)`),
      evidence: evidence(`arn:aws-us-gov:iam::${vendor}:root`),
    },
    "a role of the account": {
      facts: trusting(allow({ AWS: vendorRole })),
      severity: "medium",
      reason: one,
      evidence: evidence(vendorRole),
    },
    "a session of the account": {
      facts: trusting(allow({ AWS: `arn:aws:sts::${vendor}:assumed-role/scanner/job` })),
      severity: "medium",
      reason: one,
      evidence: evidence(`arn:aws:sts::${vendor}:assumed-role/scanner/job`),
    },
    "a role of the account, by condition": {
      facts: trusting(allow({ AWS: vendorRoot }, { Condition: { ArnEquals: { "aws:PrincipalArn": vendorRole } } })),
      severity: "medium",
      reason: one,
      evidence: evidence(),
    },
    "two, of which one asks for an external id": {
      facts: trusting(allow({ AWS: vendorRole }, { Condition: externalId }), allow({ AWS: vendorRoot })),
      reason: whole(),
      evidence: evidence(),
    },
    "four, the worst first": {
      facts: trusting(allow({ AWS: [vendorRole, vendorRoot, "777788880001", "777788880002"] })),
      reason: `${whole("777788880001")} ${whole("777788880002")} ${whole()} And 1 more.`,
      evidence: {
        trusts: [
          ...evidence("777788880001", ["777788880001"]).trusts,
          ...evidence("777788880002", ["777788880002"]).trusts,
          ...evidence().trusts,
          ...evidence(vendorRole).trusts,
        ],
      },
    },
    "everyone of an account, by condition": {
      facts: trusting(
        allow("*", { Condition: { StringEquals: { "aws:PrincipalAccount": [vendor, "444455556666"] } } }),
      ),
      reason: whole(),
      evidence: evidence("*"),
    },
    "everyone of another organization": {
      facts: trusting(allow("*", { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-partner0001" } } })),
      reason: whole("o-partner0001"),
      evidence: evidence("*", ["o-partner0001"]),
    },
    "everyone of another organization, in capitals": {
      facts: trusting(allow("*", { Condition: { StringEqualsIgnoreCase: { "aws:PrincipalOrgID": "O-PARTNER0001" } } })),
      reason: whole("O-PARTNER0001"),
      evidence: evidence("*", ["O-PARTNER0001"]),
    },
    "an external id of any value": loose(
      { StringLike: { "sts:ExternalId": "*" } },
      "StringLike sts:ExternalId does not: an external id confines only as a fixed value.",
    ),
    "an external id, if there is one": loose(
      { StringEqualsIfExists: { "sts:ExternalId": "9f2c-acme" } },
      "StringEqualsIfExists sts:ExternalId does not: …IfExists is true where the key is absent.",
    ),
    "any external id but one": loose(
      { StringNotEquals: { "sts:ExternalId": "9f2c-acme" } },
      "StringNotEquals sts:ExternalId does not: it leaves out some and lets through all others.",
    ),
    "some external id": loose(
      { Null: { "sts:ExternalId": "false" } },
      "Null sts:ExternalId does not: it asks whether the key is there, not what it says.",
    ),
    "MFA instead": {
      facts: trusting(allow({ AWS: vendorRoot }, { Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } })),
      reason: whole(),
      evidence: evidence(),
    },
    "services for an account": {
      facts: trusting(allow("*", { Condition: { StringEquals: { "aws:SourceAccount": vendor } } })),
      reason: `A service acting for ${vendor}, outside the organization, can assume role app without an external id.`,
      evidence: evidence("*"),
    },
    "another trusted account": {
      facts: trusting(allow({ AWS: vendorRoot })),
      options: { trustedAccountIds: ["777788880001"] },
      reason: whole(),
      evidence: evidence(),
    },
  },
  complies: {
    "a member of the organization": { facts: trusting(allow({ AWS: "444455556666" })) },
    "the management account": { facts: trusting(allow({ AWS: "arn:aws:iam::999999999999:root" })) },
    "an external id": { facts: trusting(allow({ AWS: vendorRoot }, { Condition: externalId })) },
    "an external id of two": {
      facts: trusting(
        allow({ AWS: vendorRoot }, { Condition: { StringEquals: { "sts:ExternalId": ["9f2c", "77ab"] } } }),
      ),
    },
    "an external id, while the organization is not known": {
      facts: trusting(allow({ AWS: vendorRoot }, { Condition: externalId })),
      organization: notRead,
    },
    "an external id that a denial asks for": {
      facts: trusting(allow({ AWS: vendorRoot }), {
        Effect: "Deny",
        Principal: "*",
        Action: "sts:AssumeRole",
        Condition: { StringNotEquals: { "sts:ExternalId": "9f2c-acme" } },
      }),
    },
    "a trusted account": {
      facts: trusting(allow({ AWS: vendorRoot })),
      options: { trustedAccountIds: [vendor] },
    },
    "everyone of the organization": {
      facts: trusting(allow("*", { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-exampleorg1" } } })),
    },
    "everyone of the role's own organization, by variable, while it is not known": {
      facts: trusting(allow("*", { Condition: { StringEquals: { "aws:PrincipalOrgID": "${aws:ResourceOrgID}" } } })),
      organization: notRead,
    },
    "everyone of the role's own account, while the organization is not known": {
      facts: trusting(allow("*", { Condition: { StringEquals: { "aws:PrincipalAccount": "111122223333" } } })),
      organization: notRead,
    },
    "services for an account of the organization": {
      facts: trusting(allow("*", { Condition: { StringEquals: { "aws:SourceAccount": "444455556666" } } })),
    },
  },
  notApplicable: {
    "the role's own account": {
      facts: trusting(allow({ AWS: ["111122223333", "arn:aws:iam::111122223333:user/bob"] })),
      reason: "Role app trusts no account but its own.",
    },
    "a service": {
      facts: trusting(allow({ Service: "ec2.amazonaws.com" })),
      reason: "Role app trusts no account but its own.",
    },
    "everyone, the matter of another control": {
      facts: trusting(allow("*")),
      reason: "Role app trusts no account but its own.",
    },
    "a user and a role that are gone": {
      facts: trusting(allow({ AWS: ["AROAQEXAMPLEGONE0001", "AIDAQEXAMPLEGONE0001"] })),
      reason:
        "Role app trusts no account but its own. AIDAQEXAMPLEGONE0001, AROAQEXAMPLEGONE0001 in its trust policy stands for a deleted user or role: nobody can be it again.",
    },
    "another account, to tag sessions": {
      facts: trusting(allow({ AWS: vendorRoot }, { Action: "sts:TagSession" })),
      reason: "Role app trusts no account but its own.",
    },
  },
  unknown: {
    "another account, while the organization is not known": {
      facts: trusting(allow({ AWS: vendorRoot })),
      organization: notRead,
      reason: `Cannot tell whom role app trusts: which accounts are of the organization: access denied: organizations:ListAccounts`,
    },
    "an operator that is unknown": {
      facts: trusting(allow({ AWS: vendor }, { Condition: { Odd: { "sts:ExternalId": "9f2c" } } })),
      reason: `Cannot tell whom role app trusts: Odd sts:ExternalId of its trust in ${vendor}: the policy language has no such operator`,
    },
    "no principal": {
      facts: trusting(allow({ AWS: "bob" })),
      reason: "Cannot tell whom role app trusts: Statement[0] names bob, which is no principal",
    },
  },
});
