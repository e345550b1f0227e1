import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Json, severities, type Verdict } from "../../shared/control.ts";
import { stateControlsOf } from "../../shared/controls/catalogue.ts";
import { unknownFact } from "../../shared/facts/facts.ts";
import { judge } from "../../shared/judgement/judge.ts";
import { contextFor } from "../../shared/settings/context.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { account, now, organization } from "../support/facts.ts";
import { trusting } from "../support/trust.ts";

const trustControls = stateControlsOf("role").filter(({ id }) => /trust/.test(id));

type Condition = Readonly<Record<string, Readonly<Record<string, string>>>>;
interface Statement {
  readonly [element: string]: Json;
}

const gitHub = "token.actions.githubusercontent.com";
const provider = `arn:aws:iam::111122223333:oidc-provider/${gitHub}`;

const confining: readonly Condition[] = [
  { StringEquals: { "aws:PrincipalOrgID": "o-exampleorg1" } },
  { StringEquals: { "aws:PrincipalAccount": "444455556666" } },
  { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::444455556666:role/*" } },
  { StringEquals: { "sts:ExternalId": "9f2c-acme" } },
  { Bool: { "aws:MultiFactorAuthPresent": "true" } },
  { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
  { StringEquals: { "aws:SourceAccount": "111122223333" } },
  { StringEquals: { "aws:SourceAccount": "777788889999" } },
  { StringLike: { "aws:PrincipalAccount": "777788889999" } },
  { StringLike: { [`${gitHub}:sub`]: "repo:acme/app:*" } },
  { StringEquals: { [`${gitHub}:aud`]: "sts.amazonaws.com" } },
];
const loose: readonly Condition[] = [
  {},
  { StringNotEquals: { "aws:PrincipalOrgID": "o-exampleorg1" } },
  { StringEqualsIfExists: { "aws:PrincipalAccount": "444455556666" } },
  { "ForAllValues:StringLike": { [`${gitHub}:sub`]: "repo:acme/app:*" } },
  { StringLike: { "sts:ExternalId": "*" } },
  { StringLike: { [`${gitHub}:sub`]: "repo:*" } },
  { Null: { "aws:SourceAccount": "false" } },
];

const condition = fc.constantFrom<Condition>(...confining, ...loose);
const statement: fc.Arbitrary<Statement> = fc.record({
  Effect: fc.constantFrom("Allow", "Allow", "Allow", "Deny"),
  Principal: fc.constantFrom<Json>(
    ...[
      "*",
      { AWS: "*" },
      { AWS: "777788889999" },
      { AWS: "arn:aws:iam::777788889999:role/x" },
      { AWS: "444455556666" },
    ],
    ...[
      { Federated: provider },
      { Service: "scheduler.amazonaws.com" },
      { AWS: ["111122223333", "AROAQEXAMPLEGONE0001"] },
    ],
  ),
  Action: fc.constantFrom("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:*"),
  Condition: condition,
});
const statements = fc.array(statement, { minLength: 1, maxLength: 3 });

/** From the best to the worst; of violations the more severe is worse. */
const rank = (verdict: Verdict, own: (typeof severities)[number]): number => {
  if (verdict.outcome === "unknown") return 1;
  if (verdict.outcome !== "violation") return 0;
  return 2 + severities.length - severities.indexOf(verdict.severity ?? own);
};

const verdicts = (of: readonly Json[]) =>
  trustControls.map((control) => {
    const context = contextFor(defaultSettings(), control, account, now, organization);
    if (!context) throw new Error(`${control.id} is off`);
    const verdict = control.evaluate(trusting(...of), context);
    return { id: control.id, outcome: verdict.outcome, rank: rank(verdict, control.severity) };
  });

/** Two condition blocks at once; an operator of both has the keys of both. */
const and = (one: Condition, other: Condition): Json => {
  const merged: Record<string, Record<string, string>> = {};
  for (const [operator, keys] of [...Object.entries(one), ...Object.entries(other)]) {
    merged[operator] = { ...keys, ...merged[operator] };
  }
  return merged;
};

/** Everyone who may come is the matter of trust-open-to-anyone until a condition says whose they are. */
const isOfEveryone = (id: string, of: readonly Statement[]): boolean =>
  id === "external-trust-without-external-id" ||
  (/^oidc-/.test(id) && of.some(({ Principal }) => /^(?:"\*"|\{"AWS":"\*"\})$/.test(JSON.stringify(Principal))));

describe("controls of trust", () => {
  it("are five", () => {
    expect(trustControls.map(({ id }) => id)).toEqual([
      "external-trust-without-external-id",
      "oidc-trust-unscoped",
      "oidc-trust-without-audience",
      "service-trust-confused-deputy",
      "trust-open-to-anyone",
    ]);
  });

  it("say nothing worse when a condition is added to what is allowed", () => {
    fc.assert(
      fc.property(statements, condition, fc.nat(2), (of, added, at) => {
        const more = of.map((each, index) =>
          index === at % of.length && each.Effect === "Allow"
            ? { ...each, Condition: and(each.Condition as Condition, added) }
            : each,
        );
        const before = verdicts(of);
        for (const [index, after] of verdicts(more).entries()) {
          if (isOfEveryone(after.id, of)) continue;
          expect(after.rank, after.id).toBeLessThanOrEqual(before[index]?.rank ?? 0);
        }
      }),
    );
  });

  it("together say nothing worse when a condition is added", () => {
    fc.assert(
      fc.property(statements, condition, fc.nat(2), (of, added, at) => {
        const more = of.map((each, index) =>
          index === at % of.length && each.Effect === "Allow"
            ? { ...each, Condition: and(each.Condition as Condition, added) }
            : each,
        );
        const worst = (all: ReturnType<typeof verdicts>) => Math.max(...all.map((each) => each.rank));
        expect(worst(verdicts(more))).toBeLessThanOrEqual(worst(verdicts(of)));
      }),
    );
  });

  it("say nothing worse when a denial is added", () => {
    fc.assert(
      fc.property(statements, statement, (of, added) => {
        const before = verdicts(of);
        for (const [index, after] of verdicts([...of, { ...added, Effect: "Deny" }]).entries()) {
          if (isOfEveryone(after.id, of)) continue;
          expect(after.rank, after.id).toBeLessThanOrEqual(before[index]?.rank ?? 0);
        }
      }),
    );
  });

  it("say nothing better when somebody else is trusted too", () => {
    fc.assert(
      fc.property(statements, statement, (of, added) => {
        const before = verdicts(of);
        for (const [index, after] of verdicts([...of, { ...added, Effect: "Allow" }]).entries()) {
          expect(after.rank, after.id).toBeGreaterThanOrEqual(before[index]?.rank ?? 0);
        }
      }),
    );
  });

  const unknown: fc.Arbitrary<Statement> = fc.constantFrom<Statement>(
    { Conditon: {} },
    { Condition: { StringMatches: { "aws:PrincipalOrgID": "o-exampleorg1" } } },
    { Condition: { StringEquals: { "aws:SomethingNew": "x" } } },
    { Principal: { Nobody: "x" } },
    { Resource: "*" },
  );

  it("never let pass what was not by elements that are unknown", () => {
    let tried = 0;
    fc.assert(
      fc.property(statements, unknown, fc.nat(2), (of, odd, at) => {
        const before = verdicts(of);
        const after = verdicts(of.map((each, index) => (index === at % of.length ? { ...each, ...odd } : each)));
        for (const [index, { id, outcome }] of after.entries()) {
          if (before[index]?.outcome !== "violation") continue;
          tried++;
          expect(["violation", "unknown"], id).toContain(outcome);
        }
      }),
    );
    expect(tried).toBeGreaterThan(40);
  });

  it("never let pass a lone statement with an element that is unknown", () => {
    fc.assert(
      fc.property(statement, (only) => {
        for (const { id, outcome } of verdicts([{ ...only, Effect: "Allow", Conditon: {} }])) {
          expect(`${id}: ${outcome}`).toBe(`${id}: unknown`);
        }
      }),
    );
  });
});

describe("a trust in whatever provider", () => {
  const federated = (Federated: string, Action: string, Condition: Condition) => ({
    ...{ Effect: "Allow", Principal: { Federated }, Action, Condition },
  });
  const web = "sts:AssumeRoleWithWebIdentity";

  it.each<[string, string, Condition]>([
    ["*", web, {}],
    ["*", web, { StringEquals: { [`${gitHub}:aud`]: "sts.amazonaws.com" } }],
    ["arn:aws:iam::*:oidc-provider/*", web, { StringEquals: { [`${gitHub}:iss`]: `https://${gitHub}` } }],
    [`arn:aws:iam::111122223333:oidc-provider/*`, web, { StringEquals: { "accounts.google.com:email": "a@b.c" } }],
    ["*", "sts:AssumeRoleWithSAML", { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } }],
    ["arn:aws:iam::111122223333:saml-provider/*", "sts:AssumeRoleWithSAML", {}],
  ])("is told where its conditions name only what every token can have: %s by %s, %j", (...of) => {
    const worst = verdicts([federated(...of)]).find(({ rank: how }) => how > 2);
    expect(worst?.id).toBe("trust-open-to-anyone");
  });
});

it("an open statement is told though nobody can say whose the account beside it is", () => {
  const facts = trusting(
    { Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" },
    { Effect: "Allow", Principal: { AWS: "777788889999" }, Action: "sts:AssumeRole" },
  );
  const unread = unknownFact("access denied: organizations:ListAccounts");
  const judged = judge(facts, defaultSettings(), { asOf: now, now, organization: unread });
  const of = (id: string) => judged.find(({ control }) => control === id);
  expect(of("trust-open-to-anyone")).toMatchObject({ severity: "critical", verdict: { outcome: "violation" } });
  expect(of("external-trust-without-external-id")).toMatchObject({ severity: "high", verdict: { outcome: "unknown" } });
});
