import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { conditionHolds } from "../../../shared/policy/language/condition.ts";
import { type ConditionBlock, parsePolicy } from "../../../shared/policy/language/document.ts";
import { requestContext } from "../../../shared/policy/language/variables.ts";
import { complementOf, confinementsOf } from "../../../shared/policy/trust/confinement.ts";

const read = (Condition: unknown): ConditionBlock =>
  parsePolicy({ Version: "2012-10-17", Statement: { Effect: "Allow", Condition } }).statements[0]?.conditions ?? {};

/** `kind(of)` of what confines, `loose` and `?` once each for what does not. */
const summary = (conditions: ConditionBlock): string => {
  const { confining, loose, undecided } = confinementsOf(conditions);
  const kinds = confining.map(({ kind, of }) => (of.length > 0 ? `${kind}(${of.join()})` : kind));
  return [...kinds, ...loose.map(() => "loose"), ...undecided.map(() => "?")].join(" ");
};

const account = "111122223333";
const role = "arn:aws:iam::111122223333:role/app";
const org = "o-example123";
const github = "token.actions.githubusercontent.com";

type Row = readonly [operator: string, key: string, values: string | readonly string[], expected: string];

const ofCallers: readonly Row[] = [
  ["StringEquals", "aws:PrincipalAccount", account, `account(${account})`],
  ["stringequals", "AWS:principalACCOUNT", account, `account(${account})`],
  ["StringLike", "aws:PrincipalAccount", account, `account(${account})`],
  ["StringEquals", "aws:PrincipalAccount", ["444455556666", account], `account(${account},444455556666)`],
  ["StringEquals", "aws:PrincipalAccount", "${AWS:ResourceAccount}", "account(${aws:ResourceAccount})"],
  ["StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}", "loose"],
  ["StringLike", "aws:PrincipalAccount", [account, "*"], "loose"],
  ["StringLike", "aws:PrincipalAccount", "11112222333?", "loose"],
  ["StringNotEquals", "aws:PrincipalAccount", account, "loose"],
  ["ForAnyValue:StringNotEquals", "aws:PrincipalAccount", account, "loose"],
  ["StringEqualsIfExists", "aws:PrincipalAccount", account, "loose"],
  ["StringEquals", "aws:PrincipalAccount", [], "?"],
  ["NumericEquals", "aws:PrincipalAccount", account, "?"],
  ["StringEquals", "aws:ResourceAccount", account, "loose"],
  ["StringEquals", "aws:PrincipalOrgID", org, `organization(${org})`],
  ["StringEqualsIgnoreCase", "aws:PrincipalOrgID", org, `organization(${org})`],
  ["StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}", "organization(${aws:ResourceOrgID})"],
  ["StringEquals", "aws:PrincipalOrgID", "*", "organization(*)"],
  ["StringLike", "aws:PrincipalOrgID", "*", "loose"],
  ["StringLike", "aws:PrincipalOrgID", "o-*", "loose"],
  ["StringEqualsIfExists", "aws:PrincipalOrgID", org, "loose"],
  ["ForAllValues:StringEquals", "aws:PrincipalOrgID", org, "loose"],
  ["ForAnyValue:StringEquals", "aws:PrincipalOrgID", org, `organization(${org})`],
  ["Null", "aws:PrincipalOrgID", "false", "loose"],
  ["ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a/r-ab12/*", "organization(o-a)"],
  ["StringEquals", "aws:PrincipalOrgPaths", "o-a/r-ab12/ou-ab12-1/", "organization(o-a)"],
  ["ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a*", "loose"],
  ["ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*/r-ab12/*", "loose"],
  ["ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-a/r-ab12/*", "loose"],
  ["ForAnyValue:StringNotLike", "aws:PrincipalOrgPaths", "o-a/r-ab12/*", "loose"],
  ["StringEquals", "aws:PrincipalArn", role, `principal(${account})`],
  ["ArnEquals", "aws:PrincipalArn", role, `principal(${account})`],
  ["ArnLike", "aws:PrincipalArn", "arn:*:iam::111122223333:role/*", `principal(${account})`],
  ["ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:ResourceAccount}:role/*", "principal(${aws:ResourceAccount})"],
  ["ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/app", "loose"],
  ["ArnLike", "aws:PrincipalArn", "arn:aws:iam::11112222333?:role/app", "loose"],
  ["ArnLike", "aws:PrincipalArn", "*", "loose"],
  ["ArnNotLike", "aws:PrincipalArn", role, "loose"],
  ["StringLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", `principal(${account})`],
  // The path of a role may hold colons: its first wildcard may stand for all of another account's ARN.
  ["StringLike", "aws:PrincipalArn", "arn:*:iam::111122223333:role/app", "loose"],
  ["StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/app", "loose"],
  ["StringLike", "aws:PrincipalArn", "arn:aws:iam::111122223333*", "loose"],
  ["StringEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/${aws:PrincipalTag/team}", "loose"],
  ["StringLike", "aws:userid", "AROAQEXAMPLEAPP000001:*", "principal"],
  ["StringEquals", "aws:userid", "AIDAQEXAMPLEBOB000001", "principal"],
  ["StringEquals", "aws:userid", account, `principal(${account})`],
  ["StringLike", "aws:userid", "*:bob", "loose"],
  ["StringLike", "aws:userid", ":bob*", "loose"],
  ["StringLike", "aws:userid", "AROA*", "loose"],
  ["StringEquals", "aws:username", "bob", "loose"],
  ["StringEquals", "aws:PrincipalType", "User", "loose"],
  [
    "ArnEquals",
    "lambda:SourceFunctionArn",
    "arn:aws:lambda:eu-west-1:111122223333:function:f",
    `principal(${account})`,
  ],
  ["StringEquals", `${github}:sub`, "repo:acme/app:ref:refs/heads/main", "claim"],
  ["StringLike", `${github}:sub`, "repo:*", "claim"],
  ["StringLike", `${github}:sub`, ["repo:acme/*", "*"], "loose"],
  ["StringLike", `${github}:sub`, "?*", "loose"],
  ["ForAllValues:StringLike", `${github}:sub`, "repo:acme/*", "loose"],
  ["StringLikeIfExists", `${github}:sub`, "repo:acme/*", "loose"],
  ["StringEquals", "oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud", "sts.amazonaws.com", "claim"],
  ["StringEquals", "SAML:aud", "https://signin.aws.amazon.com/saml", "claim"],
];

const ofServices: readonly Row[] = [
  ["StringEquals", "aws:SourceAccount", account, `sourceAccount(${account})`],
  ["StringLike", "aws:SourceAccount", "*", "loose"],
  ["StringEqualsIfExists", "aws:SourceAccount", account, "loose"],
  ["StringEquals", "aws:SourceOwner", account, `sourceAccount(${account})`],
  ["ArnLike", "aws:SourceArn", "arn:aws:sns:*:111122223333:*", `sourceArn(${account})`],
  ["ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:topic", "loose"],
  ["StringLike", "aws:SourceArn", "arn:aws:sns:*:111122223333:topic", "loose"],
  ["ArnLike", "aws:SourceArn", "arn:aws:s3:::bucket", "sourceArn"],
  ["ArnLike", "aws:SourceArn", "arn:aws:s3:::bucket/*", "sourceArn"],
  ["ArnLike", "aws:SourceArn", "arn:aws:s3:::*", "loose"],
  ["ArnLike", "aws:SourceArn", "arn:aws:s3:::bucket*", "loose"],
  ["StringEquals", "aws:SourceOrgID", org, `sourceOrganization(${org})`],
  ["ForAnyValue:StringLike", "aws:SourceOrgPaths", "o-a/*", "sourceOrganization(o-a)"],
  ["Bool", "aws:PrincipalIsAWSService", "true", "loose"],
  ["NumericGreaterThan", "aws:PrincipalAccount", "1", "loose"],
  ["Bool", "aws:ViaAWSMCPService", "false", "loose"],
  ["StringEquals", "aws:CalledViaFirst", "cloudformation.amazonaws.com", "loose"],
];

const ofTheRest: readonly Row[] = [
  ["StringEquals", "sts:ExternalId", "9f2c-acme", "externalId"],
  ["StringLike", "STS:externalid", "9f2c-acme", "externalId"],
  ["StringLike", "sts:ExternalId", "*", "loose"],
  ["StringLike", "sts:ExternalId", "acme-*", "loose"],
  ["StringEquals", "sts:ExternalId", "", "loose"],
  ["StringEquals", "sts:ExternalId", "${aws:PrincipalAccount}", "loose"],
  ["StringEqualsIfExists", "sts:ExternalId", "9f2c-acme", "loose"],
  ["StringNotEquals", "sts:ExternalId", "9f2c-acme", "loose"],
  ["Null", "sts:ExternalId", "false", "loose"],
  ["Bool", "aws:MultiFactorAuthPresent", "true", "mfa"],
  ["bool", "aws:multifactorauthpresent", "True", "mfa"],
  ["StringEquals", "aws:MultiFactorAuthPresent", "true", "mfa"],
  ["Bool", "aws:MultiFactorAuthPresent", "false", "loose"],
  ["Bool", "aws:MultiFactorAuthPresent", ["true", "false"], "loose"],
  ["BoolIfExists", "aws:MultiFactorAuthPresent", "true", "loose"],
  ["Null", "aws:MultiFactorAuthPresent", "false", "loose"],
  ["NumericLessThan", "aws:MultiFactorAuthAge", "3600", "mfa"],
  ["NumericLessThanIfExists", "aws:MultiFactorAuthAge", "3600", "loose"],
  ["NumericGreaterThan", "aws:MultiFactorAuthAge", "3600", "loose"],
  ["Null", "aws:MultiFactorAuthAge", "false", "mfa"],
  ["Null", "aws:MultiFactorAuthAge", "true", "loose"],
  ["IpAddress", "aws:SourceIp", "203.0.113.0/24", "network"],
  ["IpAddress", "aws:SourceIp", ["203.0.113.7", "2001:db8::/32"], "network"],
  ["IpAddress", "aws:SourceIp", ["203.0.113.7", "0.0.0.0/0"], "loose"],
  ["IpAddress", "aws:SourceIp", "0.0.0.0/1", "loose"],
  ["IpAddress", "aws:SourceIp", "::/0", "loose"],
  ["IpAddress", "aws:SourceIp", "fd00::/8", "network"],
  ["IpAddress", "aws:SourceIp", "10.0.0.0/8", "network"],
  ["IpAddress", "aws:SourceIp", "the office", "loose"],
  ["IpAddressIfExists", "aws:SourceIp", "203.0.113.0/24", "loose"],
  ["NotIpAddress", "aws:SourceIp", "203.0.113.0/24", "loose"],
  ["StringLike", "aws:SourceIp", "203.0.113.*", "loose"],
  ["IpAddress", "aws:VpcSourceIp", "10.0.0.0/8", "loose"],
  ["StringEquals", "aws:SourceVpc", "vpc-0123456789abcdef0", "network"],
  ["StringLike", "aws:SourceVpce", "vpce-*", "loose"],
  ["StringEquals", "aws:VpceOrgID", org, `network(${org})`],
  ["StringLike", "aws:CurrentTime", "2*", "loose"],
  ["NumericEquals", "aws:RequestedRegion", "1", "loose"],
  ["IpAddress", "aws:SourceIp", "::ffff:0:0/96", "loose"],
  ["IpAddress", "aws:PrincipalArn", "203.0.113.0/24", "?"],
  ["StringEquals", "aws:PrincipalTag/team", "payments", "tag"],
  ["StringLike", "aws:RequestTag/team", "*", "loose"],
  ["StringEquals", "aws:ResourceTag/team", "payments", "loose"],
  ["StringLike", "sts:RoleSessionName", "MicrosoftSentinel_*", "session"],
  ["StringEquals", "sts:RoleSessionName", "${aws:username}", "loose"],
  ["DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z", "time"],
  ["Bool", "aws:SecureTransport", "true", "loose"],
  ["StringEquals", "aws:UserAgent", "ours", "loose"],
  ["StringEquals", "aws:SomethingNew", "x", "?"],
  ["StringEquals", "constructor", "x", "?"],
  ["StringMatches", "aws:PrincipalOrgID", org, "?"],
  ["constructor", "aws:PrincipalOrgID", org, "?"],
  ["", "aws:PrincipalOrgID", org, "?"],
];

describe("what one condition confines to", () => {
  describe.each([
    ["callers", ofCallers],
    ["services", ofServices],
    ["the rest", ofTheRest],
  ])("%s", (_, rows) => {
    test.each(rows)("%s %s %j: %s", (operator, key, values, expected) => {
      expect(summary(read({ [operator]: { [key]: values } }))).toBe(expected);
    });
  });
});

describe("what several conditions confine to", () => {
  const organization = { "aws:PrincipalOrgID": org };

  test.each([
    ["none", {}, ""],
    [
      "two operators hold together",
      { StringEquals: organization, Bool: { "aws:MultiFactorAuthPresent": "true" } },
      `mfa organization(${org})`,
    ],
    [
      "two keys hold together",
      { StringEquals: { ...organization, "sts:ExternalId": "9f2c" } },
      `organization(${org}) externalId`,
    ],
    [
      "IfExists of a key that has to be there",
      { StringEqualsIfExists: organization, Null: { "AWS:PrincipalOrgId": "false" } },
      `organization(${org}) loose`,
    ],
    [
      "ForAllValues of a key that has to be there",
      {
        "ForAllValues:StringLike": { "aws:PrincipalOrgPaths": "o-a/*" },
        Null: { "aws:PrincipalOrgPaths": "false" },
      },
      "organization(o-a) loose",
    ],
    [
      "IfExists of a key that may be absent",
      { StringEqualsIfExists: organization, Null: { "aws:PrincipalOrgID": ["true", "false"] } },
      "loose loose",
    ],
    ["an unknown operator beside", { StringEquals: organization, Odd: organization }, `organization(${org}) ?`],
  ])("%s", (_, conditions, expected) => {
    expect(summary(read(conditions))).toBe(expected);
  });

  it("says which condition is loose, and why", () => {
    expect(confinementsOf(read({ StringEqualsIfExists: organization })).loose).toEqual([
      { operator: "StringEqualsIfExists", key: "aws:PrincipalOrgID", why: "…IfExists is true where the key is absent" },
    ]);
  });

  it("says the same whatever the order", () => {
    const one = { StringEquals: { "sts:ExternalId": "9f2c", "aws:PrincipalOrgID": org }, Odd: { "aws:x": "y" } };
    const other = { Odd: { "aws:x": "y" }, StringEquals: { "aws:PrincipalOrgID": org, "sts:ExternalId": "9f2c" } };
    expect(confinementsOf(read(one))).toEqual(confinementsOf(read(other)));
  });
});

describe("what a denial leaves", () => {
  test.each<readonly [string, unknown, readonly string[] | undefined]>([
    ["nothing, if it has no conditions", {}, undefined],
    ["the organization", { StringNotEquals: { "aws:PrincipalOrgID": org } }, [`organization(${org})`]],
    ["the organization", { StringNotEqualsIfExists: { "aws:PrincipalOrgID": org } }, [`organization(${org})`]],
    ["all others", { StringEquals: { "aws:PrincipalOrgID": org } }, ["loose"]],
    [
      "an organization's paths",
      { "ForAllValues:StringNotLike": { "aws:PrincipalOrgPaths": "o-a/*" } },
      ["organization(o-a)"],
    ],
    ["whoever has no path at all", { "ForAnyValue:StringNotLike": { "aws:PrincipalOrgPaths": "o-a/*" } }, ["loose"]],
    ["sessions with MFA", { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } }, ["mfa"]],
    ["sessions with MFA and access keys", { Bool: { "aws:MultiFactorAuthPresent": "false" } }, ["loose"]],
    ["those with an MFA's age", { Null: { "aws:MultiFactorAuthAge": "true" } }, ["mfa"]],
    ["a young MFA", { NumericGreaterThanIfExists: { "aws:MultiFactorAuthAge": "60" } }, ["mfa"]],
    ["a young MFA or none", { NumericGreaterThan: { "aws:MultiFactorAuthAge": "60" } }, ["loose"]],
    ["an office", { NotIpAddress: { "aws:SourceIp": "203.0.113.0/24" } }, ["network"]],
    [
      "one of two",
      { StringNotEquals: { "aws:PrincipalOrgID": org }, NotIpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
      [`organization(${org})`, "network"],
    ],
    ["nobody knows what", { Odd: { "aws:PrincipalOrgID": org } }, ["?"]],
    ["nobody knows what", { Null: { "aws:PrincipalOrgID": "perhaps" } }, ["?"]],
    ["whoever has no such key", { Bool: { "aws:MultiFactorAuthPresent": ["true", "false"] } }, ["loose"]],
    ["the same, however often it is said", { Bool: { "aws:SecureTransport": ["false", "FALSE"] } }, ["loose"]],
    ["whoever has none of it", { "ForAnyValue:Bool": { "aws:foo": "true" } }, ["loose"]],
    ["nothing, if the key is there or not", { Null: { "aws:foo": ["true", "false"] } }, undefined],
    ["nothing, if any flag will do, and none", { BoolIfExists: { "aws:foo": ["true", "false"] } }, undefined],
    ["all but one text", { BinaryEquals: { "aws:foo": "QQ==" } }, ["loose"]],
    ["all, where a number is none", { NumericLessThan: { "aws:MultiFactorAuthAge": "x" } }, ["loose"]],
  ])("%s: %j", (_, conditions, expected) => {
    expect(complementOf(read(conditions))?.map(summary)).toEqual(expected);
  });
});

describe("whatever the conditions", () => {
  const operator = fc.constantFrom(
    ...["StringEquals", "StringLike", "StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringLike"],
    ...[
      "ForAnyValue:StringEquals",
      "ForAnyValue:StringNotLike",
      "ForAllValues:StringNotEquals",
      "Null",
      "Bool",
      "BoolIfExists",
    ],
    ...["StringNotEqualsIfExists", "NumericLessThan", "NumericGreaterThanIfExists", "Odd"],
  );
  const key = fc.constantFrom("aws:PrincipalOrgID", "aws:PrincipalAccount", "sts:ExternalId", "aws:MultiFactorAuthAge");
  const value = fc.constantFrom(account, org, "*", "9f2c", "o-*", "true", "false", "60");
  const block = fc.dictionary(operator, fc.dictionary(key, fc.array(value, { minLength: 1, maxLength: 2 })));
  const context = fc.dictionary(key, value).map(requestContext);
  const stranger = requestContext({
    "aws:PrincipalOrgID": "o-stranger",
    "aws:PrincipalAccount": "999988887777",
    "sts:ExternalId": "guessed",
  });

  it("lets no request through a confining condition that lacks the key", () => {
    fc.assert(
      fc.property(block, context, (conditions, request) => {
        for (const { key, kind } of confinementsOf(conditions).confining) {
          const without = new Map([...request].filter(([name]) => name !== key));
          expect(conditionHolds(conditions, without), `${kind} ${key}`).not.toBe(true);
        }
      }),
    );
  });

  it("lets no stranger through what confines to an account, an organization or an external id", () => {
    fc.assert(
      fc.property(block, (conditions) => {
        const { confining } = confinementsOf(conditions);
        if (confining.some(({ kind }) => kind !== "mfa")) expect(conditionHolds(conditions, stranger)).not.toBe(true);
      }),
    );
  });

  it("confines no less when a condition is added", () => {
    fc.assert(
      fc.property(block, block, (conditions, more) => {
        const merged = { ...conditions };
        for (const [name, keys] of Object.entries(more)) if (!Object.hasOwn(merged, name)) merged[name] = keys;
        const kinds = (each: ConditionBlock) => new Set(confinementsOf(each).confining.map(({ kind }) => kind));
        expect([...kinds(conditions)].filter((kind) => !kinds(merged).has(kind))).toEqual([]);
      }),
    );
  });

  it("leaves to a denial's complement exactly the requests that the denial does not match", () => {
    const one = fc.record({ operator, key, values: fc.array(value, { minLength: 1, maxLength: 2 }), request: context });
    fc.assert(
      fc.property(one, ({ operator, key, values, request }) => {
        const actual = request.get(key.toLowerCase())?.[0];
        const wanted = operator.startsWith("Numeric")
          ? /^\d+$/
          : operator.startsWith("Bool")
            ? /^(?:true|false)$/
            : /./;
        fc.pre(actual === undefined || wanted.test(actual));
        const holds = conditionHolds({ [operator]: { [key]: values } }, request);
        const [left] = complementOf({ [operator]: { [key]: values } }) ?? [];
        const isLeft = left === undefined ? false : conditionHolds(left, request);
        expect([holds, isLeft]).toContainEqual(isLeft === "unknown" ? "unknown" : !holds);
      }),
    );
  });
});
