import { describe, expect, it, test } from "vitest";
import { isConfinedBy, readTrustPolicy, type Trust, type TrustPolicy } from "../../../shared/policy/trust/trust.ts";

const anybody = { Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" };
const partner = "arn:aws:iam::999988887777:root";
const role = "arn:aws:iam::111122223333:role/app";
const github = "arn:aws:iam::111122223333:oidc-provider/token.actions.GitHubUserContent.com";
const inOrganization = { StringEquals: { "aws:PrincipalOrgID": "o-a" } };
const outsideOrganization = { StringNotEquals: { "aws:PrincipalOrgID": "o-a" } };

const read = (...Statement: unknown[]): TrustPolicy => {
  const policy = readTrustPolicy({ Statement });
  if ("malformed" in policy) throw new Error(policy.malformed);
  return policy;
};

const confinement = ({ confining, undecided }: Trust["own"]): string =>
  [...confining.map(({ kind, of }) => `${kind}(${of})`), ...undecided.map(() => "?")].join(" ") || "nothing";

/** `type action: own & (alternative or alternative)`. */
const summary = ({ principal, action, own, limits }: Trust): string =>
  `${principal.type} ${action.slice("sts:".length)}: ${[
    confinement(own),
    ...limits.map((alternatives) => `(${alternatives.map(confinement).join(" or ")})`),
  ].join(" & ")}`;

describe("readTrustPolicy", () => {
  test.each<readonly [string, unknown, readonly string[]]>([
    ["everyone", anybody, ["everyone AssumeRole: nothing"]],
    ["every AWS account", { ...anybody, Principal: { AWS: ["*"] } }, ["everyone AssumeRole: nothing"]],
    [
      "a wildcard in an ARN",
      { ...anybody, Principal: { AWS: "arn:aws:iam::*:root" } },
      ["everyone AssumeRole: nothing"],
    ],
    [
      "everyone but somebody",
      { Effect: "Allow", NotPrincipal: { AWS: role }, Action: "sts:AssumeRole" },
      ["everyone AssumeRole: nothing"],
    ],
    ["an account's root", { ...anybody, Principal: { AWS: partner } }, ["aws AssumeRole: nothing"]],
    ["an account's id", { ...anybody, Principal: { AWS: "999988887777" } }, ["aws AssumeRole: nothing"]],
    [
      "somebody who is gone",
      { ...anybody, Principal: { AWS: "AROAQEXAMPLEGONE0001" } },
      ["deleted AssumeRole: nothing"],
    ],
    ["a service", { ...anybody, Principal: { Service: "ec2.amazonaws.com" } }, ["service AssumeRole: nothing"]],
    [
      "an identity provider, by every way there is",
      { ...anybody, Principal: { Federated: [github, "accounts.google.com"] }, Action: "sts:*" },
      ["oidc AssumeRoleWithWebIdentity: nothing", "oidc AssumeRoleWithWebIdentity: nothing"],
    ],
    [
      "a SAML provider",
      {
        ...anybody,
        Principal: { Federated: "arn:aws:iam::111122223333:saml-provider/okta" },
        Action: "STS:AssumeRoleWithSaml",
      },
      ["saml AssumeRoleWithSAML: nothing"],
    ],
    ["a way that the principal cannot go", { ...anybody, Principal: { Federated: github } }, []],
    ["no way in", { ...anybody, Action: ["sts:TagSession", "sts:SetSourceIdentity"] }, []],
    [
      "all ways but one",
      { Effect: "Allow", Principal: "*", NotAction: "sts:AssumeRole" },
      ["everyone AssumeRoleWithSAML: nothing", "everyone AssumeRoleWithWebIdentity: nothing"],
    ],
    ["a condition", { ...anybody, Condition: inOrganization }, ["everyone AssumeRole: organization(o-a)"]],
    ["no statement", [], []],
  ])("reads %s", (_, statement, expected) => {
    const { trusts, unclear } = read(...[statement].flat());
    expect({ trusts: trusts.map(summary), unclear }).toEqual({ trusts: expected, unclear: [] });
  });

  it("knows an issuer whatever the case of its letters", () => {
    const { trusts } = read({ ...anybody, Principal: { Federated: github }, Action: "sts:AssumeRoleWithWebIdentity" });
    expect(trusts[0]?.principal).toEqual({
      type: "oidc",
      name: github,
      issuer: "token.actions.githubusercontent.com",
    });
  });

  const deny = { Effect: "Deny", Principal: "*", Action: "sts:*" };
  test.each<readonly [string, unknown, readonly string[]]>([
    ["of all", deny, []],
    ["of another way", { ...deny, Action: "sts:AssumeRoleWithSAML" }, ["nothing"]],
    ["of all but another way", { ...deny, Action: undefined, NotAction: "sts:AssumeRoleWithSAML" }, []],
    ["of every AWS principal", { ...deny, Principal: { AWS: "*" } }, []],
    ["of somebody among everyone", { ...deny, Principal: { AWS: partner } }, ["nothing"]],
    ["of every identity provider", { ...deny, Principal: { Federated: "*" } }, ["nothing"]],
    ["of every service", { ...deny, Principal: { Service: "*" } }, ["nothing"]],
    [
      "of others than the organization's",
      { ...deny, Condition: outsideOrganization },
      ["nothing & (organization(o-a))"],
    ],
    ["of the organization's", { ...deny, Condition: inOrganization }, ["nothing & (nothing)"]],
    [
      "of those outside that are no sessions with MFA",
      { ...deny, Condition: { ...outsideOrganization, BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } } },
      ["nothing & (organization(o-a) or mfa())"],
    ],
    [
      "of everyone but one",
      { Effect: "Deny", NotPrincipal: { AWS: [role, "AIDAQEXAMPLEBOB000001"] }, Action: "sts:*" },
      ["nothing & (principal(111122223333))"],
    ],
    [
      "of others than the organization's and one",
      { Effect: "Deny", NotPrincipal: { AWS: role }, Action: "sts:*", Condition: outsideOrganization },
      ["nothing & (principal(111122223333) or organization(o-a))"],
    ],
    ["with an element that is unknown", { ...deny, Conditions: {} }, ["nothing & (?)"]],
    ["with an operator that is unknown", { ...deny, Condition: { Odd: { "aws:x": "y" } } }, ["nothing & (?)"]],
    ["without a principal", { ...deny, Principal: undefined }, ["nothing & (?)"]],
  ])("takes off a denial %s", (_, denial, expected) => {
    expect(read(anybody, denial).trusts.map(summary)).toEqual(expected.map((each) => `everyone AssumeRole: ${each}`));
  });

  test.each<readonly [string, unknown, number]>([
    ["every identity provider", { Federated: "*" }, 0],
    ["everyone", "*", 0],
    ["every AWS principal", { AWS: "*" }, 1],
    ["the provider", { Federated: github }, 1],
  ])("takes off every identity provider a denial of %s", (_, Principal, left) => {
    const allowed = { ...anybody, Principal: { Federated: "*" }, Action: "sts:AssumeRoleWithWebIdentity" };
    expect(read(allowed, { ...deny, Principal }).trusts).toHaveLength(left);
  });

  test.each<readonly [string, unknown, readonly string[]]>([
    ["the account", { Principal: { AWS: "999988887777" } }, []],
    ["another account", { Principal: { AWS: "111122223333" } }, ["nothing"]],
    ["all but the account", { NotPrincipal: { AWS: partner } }, ["nothing"]],
    ["all but another account", { NotPrincipal: { AWS: role } }, []],
    [
      "all but somebody of the account",
      { NotPrincipal: { AWS: "arn:aws:iam::999988887777:role/app" } },
      ["nothing & (principal(999988887777))"],
    ],
  ])("takes off an account a denial of %s", (_, whom, expected) => {
    const { trusts } = read(
      { ...anybody, Principal: { AWS: partner } },
      { Effect: "Deny", Action: "sts:AssumeRole", ...(whom as object) },
    );
    expect(trusts.map(summary)).toEqual(expected.map((each) => `aws AssumeRole: ${each}`));
  });

  test.each<readonly [string, unknown, string]>([
    ["an unknown element", { ...anybody, Conditon: {} }, "has an element that is unknown: Conditon"],
    ["no principal", { ...anybody, Principal: undefined }, "needs a Principal or a NotPrincipal"],
    ["no action", { ...anybody, Action: undefined }, "needs an Action or a NotAction"],
    ["a resource", { ...anybody, Resource: "*" }, "has a Resource, which no trust policy may have"],
    ["a principal that is none", { ...anybody, Principal: { AWS: "bob" } }, "names bob, which is no principal"],
    ["a type that is none", { ...anybody, Principal: { Nobody: "x" } }, "names x as Nobody, which is no principal"],
    ["every service", { ...anybody, Principal: { Service: "*" } }, "names * as Service, which is no principal"],
  ])("cannot judge %s", (_, statement, why) => {
    expect(read(statement)).toEqual({ trusts: [], unclear: [`Statement[0] ${why}`] });
  });

  it("says why something is no policy document", () => {
    expect(readTrustPolicy("{")).toHaveProperty("malformed", expect.stringMatching(/^a policy document must be JSON/));
    expect(readTrustPolicy({})).toEqual({ malformed: "a policy document needs a Statement" });
  });
});

describe("isConfinedBy", () => {
  const such = ({ kind }: { readonly kind: string }) => kind === "organization";
  const first = (...statements: unknown[]): Trust => {
    const [trust] = read(...statements).trusts;
    if (trust === undefined) throw new Error("no trust");
    return trust;
  };
  const deny = { Effect: "Deny", Principal: "*", Action: "sts:*" };

  test.each<readonly [string, unknown, readonly unknown[]]>([
    ["false for no condition", false, [anybody]],
    ["true for its own condition", true, [{ ...anybody, Condition: inOrganization }]],
    ["true for a denial's", true, [anybody, { ...deny, Condition: outsideOrganization }]],
    ["unknown for an unknown one", "unknown", [{ ...anybody, Condition: { Odd: { "aws:x": "y" } } }]],
    ["true beside an unknown one", true, [{ ...anybody, Condition: { ...inOrganization, Odd: { "aws:x": "y" } } }]],
    [
      "false where a denial leaves another way in",
      false,
      [anybody, { ...deny, Condition: { ...outsideOrganization, NotIpAddress: { "aws:SourceIp": "203.0.113.7" } } }],
    ],
  ])("is %s", (_, expected, statements) => {
    expect(isConfinedBy(first(...statements), such)).toBe(expected);
  });
});
