import { describe, expect, it } from "vitest";
import { type AnyFacts, known, type PolicyFacts } from "../../shared/facts/facts.ts";
import { culpritsOf } from "../../shared/lint/judge/culprits.ts";
import { withUnstated } from "../../shared/lint/unstated.ts";
import { policyFacts, principalPolicies, roleFacts, userFacts } from "../support/facts.ts";

const allow = (Action: string) => ({ Effect: "Allow", Action, Resource: "*" });

const statementsOf = ({ document }: PolicyFacts): readonly { Action?: string; Effect?: string }[] => {
  const value: { Statement?: readonly { Action?: string; Effect?: string }[] } = document.known
    ? Object(document.value)
    : {};
  return value.Statement ?? [];
};
const allOf = (facts: AnyFacts): readonly { Action?: string; Effect?: string }[] => {
  if ((facts.kind !== "role" && facts.kind !== "user") || !facts.policies.known) return [];
  const { inline, attached, groups } = facts.policies.value;
  return [...inline, ...attached, ...groups.flatMap((group) => [...group.inline, ...group.attached])].flatMap(
    statementsOf,
  );
};
/** A control of which nothing is known here: violated if an action is allowed. */
const allows = (action: string) => (facts: AnyFacts) => allOf(facts).some((one) => one.Action === action);

const actionsOf = (statements: readonly object[]) => statements.map((one) => Reflect.get(one, "Action"));
const role = roleFacts({
  policies: principalPolicies({
    inline: [policyFacts("a", [allow("s3:Get"), allow("iam:*")])],
    attached: [policyFacts("b", [allow("s3:Get"), allow("sts:*")], "arn:aws:iam::111122223333:policy/b")],
  }),
});

describe("what a violation comes from", () => {
  it("is the statement without which it would not be", () => {
    expect(actionsOf(culpritsOf(role, allows("iam:*")).statements)).toEqual(["iam:*"]);
  });

  it("is each statement that is enough, where there are several", () => {
    const { statements, policies } = culpritsOf(role, allows("s3:Get"));
    expect(actionsOf(statements)).toEqual(["s3:Get", "s3:Get"]);
    expect(policies).toEqual([]);
  });

  it("is every statement that it takes, where one alone is not enough", () => {
    const both = (facts: AnyFacts) => allows("iam:*")(facts) && allows("sts:*")(facts);
    expect(actionsOf(culpritsOf(role, both).statements)).toEqual(["iam:*", "sts:*"]);
  });

  it("is a whole policy, where it is about having it", () => {
    const has = (facts: AnyFacts) =>
      facts.kind === "role" && facts.policies.known && facts.policies.value.attached.length > 0;
    const { statements, policies } = culpritsOf(role, has);
    expect(statements).toEqual([]);
    expect(policies.map(({ name }) => name)).toEqual(["b"]);
  });

  it("is a group's, of somebody who is in it", () => {
    const user = userFacts({
      policies: principalPolicies({
        groups: [{ name: "g", inline: [policyFacts("c", [allow("iam:*")])], attached: [] }],
      }),
    });
    expect(actionsOf(culpritsOf(user, allows("iam:*")).statements)).toEqual(["iam:*"]);
  });

  it("is a statement of the trust policy, by itself or in a list", () => {
    const trusts = (facts: AnyFacts) =>
      facts.kind === "role" &&
      facts.trustPolicy.known &&
      JSON.stringify(facts.trustPolicy.value).includes("444455556666");
    const statement = { Effect: "Allow", Principal: { AWS: "444455556666" }, Action: "sts:AssumeRole" };
    for (const Statement of [statement, [statement]])
      expect(culpritsOf(roleFacts({ trustPolicy: known({ Statement }) }), trusts).statements).toEqual([statement]);
  });

  it("is the subject as a whole, where nothing that it has makes a difference", () => {
    expect(culpritsOf(role, () => true)).toEqual({ statements: [], policies: [] });
  });

  it("leaves alone what is not stated", () => {
    const unstated = withUnstated(role, { lastUsedAt: "nobody says it" });
    const asks = (facts: AnyFacts): boolean =>
      facts.kind === "role" && facts.lastUsedAt === null && allows("iam:*")(facts);
    expect(() => culpritsOf(unstated, asks)).toThrow("nobody says it");
    expect(actionsOf(culpritsOf(unstated, allows("iam:*")).statements)).toEqual(["iam:*"]);
  });
});
