import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PrincipalLayers, principalContext } from "../../../shared/policy/principal/layers.ts";
import { type Questions, questionsOf } from "../../../shared/policy/principal/questions.ts";
import { isAlikeFor } from "../../../shared/policy/principal/same-for-all.ts";
import { allow, deny, policyOf, type StatementSource } from "../principals.ts";

const iam = "arn:aws:iam::111122223333:";
const roles = `${iam}role/*`;

describe("isAlikeFor", () => {
  test.each<[string, StatementSource, boolean]>([
    ["everything", allow("*"), true],
    ["buckets", allow("s3:*", ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]), true],
    ["all roles", allow("iam:PassRole", `${iam}role/*`), true],
    ["all roles of all accounts", allow("iam:PassRole", "arn:aws:iam::*:role/*"), true],
    ["users", allow("iam:CreateAccessKey", `${iam}user/bob`), true],
    ["another account's roles", allow("sts:AssumeRole", "arn:aws:iam::444455556666:role/deployer"), true],
    ["one role", allow("iam:PassRole", `${iam}role/web`), false],
    ["roles by a pattern", allow("iam:PassRole", `${iam}role/app-*`), false],
    ["all but a role", { Action: "iam:PassRole", NotResource: `${iam}role/web` }, false],
    ["a variable", allow("s3:*", "arn:aws:s3:::home/${aws:username}"), false],
    ["a condition on who it is", { ...allow("*"), Condition: { ArnLike: { "AWS:PrincipalArn": roles } } }, false],
    ["a condition on its tags", { ...allow("*"), Condition: { StringLike: { "aws:PrincipalTag/a": "b" } } }, false],
    ["a condition on time", { ...allow("*"), Condition: { DateLessThan: { "aws:CurrentTime": "2027-01-01" } } }, false],
    ["another condition", { ...allow("*"), Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } }, true],
    ["a variable in one", { ...allow("*"), Condition: { StringLike: { "s3:prefix": "${aws:username}" } } }, false],
  ])("%s", (_, statement, expected) => {
    expect(isAlikeFor(policyOf([statement]).document, roles)).toBe(expected);
  });
});

const resource = fc.constantFrom(
  ...["*", roles, `${iam}role/app`, `${iam}role/a*`, "arn:aws:iam::*:role/*", `${iam}policy/*`, "arn:aws:s3:::logs/*"],
);
const action = fc.constantFrom(
  ...["*", "s3:*", "iam:*", "iam:PassRole", "iam:PutRolePolicy", "iam:CreatePolicyVersion", "sts:AssumeRole"],
  ...["lambda:*", "iam:DeleteRolePermissionsBoundary", "iam:Get*"],
);
const condition = fc.constantFrom<StatementSource>(
  {},
  { Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } } },
  { Condition: { ArnEquals: { "aws:PrincipalArn": `${iam}role/app` } } },
);
const statement = fc
  .tuple(fc.boolean(), fc.array(action, { minLength: 1, maxLength: 3 }), resource, condition)
  .map(([denies, actions, on, more]) => ({ ...(denies ? deny(actions, on) : allow(actions, on)), ...more }));
const statements = fc.array(statement, { maxLength: 3 });

const ask = (layers: PrincipalLayers, name: string): Questions => {
  const arn = `${iam}role/${name}`;
  return questionsOf({ arn, layers, about: "", given: () => principalContext(arn) });
};
const answers = (questions: Questions) =>
  JSON.stringify([
    questions.administration(),
    questions.serviceWideGrants(),
    questions.openPaths(),
    questions.assumeAnyRole(),
    questions.isBounded(),
  ]);

describe("questionsOf", () => {
  test("says of each of many principals with the same policies what it says of that one alone", () => {
    fc.assert(
      fc.property(statements, statements, fc.option(statements), fc.boolean(), (own, shared, boundary, isInline) => {
        const make = (): PrincipalLayers => ({
          identity: [
            policyOf(own, { kind: isInline ? "inline" : "managed" }),
            policyOf(shared, { name: "shared", kind: "managed", arn: `${iam}policy/shared` }),
          ],
          ...(boundary && { boundary: policyOf(boundary, { name: "bounds", kind: "boundary" }) }),
          serviceControl: [
            { node: "r-ab12", policies: [policyOf([allow("*"), ...shared], { kind: "serviceControl" })] },
          ],
        });
        const together = make();
        for (const name of ["web", "app", "app-2"])
          expect(answers(ask(together, name))).toBe(answers(ask(make(), name)));
      }),
    );
  });

  test("answers once where the policies that have a say are alike, and anew where they are not", () => {
    const serviceControl: PrincipalLayers["serviceControl"] = [];
    const shared = policyOf([allow(["s3:*", "iam:PassRole", "lambda:*"])], { kind: "managed" });
    const having = (...identity: PrincipalLayers["identity"]): PrincipalLayers => ({ identity, serviceControl });
    const grants = (layers: PrincipalLayers, name: string) => ask(layers, name).serviceWideGrants();
    expect(grants(having(shared), "web")).not.toEqual([]);
    expect(grants(having(shared), "web")).toBe(grants(having(shared), "app"));

    const ofOne = (name: string) => policyOf([allow("dynamodb:GetItem", `arn:aws:dynamodb:*:*:table/${name}`)]);
    expect(grants(having(shared, ofOne("web")), "web")).toBe(grants(having(shared, ofOne("app")), "app"));
    const paths = (name: string) => ask(having(shared, ofOne(name)), name).openPaths();
    expect(paths("web")).toBe(paths("app"));

    const named = { ...shared, name: "other" };
    expect(grants(having(named), "web")).not.toBe(grants(having(shared), "web"));
    const own = having(shared, policyOf([allow("iam:PassRole", `${iam}role/app`)], { kind: "managed" }));
    expect(ask(own, "web").openPaths()).not.toBe(ask(own, "app").openPaths());
  });
});
