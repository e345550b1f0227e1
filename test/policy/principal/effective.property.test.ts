import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expandActions } from "../../../shared/policy/actions/expand.ts";
import { requestContext } from "../../../shared/policy/language/variables.ts";
import type { On } from "../../../shared/policy/principal/answer.ts";
import { can } from "../../../shared/policy/principal/effective.ts";
import { type NamedPolicy, type PrincipalLayers, principalContext } from "../../../shared/policy/principal/layers.ts";
import { authorize } from "../../../shared/policy/request/authorize.ts";
import { matchesWildcard } from "../../../shared/wildcard.ts";
import { policyOf, type StatementSource } from "../principals.ts";

const arn = "arn:aws:iam::111122223333:user/bob";
const given = principalContext(arn);

const actionPatterns = [
  "*",
  "iam:*",
  "iam:?*",
  "iam:Pass*",
  "IAM:passrole",
  "iam:Get*Role*",
  "s3:*",
  "s3:GetObject",
  "*:Get*",
];
const actions = expandActions(["iam:Pass*", "iam:Get*Role*", "s3:GetObject", "sts:AssumeRole"]).actions.map(
  ({ id }) => id,
);
const names = ["app", "a", "bob", "other"];
const resources = names.map((name) => `arn:aws:iam::111122223333:role/${name}`);
const resourcePatterns = [
  "*",
  "arn:aws:iam::*:role/*",
  "arn:aws:iam::111122223333:role/a*",
  "arn:aws:iam::111122223333:role/*p",
  "arn:aws:iam::111122223333:role/app",
  "arn:*:role/?",
  "arn:aws:iam::111122223333:role/${aws:username}",
  "arn:aws:iam::111122223333:role/${aws:PrincipalTag/team}",
];
const conditions = [
  {},
  {},
  {},
  { Bool: { "aws:MultiFactorAuthPresent": "true" } },
  { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } },
  { StringEquals: { "aws:PrincipalAccount": "111122223333" } },
  { ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*:user/bob" } },
  { StringLike: { "aws:PrincipalTag/team": "a*" } },
  { Odd: { "aws:MultiFactorAuthPresent": "true" } },
];
/** What a request may hold besides what is known of the principal. */
const mfaValues: readonly Readonly<Record<string, string>>[] = [
  {},
  { "aws:MultiFactorAuthPresent": "true" },
  { "aws:MultiFactorAuthPresent": "false" },
];
const contexts = mfaValues
  .flatMap((mfa) => [mfa, { ...mfa, "aws:PrincipalTag/team": "app" }, { ...mfa, "aws:PrincipalTag/team": "other" }])
  .map((values) => new Map([...given, ...requestContext(values)]));

const oneOrTwo = (values: readonly string[]) => fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
const statement: fc.Arbitrary<StatementSource> = fc
  .record({
    Effect: fc.constantFrom("Allow", "Allow", "Deny"),
    actions: oneOrTwo(actionPatterns),
    resources: oneOrTwo(resourcePatterns),
    areActionsLeftOut: fc.integer({ min: 0, max: 5 }).map((each) => each === 0),
    areResourcesLeftOut: fc.integer({ min: 0, max: 5 }).map((each) => each === 0),
    Condition: fc.constantFrom(...conditions),
  })
  .map(({ Effect, Condition, ...each }) => ({
    Effect,
    Condition,
    [each.areActionsLeftOut ? "NotAction" : "Action"]: each.actions,
    [each.areResourcesLeftOut ? "NotResource" : "Resource"]: each.resources,
  }));
const policy = fc.array(statement, { maxLength: 4 }).map((statements) => policyOf(statements));
const layersOf = (identity: fc.Arbitrary<readonly NamedPolicy[]>): fc.Arbitrary<PrincipalLayers> =>
  fc
    .record({
      identity,
      boundary: fc.option(policy, { nil: undefined, freq: 2 }),
      nodes: fc.array(fc.array(policy, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
    })
    .map(({ identity, boundary, nodes }) => ({
      identity,
      ...(boundary && { boundary }),
      serviceControl: nodes.map((policies, at) => ({ node: `node-${at}`, policies })),
    }));
const layers = layersOf(fc.array(policy, { minLength: 1, maxLength: 2 }));
const anAction = fc.constantFrom(...actions);

const decide = (of: PrincipalLayers, action: string, resource: string) =>
  contexts.map((context) => {
    const documents = (policies: readonly NamedPolicy[]) => policies.map(({ document }) => document);
    return authorize(
      {
        identity: documents(of.identity),
        ...(of.boundary && { boundary: documents([of.boundary]) }),
        serviceControl: of.serviceControl.map(({ policies }) => documents(policies)),
      },
      { action, resource, context },
    ).decision;
  });

const worth = { no: 0, unknown: 1, conditional: 2, yes: 3 };
const answer = (of: PrincipalLayers, action: string, on: On) => can(of, action, on, given);
const worthOf = (of: PrincipalLayers, action: string, on: On) => worth[answer(of, action, on).decision];
const runs = { numRuns: 800 };

describe("can agrees with authorize", () => {
  test("on each resource", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(layers, anAction, fc.constantFrom(...resources), (of, action, resource) => {
        const { decision, exceptions } = answer(of, action, { every: resource });
        const decided = decide(of, action, resource);
        seen.add(decision);
        if (decision === "yes" && exceptions.length === 0) expect(new Set(decided)).toEqual(new Set(["allow"]));
        if (decision === "no") expect(decided).not.toContain("allow");
        if (decision === "yes") expect(decided.every((each) => each !== "implicitDeny")).toBe(true);
        if (decision === "unknown") expect(JSON.stringify(of)).toContain('"Odd":');
      }),
      runs,
    );
    expect([...seen].toSorted()).toEqual(["conditional", "no", "unknown", "yes"]);
  });

  test("on every resource of a pattern, and on some", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(layers, anAction, fc.constantFrom(...resourcePatterns.slice(0, 6)), (of, action, pattern) => {
        const asked = resources.filter((resource) => matchesWildcard(pattern, resource));
        const [every, some] = [answer(of, action, { every: pattern }), answer(of, action, { some: pattern })];
        const decided = asked.map((resource) => decide(of, action, resource));
        seen.add(`every ${every.decision}`).add(`some ${some.decision}`);
        if (every.decision === "yes" && every.exceptions.length === 0)
          expect(decided.flat().every((each) => each === "allow")).toBe(true);
        if (some.decision === "no") expect(decided.flat()).not.toContain("allow");
        // What holds everywhere holds somewhere.
        expect(worth[some.decision]).toBeGreaterThanOrEqual(every.exceptions.length > 0 ? 0 : worth[every.decision]);
      }),
      runs,
    );
    expect(seen.size).toBe(8);
  });
});

describe("can", () => {
  const on = fc
    .tuple(fc.constantFrom("every", "some"), fc.constantFrom(...resourcePatterns.slice(0, 6), ...resources))
    .map(([how, resource]): On => (how === "every" ? { every: resource } : { some: resource }));

  test("never gives more for a Deny, a boundary or an SCP more", () => {
    fc.assert(
      fc.property(layers, statement, policy, anAction, on, (of, denied, limit, action, asked) => {
        // Of some, whether an example is found is not a matter of more or less: only that none is left is for certain.
        const most = (less: PrincipalLayers) => {
          const found = worthOf(less, action, asked);
          return "every" in asked ? found : Math.min(found, 1);
        };
        const before = most(of);
        const after = [
          { ...of, identity: [...of.identity, policyOf([{ ...denied, Effect: "Deny" }])] },
          { ...of, serviceControl: [{ node: "more", policies: [limit] }, ...of.serviceControl] },
          ...(of.boundary ? [] : [{ ...of, boundary: limit }]),
        ];
        expect(Math.max(...after.map(most))).toBeLessThanOrEqual(before);
      }),
      runs,
    );
  });

  test("does not depend on the order of policies and statements", () => {
    const turned = ({ document, ...rest }: NamedPolicy): NamedPolicy => ({
      ...rest,
      document: { ...document, statements: document.statements.toReversed() },
    });
    fc.assert(
      fc.property(layers, anAction, on, (of, action, asked) => {
        const other: PrincipalLayers = {
          identity: of.identity.map(turned).toReversed(),
          ...(of.boundary && { boundary: turned(of.boundary) }),
          serviceControl: of.serviceControl.map(({ node, policies }) => ({ node, policies: policies.map(turned) })),
        };
        expect(worthOf(other, action, asked)).toBe(worthOf(of, action, asked));
      }),
      runs,
    );
  });
});
