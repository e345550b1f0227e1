import fc from "fast-check";
import { expect, test } from "vitest";
import { applyChange, createStage, json } from "./stage.ts";

// Calls on the organization, and what is said of those that it refuses.

const condition = fc.constantFrom<object | undefined>(
  ...[undefined, undefined, undefined],
  { Bool: { "aws:MultiFactorAuthPresent": "true" } },
  { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } },
  { NumericLessThan: { "aws:MultiFactorAuthAge": "300" } },
  { StringNotEquals: { "aws:PrincipalTag/team": "blue" } },
  { Null: { "aws:PrincipalTag/none": "true" } },
  { NotIpAddress: { "aws:SourceIp": "10.0.0.0/8" } },
  { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/*" } },
  { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-*/*" } },
  { StringLike: { "aws:userid": "AIDA*" } },
);
const statement = fc
  .record({
    Effect: fc.constantFrom("Allow", "Allow", "Allow", "Deny"),
    action: fc.constantFrom("*", "iam:Get*", "iam:GetUser", "s3:*"),
    resource: fc.constantFrom("*", "arn:aws:iam::*:user/bob", "arn:aws:iam::*:user/${aws:username}"),
    areActionsLeftOut: fc.integer({ min: 0, max: 6 }).map((each) => each === 0),
    condition,
  })
  .map(({ Effect, action, resource, areActionsLeftOut, condition: Condition }) => ({
    ...{ Effect, [areActionsLeftOut ? "NotAction" : "Action"]: action, Resource: resource },
    ...(Condition && { Condition }),
  }));
const statements = fc.array(statement, { minLength: 1, maxLength: 3 });
const perhaps = fc.option(statements, { nil: undefined, freq: 2 });

/** A guardrail that leaves alone who explains, and who mends. */
const guardrail = (source: object) => {
  const { Condition = {}, ...rest } = source as { Condition?: object };
  const keepers = ["arn:aws:iam::*:role/OrganizationAccountAccessRole", "arn:aws:iam::*:root"];
  return { ...rest, Effect: "Deny", Condition: { ...Condition, ArnNotLike: { "aws:PrincipalArn": keepers } } };
};

test("what was refused is explained by the layer that AWS names, and changes of policies are enough", async () => {
  let [refused, mended] = [0, 0];
  await fc.assert(
    fc.asyncProperty(statements, perhaps, perhaps, fc.boolean(), async (own, limits, guardrails, isUser) => {
      const stage = createStage();
      const id = stage.account.id;
      const principal = { inlinePolicies: new Map([["own", json(...own)]]), tags: new Map([["team", "blue"]]) };
      stage.user("bob", principal);
      stage.role("app", principal);
      const credentials = isUser ? await stage.keyOf("bob") : stage.sandbox.credentialsFor(id, { role: "app" });
      let boundary = "";
      if (limits) {
        const made = await stage.iam.createPolicy({ PolicyName: "limits", PolicyDocument: json(...limits) });
        boundary = made.Policy?.Arn ?? "";
        await stage.iam.putUserPermissionsBoundary({ UserName: "bob", PermissionsBoundary: boundary });
        await stage.iam.putRolePermissionsBoundary({ RoleName: "app", PermissionsBoundary: boundary });
      }
      if (guardrails) await stage.limit("guardrails", ...guardrails.map(guardrail));
      const isAllowed = () =>
        stage
          .iamAs(credentials)
          .getUser({ UserName: "bob" })
          .then(
            () => true,
            () => false,
          );
      if (await isAllowed()) return;

      refused++;
      const { verdict, told, obstacles } = await stage.explainLast();
      expect(verdict).not.toBe("allowed");
      if (verdict !== "depends") expect(obstacles.map(({ layer }) => layer)).toContain(told?.layer);
      const changes = new Set<string>(obstacles.map(({ change }) => change.kind));
      if (!isUser || verdict !== "changePolicies" || !changes.isSubsetOf(new Set(["addStatement"]))) return;
      for (const each of obstacles) await applyChange(stage, each, { user: "bob", boundary });
      expect(await isAllowed()).toBe(true);
      mended++;
    }),
    { numRuns: 150 },
  );
  expect(refused).toBeGreaterThan(60);
  expect(mended).toBeGreaterThan(5);
}, 60_000);
