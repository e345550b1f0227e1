import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedInputError } from "../../../shared/errors.ts";
import { parsePolicy, readPolicyDocument } from "../../../shared/policy/language/document.ts";

const statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };

describe("parsePolicy", () => {
  const parsed = {
    version: "2012-10-17",
    statements: [{ effect: "Allow", actions: ["s3:GetObject"], resources: ["*"], conditions: {}, unknownElements: [] }],
  };
  const policy = { Version: "2012-10-17", Statement: [statement] };
  test.each([
    ["an object", policy],
    ["plain JSON", JSON.stringify(policy)],
    ["URL-encoded JSON", encodeURIComponent(JSON.stringify(policy))],
    ["a single statement", { Version: "2012-10-17", Statement: statement }],
    [
      "lists of one",
      { Version: "2012-10-17", Statement: [{ ...statement, Action: ["s3:GetObject"], Resource: ["*"] }] },
    ],
  ])("reads %s", (_, document) => {
    expect(parsePolicy(document)).toEqual(parsed);
  });

  test("reads principals and conditions as lists, booleans as their spelling", () => {
    const [read] = parsePolicy({
      Statement: {
        Sid: "Trust",
        Effect: "Deny",
        Principal: { AWS: "111122223333", Service: ["a.amazonaws.com"] },
        NotAction: "sts:*",
        Condition: { Bool: { "aws:MultiFactorAuthPresent": false } },
        Frobnicate: 1,
      },
    }).statements;
    expect(read).toEqual({
      sid: "Trust",
      effect: "Deny",
      notActions: ["sts:*"],
      principals: { AWS: ["111122223333"], Service: ["a.amazonaws.com"] },
      conditions: { Bool: { "aws:MultiFactorAuthPresent": ["false"] } },
      unknownElements: ["Frobnicate"],
    });
  });

  const ofAccount = `arn:aws:iam::\${aws:PrincipalAccount}:*`;
  test.each([
    ["in the language that has them", { Version: "2012-10-17" }, ofAccount],
    ["in the one before as their characters", { Version: "2008-10-17" }, ofAccount.replace("$", "${$}")],
    ["without a version, which is that one", {}, ofAccount.replace("$", "${$}")],
  ])("reads variables %s", (_, version, read) => {
    const statement = { Effect: "Deny", Action: "*", Condition: { ArnLike: { "aws:PrincipalArn": ofAccount } } };
    const Statement = [
      { ...statement, Resource: ofAccount },
      { ...statement, NotResource: ofAccount },
    ];
    const conditions = { ArnLike: { "aws:PrincipalArn": [read] } };
    expect(parsePolicy({ ...version, Statement }).statements).toMatchObject([
      { resources: [read], conditions },
      { notResources: [read], conditions },
    ]);
  });

  test.each([
    ["not JSON", "{", "must be JSON"],
    ["a broken encoding", "%7B%", "neither JSON nor URL-encoded"],
    ["a list", [], "must be a JSON object"],
    ["no Statement", {}, "needs a Statement"],
    ["a statement that is a string", { Statement: ["x"] }, "Statement[0] must be an object"],
    ["no effect", { Statement: [{ Action: "*" }] }, "Statement[0].Effect"],
    ["an action that is an object", { Statement: [{ ...statement, Action: {} }] }, "Statement[0].Action"],
    ["a principal that is a name", { Statement: [{ ...statement, Principal: "bob" }] }, "Statement[0].Principal"],
    ["a condition that is a list", { Statement: [{ ...statement, Condition: [] }] }, "Statement[0].Condition"],
    ["an operator without keys", { Statement: [{ ...statement, Condition: { Bool: "x" } }] }, "Condition.Bool"],
  ])("refuses %s, saying where", (_, document, message) => {
    expect(() => parsePolicy(document)).toThrow(MalformedInputError);
    expect(() => parsePolicy(document)).toThrow(message);
  });

  test("throws nothing but MalformedInputError, whatever it gets", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.string(), fc.record({ Statement: fc.jsonValue() })), (document) => {
        try {
          parsePolicy(document);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedInputError);
        }
      }),
    );
  });
});

describe("readPolicyDocument", () => {
  test("says of what is no policy document why, and of what is one what parsePolicy says", () => {
    expect(readPolicyDocument({ Statement: ["x"] })).toEqual({ malformed: "Statement[0] must be an object" });
    expect(readPolicyDocument({ Statement: statement })).toEqual(parsePolicy({ Statement: statement }));
  });

  test("throws what is a fault of the program", () => {
    const broken = {
      get Statement() {
        throw new TypeError("a fault");
      },
    };
    expect(() => readPolicyDocument(broken)).toThrow(TypeError);
  });
});
