import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedInputError } from "../../shared/errors.ts";
import { parseRecord } from "../../shared/events/envelope.ts";
import { applyChange } from "../../shared/explain/apply-change.ts";
import { decide, type Question } from "../../shared/explain/decide.ts";
import { explainRequest } from "../../shared/explain/explain.ts";
import { askedInRecord } from "../../shared/explain/from-record.ts";
import {
  type HeldLayers,
  type HeldPolicy,
  heldPolicy,
  plainLayers,
  unreadPolicy,
} from "../../shared/explain/layers.ts";
import { refusalOf } from "../../shared/explain/refusal.ts";
import { requestContext } from "../../shared/policy/language/variables.ts";
import { authorize } from "../../shared/policy/request/authorize.ts";

const accountId = "111122223333";
const bob = `arn:aws:iam::${accountId}:user/bob`;
const keys = ["aws:SourceIp", "aws:MultiFactorAuthPresent", "aws:PrincipalTag/team", "sts:ExternalId"] as const;
const values = ["a", "b", "true"] as const;

const condition = fc.record({
  operator: fc.constantFrom(
    "StringEquals",
    "StringNotEquals",
    "StringLikeIfExists",
    "Bool",
    "Null",
    "ForAllValues:StringEquals",
    "Odd",
  ),
  key: fc.constantFrom(...keys),
  value: fc.constantFrom(...values),
});

const statement = (withPrincipal: boolean) =>
  fc
    .record({
      Effect: fc.constantFrom("Allow", "Allow", "Deny"),
      action: fc.constantFrom("*", "s3:*", "s3:GetObject", "s3:Put*", "sts:AssumeRole"),
      negated: fc.boolean(),
      resource: fc.constantFrom(
        "*",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::other/*",
        "arn:aws:s3:::${aws:PrincipalTag/team}/*",
      ),
      principal: fc.constantFrom<unknown>("*", { AWS: bob }, { AWS: accountId }, { AWS: "444455556666" }),
      condition: fc.option(condition, { nil: undefined, freq: 2 }),
    })
    .map(({ Effect, action, negated, resource, principal, condition: of }) => ({
      Effect,
      ...(negated && Effect === "Deny" ? { NotAction: action } : { Action: action }),
      Resource: resource,
      ...(withPrincipal && { Principal: principal }),
      ...(of && { Condition: { [of.operator]: { [of.key]: of.value } } }),
    }));

const policies = (withPrincipal = false): fc.Arbitrary<readonly HeldPolicy[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 12,
        arbitrary: fc
          .array(statement(withPrincipal), { minLength: 1, maxLength: 3 })
          .map((Statement) => heldPolicy("one", { Statement })),
      },
      { weight: 1, arbitrary: fc.constant(unreadPolicy("one", "iam:GetPolicy was denied")) },
    ),
    { maxLength: 2 },
  );

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const layers: fc.Arbitrary<HeldLayers> = fc
  .record({
    identity: policies(),
    boundary: optional(policies()),
    session: optional(policies()),
    nodes: optional(fc.array(policies(), { minLength: 1, maxLength: 2 })),
    resource: optional(policies(true)),
  })
  .map(({ identity, boundary, session, nodes, resource }) => ({
    identity,
    ...(boundary && { boundary }),
    ...(session && { session }),
    ...(nodes && {
      serviceControl: nodes.map((each, index) => ({ id: `n${index}`, name: `n${index}`, policies: each })),
    }),
    ...(resource && { resource }),
  }));

const contexts = fc.dictionary(
  fc.constantFrom(...keys),
  fc.oneof(
    fc.constant([]),
    fc.constantFrom(...values).map((each) => [each]),
  ),
);

const questions: fc.Arbitrary<Question> = fc
  .record({
    action: fc.constantFrom("s3:GetObject", "s3:PutObject", "ec2:RunInstances"),
    resource: fc.constantFrom("arn:aws:s3:::b/k", "*"),
    context: contexts,
    resourceAccountId: fc.constantFrom(accountId, "444455556666"),
    byTrust: fc.boolean(),
  })
  .map(({ context, resourceAccountId, byTrust, ...rest }) => ({
    request: { ...rest, context: requestContext(context), caller: { type: "AWS", accountId, arns: [bob] } },
    resourceAccountId,
    byTrust,
  }));

const policyChanges = new Set(["addStatement", "addResource", "addConditionValues"]);

describe("an explanation", () => {
  test("decides as authorize does", () => {
    fc.assert(
      fc.property(layers, questions, (held, question) => {
        const { decision, layer } = explainRequest(held, { ...question, byTrust: false });
        const { request, resourceAccountId } = question;
        const decided = authorize(plainLayers(held), request, resourceAccountId);
        expect({ decision, layer }).toEqual({ decision: decided.decision, layer: decided.layer });
      }),
      { numRuns: 500 },
    );
  });

  test("names something in the way of all that is not allowed, and of nothing else", () => {
    fc.assert(
      fc.property(layers, questions, (held, question) => {
        const { decision, obstacles, verdict } = explainRequest(held, question);
        expect(obstacles.length === 0).toBe(decision === "allow");
        if (verdict === "allowed") expect(decision).toBe("allow");
      }),
      { numRuns: 500 },
    );
  });

  test("suggests changes of policies that are enough", () => {
    let tried = 0;
    fc.assert(
      fc.property(layers, questions, (held, question) => {
        const whole = question.byTrust ? { resource: [], ...held } : held;
        const { obstacles } = explainRequest(whole, question);
        if (obstacles.length === 0 || !obstacles.every(({ change }) => policyChanges.has(change.kind))) return;
        tried++;
        const changed = obstacles.reduce((left, each) => applyChange(left, each, each.change) ?? left, whole);
        expect(decide(changed, question).decision).toBe("allow");
      }),
      { numRuns: 2000 },
    );
    expect(tried).toBeGreaterThan(200);
  });

  test("that depends on no key is right whatever the values are that nobody knows", () => {
    let tried = 0;
    fc.assert(
      fc.property(layers, questions, contexts, (held, question, others) => {
        const { dependsOn, decision } = explainRequest(held, question);
        if (dependsOn.length > 0) return;
        tried++;
        const { request } = question;
        const context = new Map([...requestContext(others), ...request.context]);
        const really = decide(held, { ...question, request: { ...request, context } });
        expect(really.decision === "allow").toBe(decision === "allow");
      }),
      { numRuns: 2000 },
    );
    expect(tried).toBeGreaterThan(1000);
  });
});

describe("a record", () => {
  const safely = (raw: unknown) => {
    try {
      const record = parseRecord(raw);
      refusalOf(record.errorCode, record.errorMessage);
      const { asked } = askedInRecord(record, raw);
      expect(asked.action).toContain(":");
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedInputError);
    }
  };

  test("of any shape is read, or refused with a reason", () => {
    fc.assert(fc.property(fc.anything(), safely));
  });

  test("with anything in the place of a field is read, or refused with a reason", () => {
    const whole = {
      eventName: "GetObject20150331",
      eventSource: "s3.amazonaws.com",
      eventTime: "2026-11-26T08:00:00Z",
      errorCode: "AccessDenied",
      errorMessage: `User: ${bob} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k`,
      userIdentity: { type: "IAMUser", arn: bob, accountId, accessKeyId: "AKIAIOSFODNN7EXAMPLE", principalId: "AIDA" },
      requestParameters: { roleArn: "arn:aws:iam::111122223333:role/app", durationSeconds: 900 },
      resources: [{ ARN: "arn:aws:s3:::b/k" }],
      vpcEndpointId: "vpce-1",
    };
    const field = fc.constantFrom<string>(...Object.keys(whole), "sourceIPAddress", "awsRegion", "sessionContext");
    const inIdentity = fc.constantFrom(
      "type",
      "arn",
      "accountId",
      "principalId",
      "userName",
      "invokedBy",
      "sessionContext",
    );
    const anything = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.constantFrom("AssumedRole", "WebIdentityUser", "AWSAccount", "arn:aws:iam::1:x"),
    );
    fc.assert(
      fc.property(field, inIdentity, anything, anything, (name, inner, value, innerValue) => {
        safely({ ...whole, [name]: value });
        safely({ ...whole, userIdentity: { ...whole.userIdentity, [inner]: innerValue } });
      }),
      { numRuns: 500 },
    );
  });
});
