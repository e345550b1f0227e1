import { describe, expect, it } from "vitest";
import type { LintRequest } from "../../shared/lint/lint.ts";
import { lambdaTrust, lintValue } from "./linting.ts";

const version = "2012-10-17";
const allow = (over: object = {}) => ({ Effect: "Allow", Action: "s3:GetObject", Resource: "*", ...over });
const trust = (over: object = {}) => ({
  Effect: "Allow",
  Principal: { Service: "lambda.amazonaws.com" },
  Action: "sts:AssumeRole",
  ...over,
});
const document = (...Statement: readonly unknown[]) => ({ Version: version, Statement });

const found = (value: unknown, over?: Partial<LintRequest>): string[] => {
  const { findings, problems } = lintValue(value, over);
  expect(problems).toEqual([]);
  return findings.map(({ rule, severity, reason }) => `${rule} ${severity}: ${reason}`);
};

describe("a policy that IAM refuses", () => {
  const cases: Record<string, [unknown, string[]]> = {
    "an identity policy that is right": [document(allow()), []],
    "a statement by itself": [{ Version: version, Statement: allow() }, []],
    "wildcards in actions": [document(allow({ Action: ["*", "s3:*", "iam:*Role*", "s3:Get??ject"] })), []],
    "a trust policy that is right": [document(trust()), []],
    "no effect": [document({ Action: "*", Resource: "*" }), ["Statement[0]: Effect must be Allow or Deny."]],
    "a statement that is a text": [document(allow(), "x"), ["Statement[1]: must be an object."]],
    "an element that does not exist": [
      document(allow({ Conditions: {} })),
      ["Statement[0]: there is no element Conditions in the policy language."],
    ],
    "no action": [
      document({ Effect: "Allow", Resource: "*" }),
      ["Statement[0]: it needs an Action or a NotAction, and has neither."],
    ],
    "both kinds of actions": [
      document(allow({ NotAction: "s3:*" })),
      ["Statement[0]: it has an Action and a NotAction; only one of them may be there."],
    ],
    "no resource": [
      document({ Effect: "Allow", Action: "s3:*" }),
      ["Statement[0]: it needs a Resource or a NotResource, and has neither."],
    ],
    "an action without a service": [
      document(allow({ Action: "GetObject" })),
      ['Statement[0]: "GetObject" is no action; write service:Name, such as s3:GetObject.'],
    ],
    "a condition that is a text": [document(allow({ Condition: "x" })), ["Statement[0]: Condition must be an object."]],
    "a version that is none": [
      { Version: "2012-10-7", Statement: [allow({ Resource: "arn:aws:s3:::b/${aws:username}" })] },
      ['The Version "2012-10-7" is none; write "2012-10-17".'],
    ],
    "a condition operator that is none": [
      document(
        allow({ Condition: { StringEqual: { "aws:PrincipalTag/a": "b" }, "foranyvalue:StringLikeIfExists": {} } }),
      ),
      ['Statement[0]: "StringEqual" is no condition operator, such as StringEquals or ArnLike.'],
    ],
    "a resource that is no ARN": [
      document(allow({ Resource: ["bucket/*", "arn:aws:s3:::b/*", "*"] })),
      ['Statement[0]: "bucket/*" is no resource; write an ARN, such as arn:aws:s3:::bucket/*, or *.'],
    ],
    "empty lists": [
      document(allow({ Action: [] }), allow({ Resource: [] })),
      ["Statement[0]: its Action is an empty list.", "Statement[1]: its Resource is an empty list."],
    ],
    "a Sid of more than letters and digits": [
      document(allow({ Sid: "read objects" }), allow({ Sid: "Read2" })),
      ['Statement[0]: the Sid "read objects" has other characters than letters and digits.'],
    ],
    "a Sid twice": [
      document(allow({ Sid: "Read" }), allow({ Sid: "" }), allow({ Sid: "" }), allow({ Sid: "Read" })),
      ['Statement[3]: Statement[0] has the Sid "Read" as well; in one policy each is another.'],
    ],
    "a trust policy with an action of another service": [
      document(trust({ Action: ["sts:AssumeRole", "lambda:InvokeFunction"] })),
      ['Statement[0]: "lambda:InvokeFunction" is no way to assume a role: a trust policy has actions of sts alone.'],
    ],
    "a trust policy with a resource": [
      document(trust({ Resource: "*" })),
      ["Statement[0]: a trust policy has no Resource: it is about its own role."],
    ],
  };
  it.each(Object.entries(cases))("is told: %s", (_, [value, reasons]) => {
    const own = found(value).filter((one) => one.startsWith("malformed-policy"));
    expect(own).toEqual(reasons.map((reason) => `malformed-policy high: ${reason}`));
  });

  it("goes by what the policy is said to be written for", () => {
    expect(found(document(allow()), { kind: "trust" })).toEqual(
      expect.arrayContaining([
        "malformed-policy high: Statement[0]: it needs a Principal or a NotPrincipal, and has neither.",
        "malformed-policy high: Statement[0]: a trust policy has no Resource: it is about its own role.",
      ]),
    );
    expect(found(document(trust()), { kind: "scp" })).toEqual([
      "malformed-policy high: Statement[0]: only the policy of a resource or a role's trust policy has a Principal.",
      "malformed-policy high: Statement[0]: it needs a Resource or a NotResource, and has neither.",
    ]);
  });

  it("is a resource's own, which lint does not judge: that is told", () => {
    const { problems } = lintValue(document(allow({ Principal: "*" })));
    expect(problems).toEqual([
      expect.objectContaining({
        line: 4,
        column: 5,
        message: expect.stringMatching(/policy of a resource, which no control judges/),
      }),
    ]);
  });
});

describe("a policy's version", () => {
  const variable = allow({ Resource: "arn:aws:s3:::b/${aws:username}" });
  it.each<[string, object, string[]]>([
    ["the present one", { Version: version, Statement: [variable] }, []],
    [
      "none",
      { Statement: [allow()] },
      [
        'policy-version low: The policy has no Version: variables in it would be taken as they are written. Write "Version": "2012-10-17".',
      ],
    ],
    [
      "an old one, with variables",
      { Version: "2008-10-17", Statement: [variable] },
      [
        'policy-version medium: The policy has the Version "2008-10-17": its variables are taken as they are written. Write "Version": "2012-10-17".',
      ],
    ],
  ])("is %s", (_, value, expected) => {
    expect(found(value)).toEqual(expected);
  });
});

describe("an action that AWS does not document", () => {
  it.each<[string, object, string[]]>([
    ["known, in whatever case", allow({ Action: ["S3:getobject", "s3:Get*", "*"] }), []],
    [
      "misspelt",
      allow({ Action: "s3:GetObjct" }),
      ['low: AWS documents no action "s3:GetObjct", so that nothing is allowed by it.'],
    ],
    [
      "a pattern of nothing",
      allow({ Action: "s3:Fetch*" }),
      ['low: AWS documents no action "s3:Fetch*", so that nothing is allowed by it.'],
    ],
    [
      "of no service",
      allow({ Action: "s33:*" }),
      ['low: No service that AWS documents has the actions "s33:*", so that nothing is allowed by it.'],
    ],
    [
      "misspelt in a Deny",
      allow({ Effect: "Deny", Action: "iam:CreateUsr" }),
      ['medium: AWS documents no action "iam:CreateUsr", so that nothing is denied by it.'],
    ],
    [
      "misspelt in what an Allow leaves out",
      { Effect: "Allow", NotAction: ["iam:*", "organisations:*"], Resource: "*" },
      ['medium: No service that AWS documents has the actions "organisations:*", so that it is left out of nothing.'],
    ],
    [
      "misspelt in what a Deny leaves out",
      { Effect: "Deny", NotAction: "s3:GetObjct", Resource: "*" },
      ['low: AWS documents no action "s3:GetObjct", so that it is denied with the rest.'],
    ],
    ["not known before a deployment", allow({ Action: "«Action»" }), []],
  ])("is told: %s", (_, statement, expected) => {
    const own = found(document(statement)).filter((one) => one.startsWith("unknown-action"));
    expect(own).toEqual(expected.map((one) => `unknown-action ${one}`));
  });
});

/** A document of exactly so many characters, white space not counted; it has some. */
const sized = (size: number, base: object) => {
  const measure = (value: object) => JSON.stringify(value).replace(/\s/g, "").length;
  const pad = (length: number) => ({ ...document({ ...base, Sid: `a ${"b".repeat(length)}` }) });
  return pad(size - measure(pad(0)));
};
const resources = (one: object) => ({ Resources: { X: one } });
const bounded = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const principal = (kind: string, properties: object) =>
  resources({
    Type: `AWS::IAM::${kind}`,
    Properties: {
      ...(kind === "Role" && { AssumeRolePolicyDocument: lambdaTrust, PermissionsBoundary: bounded }),
      ...properties,
    },
  });
const inline = (size: number) => ({
  Policies: [size - 600, 600].map((each, n) => ({ PolicyName: `p${n}`, PolicyDocument: sized(each, allow()) })),
});
const attached = (count: number) => ({
  ManagedPolicyArns: Array.from({ length: count }, (_, n) => `arn:aws:iam::aws:policy/P${n}`),
});
const managed = (size: number) =>
  resources({ Type: "AWS::IAM::ManagedPolicy", Properties: { PolicyDocument: sized(size, allow()) } });
const trusting = (size: number) => principal("Role", { AssumeRolePolicyDocument: sized(size, trust()) });
const scp = (size: number) =>
  resources({
    Type: "AWS::Organizations::Policy",
    Properties: { Type: "SERVICE_CONTROL_POLICY", Content: sized(size, allow()) },
  });

describe("a quota", () => {
  it.each<[string, number, (amount: number) => object, string]>([
    ["a managed policy's size", 6_144, managed, "medium: The managed policy has 6,145 characters"],
    [
      "a user's inline policies",
      2_048,
      (size) => principal("User", inline(size)),
      "medium: The 2 inline policies have 2,049 characters",
    ],
    [
      "a group's inline policies",
      5_120,
      (size) => principal("Group", inline(size)),
      "medium: The 2 inline policies have 5,121 characters",
    ],
    [
      "a role's inline policies",
      10_240,
      (size) => principal("Role", inline(size)),
      "medium: The 2 inline policies have 10,241 characters",
    ],
    ["a trust policy's size, as it is at first", 2_048, trusting, "low: The trust policy has 2,049 characters"],
    ["a service control policy's size, as it was", 5_120, scp, "low: The service control policy has 5,121 characters"],
    [
      "a role's managed policies, as it is at first",
      20,
      (count) => principal("Role", attached(count)),
      "low: 21 managed policies",
    ],
    ["a group's managed policies", 10, (count) => principal("Group", attached(count)), "medium: 11 managed policies"],
  ])("is met exactly, and not exceeded: %s", (_, quota, make, beyond) => {
    const sizes = (amount: number) => found(make(amount)).filter((one) => one.startsWith("policy-size"));
    expect(sizes(quota)).toEqual([]);
    expect(sizes(quota + 1)).toEqual([expect.stringContaining(`policy-size ${beyond}`)]);
  });

  it.each<[string, object, string]>([
    ["a trust policy", trusting(8_193), "medium: The trust policy has 8,193 characters"],
    ["a service control policy", scp(10_241), "medium: The service control policy has 10,241 characters"],
    ["a role's managed policies", principal("Role", attached(26)), "medium: 26 managed policies"],
  ])("that nothing raises is worse: %s", (_, value, expected) => {
    expect(found(value)).toContainEqual(expect.stringContaining(`policy-size ${expected}`));
  });

  it("of session policies is met or not by a document by itself", () => {
    expect(found(sized(2_048, allow()), { kind: "session" })).toEqual([]);
    expect(found(sized(2_049, allow()), { kind: "session" })).toEqual([
      expect.stringContaining("The session policy has 2,049"),
    ]);
  });

  it("counts nothing for what only the deployment tells", () => {
    const arns = Array.from({ length: 200 }, (_, n) => ({ "Fn::ImportValue": `a-very-long-name-of-an-export-${n}` }));
    const PolicyDocument = document(allow({ Resource: arns }));
    expect(found(resources({ Type: "AWS::IAM::ManagedPolicy", Properties: { PolicyDocument } }))).toEqual([]);
  });
});

describe("a principal by its unique id", () => {
  const of = (...statements: readonly unknown[]) =>
    found(document(...statements)).filter((one) => one.startsWith("principal-by-id"));

  it("is told, once in a statement, whatever its effect", () => {
    const gone = "AROAQEXAMPLEGONE0001";
    const told = (at: number) =>
      `principal-by-id medium: Statement[${at}]: ${gone} is the unique id of a user or role, which IAM shows for one that was deleted, and refuses if it is gone. Name who is meant by ARN, or take it out.`;
    expect(of(trust({ Principal: { AWS: [gone, "111122223333", gone] } }))).toEqual([told(0)]);
    expect(of(trust(), trust({ Effect: "Deny", Principal: { AWS: gone } }))).toEqual([told(1)]);
    expect(of(trust({ Principal: { AWS: "arn:aws:iam::111122223333:role/app" } }))).toEqual([]);
  });
});
