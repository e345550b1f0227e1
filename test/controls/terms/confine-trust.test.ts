import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, PlanningContext } from "../../../shared/control.ts";
import { trustOpenToAnyone } from "../../../shared/controls/trust-open-to-anyone.ts";
import { known, type RoleFacts, unknownFact } from "../../../shared/facts/facts.ts";
import { neighboursNotRead } from "../../../shared/facts/neighbours.ts";
import { now, organization, roleFacts } from "../../support/facts.ts";
import { allow, trusting } from "../../support/trust.ts";

const context: PlanningContext<Record<string, never>> = {
  now,
  options: {},
  excludedRoles: { names: [], paths: [], tags: {}, trustTags: false },
  organization,
  neighbours: neighboursNotRead,
  repair: { boundaryArn: null, centralRootAccess: false },
  findingId: "f".repeat(32),
};

const planOf = (role: RoleFacts, other: Partial<typeof context> = {}) =>
  trustOpenToAnyone.repair?.plan(role, { ...context, ...other });

/** The trust policy as a repair would leave it; why it would not, as a text. */
const confined = (role: RoleFacts, other: Partial<typeof context> = {}): unknown => {
  const plan = planOf(role, other);
  if (plan === undefined) throw new Error("no repair");
  if ("held" in plan) return plan.held;
  const { write } = plan.steps[0];
  if (write.operation !== "UpdateAssumeRolePolicy") throw new Error(write.operation);
  return JSON.parse(write.document);
};

const own = "o-exampleorg1";
const inOrganization = { StringEquals: { "aws:PrincipalOrgID": own } };
const document = (...Statement: readonly Json[]) => ({ Version: "2012-10-17", Statement });

describe("a trust policy that lets anyone in", () => {
  it.each<[string, unknown, unknown]>([
    ["one statement", document(allow("*")), document(allow("*", { Condition: inOrganization }))],
    [
      "a statement that is no list",
      { Version: "2012-10-17", Statement: allow("*") },
      { Version: "2012-10-17", Statement: allow("*", { Condition: inOrganization }) },
    ],
    [
      "among others, which stay",
      document(allow({ AWS: "999988887777" }), allow("*", { Sid: "Open" }), allow({ Service: "ec2.amazonaws.com" })),
      document(
        allow({ AWS: "999988887777" }),
        allow("*", { Sid: "Open", Condition: inOrganization }),
        allow({ Service: "ec2.amazonaws.com" }),
      ),
    ],
    [
      "beside one that the role's own account confines",
      document(
        allow("*"),
        allow("*", { Condition: { StringEquals: { "aws:PrincipalAccount": `\${aws:ResourceAccount}` } } }),
      ),
      document(
        allow("*", { Condition: inOrganization }),
        allow("*", { Condition: { StringEquals: { "aws:PrincipalAccount": `\${aws:ResourceAccount}` } } }),
      ),
    ],
    [
      "with accounts of the organization besides",
      document(allow({ AWS: ["444455556666", "*"] })),
      document(allow({ AWS: ["444455556666", "*"] }, { Condition: inOrganization })),
    ],
    [
      "with conditions of its own, however the operator is written",
      document(
        allow("*", {
          Condition: { stringequals: { "sts:ExternalId": "9f2c" }, Bool: { "aws:MultiFactorAuthPresent": "true" } },
        }),
      ),
      document(
        allow("*", {
          Condition: {
            stringequals: { "sts:ExternalId": "9f2c", "aws:PrincipalOrgID": own },
            Bool: { "aws:MultiFactorAuthPresent": "true" },
          },
        }),
      ),
    ],
    [
      "everyone but one",
      document({ Effect: "Allow", NotPrincipal: { AWS: "444455556666" }, Action: "sts:AssumeRole" }),
      document({
        Effect: "Allow",
        NotPrincipal: { AWS: "444455556666" },
        Action: "sts:AssumeRole",
        Condition: inOrganization,
      }),
    ],
  ])("is confined: %s", (_, before, after) => {
    expect(confined(roleFacts({ trustPolicy: known(before) }))).toEqual(after);
  });

  it.each<[string, Readonly<Record<string, Record<string, string | string[]>>>]>([
    ["another organization", { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-foreignorg" } }],
    ["no organization at all", { Null: { "aws:PrincipalOrgID": "true" } }],
    ["all but this one", { StringNotLike: { "aws:principalorgid": ["o-a", "o-ex*"] } }],
    ["what the caller says", { StringEquals: { "aws:PrincipalOrgID": "${aws:PrincipalOrgID}" } }],
    ["paths of any organization", { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-*/r-ab12/*" } }],
    ["a foreign account, if there is one", { StringEqualsIfExists: { "aws:PrincipalAccount": "123412341234" } }],
    [
      "every account but the organization's",
      { StringNotEquals: { "aws:PrincipalAccount": ["999999999999", "111122223333", "444455556666"] } },
    ],
    [
      "a foreign role, if there is one",
      { ArnLikeIfExists: { "aws:PrincipalArn": "arn:aws:iam::123412341234:role/x" } },
    ],
    ["a service", { Bool: { "aws:PrincipalIsAWSService": "true" } }],
    ["a service for an account, if it says so", { StringEqualsIfExists: { "aws:SourceAccount": "111122223333" } }],
    ["a unique id, if there is one", { StringLikeIfExists: { "aws:userid": "AROAQEXAMPLEFOREIGN01:*" } }],
    ["a user of a name", { StringEquals: { "aws:username": "deploy" } }],
    ["a claim of an identity provider, if there is one", { StringEqualsIfExists: { "saml:iss": "https://idp" } }],
  ])("is left to a person where it asks for %s", (_, Condition) => {
    expect(confined(trusting(allow("*", { Condition })))).toMatch(
      /^The trust policy of role app stays as it is: Statement\[0\] asks for \S+ \S+ already, which goes against/,
    );
  });

  it.each<[string, Readonly<Record<string, Record<string, string | string[]>>>]>([
    ["this organization, if there is one", { StringEqualsIfExists: { "aws:PrincipalOrgID": own } }],
    ["some organization", { StringLike: { "aws:PrincipalOrgID": "o-*" } }],
    ["that the caller is in one", { Null: { "aws:PrincipalOrgID": "false" } }],
    ["all but a foreign one", { StringNotEquals: { "aws:PrincipalOrgID": "o-foreignorg" } }],
    [
      "one of two accounts, if there is one",
      { StringEqualsIfExists: { "aws:PrincipalAccount": ["444455556666", "1"] } },
    ],
    ["all but one account", { StringNotEquals: { "aws:PrincipalAccount": "444455556666" } }],
    ["a role of a name in any account", { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/deploy" } }],
    ["no service", { Bool: { "aws:PrincipalIsAWSService": "false" } }],
    ["a tag, a session's name, MFA", { StringLike: { "aws:PrincipalTag/team": "a*", "sts:RoleSessionName": "b*" } }],
  ])("is confined where it asks for %s, which stays", (_, Condition) => {
    const after = confined(trusting(allow("*", { Condition })));
    const { StringEquals: _added, ...asked } = Condition;
    expect(after).toEqual(document(allow("*", { Condition: { ...asked, ...inOrganization } })));
  });

  it.each<[string, RoleFacts, Partial<typeof context>, string]>([
    [
      "the organization is not known",
      trusting(allow("*")),
      { organization: unknownFact("it could not be read") },
      "The trust policy of role app cannot be confined to an organization that is not known: it could not be read.",
    ],
    [
      "a foreign account is named besides",
      trusting(allow({ AWS: ["arn:aws:iam::123412341234:role/partner", "*"] })),
      {},
      "The trust policy of role app stays as it is: Statement[0] names arn:aws:iam::123412341234:role/partner too, which is not of the organization. Give it a statement of its own, or take it out.",
    ],
    [
      "a principal is gone",
      trusting(allow("*"), allow({ AWS: "AROAQEXAMPLEDELETED01" })),
      {},
      "The trust policy of role app names AROAQEXAMPLEDELETED01, which stands for a deleted user or role: IAM takes no policy that does. Take it out first.",
    ],
    [
      "it is not known",
      roleFacts({ trustPolicy: unknownFact("it is not JSON") }),
      {},
      "The trust policy of role app cannot be read: it is not JSON.",
    ],
  ])("is left to a person where %s", (_, role, other, held) => {
    expect(confined(role, other)).toBe(held);
  });

  it("is confined so that it complies, or left, whatever else it says; and only conditions are added", () => {
    const condition = fc.constantFrom<Record<string, Record<string, string>> | undefined>(
      undefined,
      { StringEquals: { "sts:ExternalId": "9f2c" } },
      { StringLike: { "aws:PrincipalOrgID": "*" } },
      { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } },
      { StringNotEquals: { "aws:PrincipalAccount": "123412341234" } },
      { Odd: { "aws:x": "y" } },
    );
    const principal = fc.constantFrom<Json>(
      "*",
      { AWS: "*" },
      { AWS: ["*", "444455556666"] },
      { Service: "ec2.amazonaws.com" },
    );
    const statement = fc
      .tuple(
        fc.constantFrom("Allow", "Allow", "Deny"),
        principal,
        fc.constantFrom("sts:AssumeRole", "sts:*"),
        condition,
      )
      .map(([Effect, Principal, Action, Condition]) => ({
        Effect,
        Principal,
        Action,
        ...(Condition && { Condition }),
      }));
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }), (statements) => {
        const role = trusting(...statements);
        fc.pre(trustOpenToAnyone.evaluate(role, context).outcome === "violation");
        const after = confined(role);
        if (typeof after === "string") return;
        const facts = roleFacts({ trustPolicy: known(after) });
        expect(trustOpenToAnyone.evaluate(facts, context)).toEqual({ outcome: "compliant" });
        const without = JSON.parse(JSON.stringify(after), (name, value) =>
          name === "aws:PrincipalOrgID" && value === own ? undefined : value,
        );
        const trimmed = JSON.parse(JSON.stringify(without), (_, value) =>
          typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
            ? undefined
            : value,
        );
        expect(trimmed).toEqual(document(...statements));
      }),
    );
  });
});
