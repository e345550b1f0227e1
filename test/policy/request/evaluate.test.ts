import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePolicy } from "../../../shared/policy/language/document.ts";
import { requestContext } from "../../../shared/policy/language/variables.ts";
import { type Caller, evaluatePolicies } from "../../../shared/policy/request/evaluate.ts";
import { matchesWildcard } from "../../../shared/wildcard.ts";

const decide = (
  statements: unknown,
  request: { action?: string; resource?: string; caller?: Caller; context?: Record<string, string> },
) =>
  evaluatePolicies([parsePolicy({ Statement: statements })], {
    action: request.action ?? "s3:GetObject",
    resource: request.resource ?? "arn:aws:s3:::bucket/key",
    context: requestContext(request.context ?? {}),
    ...(request.caller && { caller: request.caller }),
  }).decision;

const allowAll = { Effect: "Allow", Action: "*", Resource: "*" };
const bob: Caller = { type: "AWS", accountId: "111122223333", arns: ["arn:aws:iam::111122223333:user/bob"] };

describe("evaluatePolicies", () => {
  test.each([
    ["nothing said", [], "implicitDeny"],
    ["allowed", [allowAll], "allow"],
    ["action in other case", [{ ...allowAll, Action: "S3:get*" }], "allow"],
    ["other action", [{ ...allowAll, Action: "s3:Put*" }], "implicitDeny"],
    ["NotAction leaves it out", [{ Effect: "Allow", NotAction: "s3:*", Resource: "*" }], "implicitDeny"],
    ["NotAction of another", [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }], "allow"],
    ["other resource", [{ ...allowAll, Resource: "arn:aws:s3:::other/*" }], "implicitDeny"],
    [
      "NotResource leaves it out",
      [{ Effect: "Allow", Action: "*", NotResource: "arn:aws:s3:::bucket/*" }],
      "implicitDeny",
    ],
    ["a deny wins over an allow before it", [allowAll, { ...allowAll, Effect: "Deny" }], "explicitDeny"],
    ["an unknown operator in an allow", [{ ...allowAll, Condition: { Odd: { k: "v" } } }], "unknown"],
    [
      "an unknown operator in a deny",
      [allowAll, { ...allowAll, Effect: "Deny", Condition: { Odd: { k: "v" } } }],
      "unknown",
    ],
    ["an unknown element", [{ ...allowAll, Odd: true }], "unknown"],
    ["an allow beside an unknown allow", [{ ...allowAll, Odd: true }, allowAll], "allow"],
  ])("%s", (_, statements, expected) => {
    expect(decide(statements, {})).toBe(expected);
  });

  test.each([
    ["everyone", "*", "allow"],
    ["everyone in AWS", { AWS: "*" }, "allow"],
    ["the account by id", { AWS: "111122223333" }, "allow"],
    ["the account by its root", { AWS: "arn:aws:iam::111122223333:root" }, "allow"],
    ["the user", { AWS: ["arn:aws:iam::111122223333:user/bob"] }, "allow"],
    ["another account", { AWS: "444455556666" }, "implicitDeny"],
    ["a service", { Service: "ec2.amazonaws.com" }, "implicitDeny"],
    ["a wildcard in an ARN, which names nobody", { AWS: "arn:aws:iam::111122223333:user/*" }, "implicitDeny"],
  ])("principal: %s", (_, Principal, expected) => {
    expect(decide({ Effect: "Allow", Principal, Action: "*" }, { caller: bob })).toBe(expected);
  });

  test("a statement with a principal matches nobody when nobody asks, and NotPrincipal turns it round", () => {
    expect(decide({ Effect: "Allow", Principal: "*", Action: "*" }, {})).toBe("implicitDeny");
    const deny = (NotPrincipal: unknown) => [
      { Effect: "Allow", Principal: "*", Action: "*" },
      { Effect: "Deny", NotPrincipal, Action: "*" },
    ];
    expect(decide(deny({ AWS: "111122223333" }), { caller: bob })).toBe("allow");
    expect(decide(deny({ AWS: "444455556666" }), { caller: bob })).toBe("explicitDeny");
  });

  test("adding a deny never allows more", () => {
    const part = fc.constantFrom("*", "s3:*", "s3:GetObject", "iam:*");
    const statement = fc.record({
      Effect: fc.constantFrom("Allow", "Deny"),
      Action: part,
      Resource: fc.constantFrom("*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::other"),
    });
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 5 }), statement, (statements, extra) => {
        const before = decide(statements, {});
        const after = decide([...statements, { ...extra, Effect: "Deny" }], {});
        expect(after === before || after === "explicitDeny").toBe(true);
      }),
    );
  });
});

describe("matchesWildcard", () => {
  test("agrees with a regular expression", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`);
        expect(matchesWildcard(pattern, value)).toBe(expression.test(value));
      }),
      { numRuns: 2000 },
    );
  });

  test("is not slowed down by stars", () => {
    expect(matchesWildcard("*a".repeat(200), "a".repeat(5000).concat("b"))).toBe(false);
  });
});
