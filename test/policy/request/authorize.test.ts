import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePolicy } from "../../../shared/policy/language/document.ts";
import { requestContext } from "../../../shared/policy/language/variables.ts";
import { authorize, type PolicyLayers } from "../../../shared/policy/request/authorize.ts";
import type { Caller } from "../../../shared/policy/request/evaluate.ts";

const account = "111122223333";
const user: Caller = { type: "AWS", accountId: account, arns: [`arn:aws:iam::${account}:user/bob`] };
const roleArn = `arn:aws:iam::${account}:role/app`;
const sessionArn = `arn:aws:sts::${account}:assumed-role/app/one`;
const session: Caller = { type: "AWS", accountId: account, arns: [roleArn, sessionArn] };

const policy = (Effect: string, Action: string, rest: object = { Resource: "*" }) =>
  parsePolicy({ Version: "2012-10-17", Statement: { Effect, Action, ...rest } });
const allow = (action: string) => policy("Allow", action);
const deny = (action: string) => policy("Deny", action);
const odd = (effect: string) => policy(effect, "s3:*", { Resource: "*", Condition: { Odd: { key: "value" } } });
const grantTo = (arn: string) => [policy("Allow", "s3:*", { Principal: { AWS: arn }, Resource: "*" })];

const ask = (layers: PolicyLayers, caller: Caller = user, resourceAccountId?: string) => {
  const request = { action: "s3:GetObject", resource: "arn:aws:s3:::bucket/key", context: requestContext({}), caller };
  const { layer, decision } = authorize(layers, request, resourceAccountId);
  return `${layer}: ${decision}`;
};

describe("authorize", () => {
  test.each<[string, PolicyLayers, string]>([
    ["nothing at all", { identity: [] }, "identity: implicitDeny"],
    ["the caller's own policy", { identity: [allow("s3:*")] }, "identity: allow"],
    ["a boundary that allows it", { identity: [allow("*")], boundary: [allow("s3:*")] }, "identity: allow"],
    ["a boundary without the action", { identity: [allow("*")], boundary: [allow("ec2:*")] }, "boundary: implicitDeny"],
    [
      "a boundary that denies",
      { identity: [allow("*")], boundary: [allow("*"), deny("s3:*")] },
      "boundary: explicitDeny",
    ],
    ["a boundary alone, which grants nothing", { identity: [], boundary: [allow("*")] }, "identity: implicitDeny"],
    ["an empty boundary, which allows nothing", { identity: [allow("*")], boundary: [] }, "boundary: implicitDeny"],
    [
      "a session policy without the action",
      { identity: [allow("*")], session: [allow("ec2:*")] },
      "session: implicitDeny",
    ],
    [
      "SCPs that allow on every node",
      { identity: [allow("*")], serviceControl: [[allow("*")], [allow("s3:*")]] },
      "identity: allow",
    ],
    [
      "an SCP node that leaves it out",
      { identity: [allow("*")], serviceControl: [[allow("*")], [allow("ec2:*")]] },
      "serviceControl: implicitDeny",
    ],
    [
      "an SCP that denies above",
      { identity: [allow("*")], serviceControl: [[allow("*"), deny("s3:Get*")], [allow("*")]] },
      "serviceControl: explicitDeny",
    ],
    ["an SCP alone, which grants nothing", { identity: [], serviceControl: [[allow("*")]] }, "identity: implicitDeny"],
    ["a deny of the caller's own", { identity: [allow("*"), deny("s3:GetObject")] }, "identity: explicitDeny"],
    [
      "a resource that names the caller",
      { identity: [], resource: grantTo(`arn:aws:iam::${account}:user/bob`) },
      "resource: allow",
    ],
    [
      "a resource that names the caller, past a boundary",
      { identity: [], boundary: [allow("ec2:*")], resource: grantTo(`arn:aws:iam::${account}:user/bob`) },
      "resource: allow",
    ],
    [
      "a resource that names the caller, past a boundary that denies",
      { identity: [], boundary: [deny("s3:*")], resource: grantTo(`arn:aws:iam::${account}:user/bob`) },
      "boundary: explicitDeny",
    ],
    [
      "a resource that names the account, stopped by the boundary",
      { identity: [], boundary: [allow("ec2:*")], resource: grantTo(account) },
      "boundary: implicitDeny",
    ],
    [
      "a resource that names the account, which leaves it to the account's policies",
      { identity: [], resource: grantTo(account) },
      "identity: implicitDeny",
    ],
    [
      "a resource that names the account and the caller",
      { identity: [], resource: [...grantTo(account), ...grantTo(`arn:aws:iam::${account}:user/bob`)] },
      "resource: allow",
    ],
    [
      "a resource that denies",
      { identity: [allow("*")], resource: [policy("Deny", "s3:*", { Principal: "*", Resource: "*" })] },
      "resource: explicitDeny",
    ],
    ["a resource that names another", { identity: [allow("*")], resource: grantTo("444455556666") }, "identity: allow"],
    [
      "an operator nobody knows, in a deny of the boundary",
      { identity: [allow("*")], boundary: [allow("*"), odd("Deny")] },
      "boundary: unknown",
    ],
    ["an operator nobody knows, in the only allow", { identity: [odd("Allow")] }, "identity: unknown"],
    [
      "an operator nobody knows, in a deny beside a resource's grant",
      { identity: [odd("Deny")], resource: grantTo(`arn:aws:iam::${account}:user/bob`) },
      "identity: unknown",
    ],
    [
      "an unknown that a boundary decides anyway",
      { identity: [odd("Allow")], boundary: [allow("ec2:*")] },
      "boundary: implicitDeny",
    ],
  ])("%s", (_, layers, expected) => {
    expect(ask(layers)).toBe(expected);
  });

  test("a resource policy that names the role is limited by its boundary, one that names the session is not", () => {
    const boundary = [allow("ec2:*")];
    expect(ask({ identity: [], boundary, resource: grantTo(roleArn) }, session)).toBe("boundary: implicitDeny");
    expect(ask({ identity: [], boundary, resource: grantTo(sessionArn) }, session)).toBe("resource: allow");
    expect(ask({ identity: [], resource: grantTo(roleArn) }, session)).toBe("resource: allow");
  });

  test("a resource policy that names the account lets its root in", () => {
    const root: Caller = { type: "AWS", accountId: account, arns: [`arn:aws:iam::${account}:root`] };
    expect(ask({ identity: [], resource: grantTo(account) }, root)).toBe("resource: allow");
  });

  test("across accounts both sides have to allow", () => {
    const other = "444455556666";
    expect(ask({ identity: [allow("s3:*")], resource: grantTo(account) }, user, other)).toBe("resource: allow");
    expect(ask({ identity: [], resource: grantTo(account) }, user, other)).toBe("identity: implicitDeny");
    expect(ask({ identity: [allow("s3:*")], resource: [] }, user, other)).toBe("resource: implicitDeny");
  });

  test("a boundary, a session policy or an SCP never allows more, and what is allowed is in all of them", () => {
    const action = fc.constantFrom("*", "s3:*", "s3:GetObject", "s3:Put*", "ec2:*");
    const one = fc.tuple(fc.constantFrom("Allow", "Deny"), action).map(([effect, name]) => policy(effect, name));
    const some = fc.array(one, { maxLength: 4 });
    const allowed = (layers: PolicyLayers) => ask(layers).endsWith(": allow");
    fc.assert(
      fc.property(
        some,
        some,
        some,
        fc.array(some, { minLength: 1, maxLength: 3 }),
        (identity, boundary, limits, nodes) => {
          const each =
            allowed({ identity }) &&
            allowed({ identity: boundary }) &&
            allowed({ identity: limits }) &&
            nodes.every((node) => allowed({ identity: node }));
          expect(allowed({ identity, boundary, session: limits, serviceControl: nodes })).toBe(each);
        },
      ),
    );
  });
});
