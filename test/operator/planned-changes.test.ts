import { expect, it } from "vitest";
import { formatPlans } from "../../cli/operator/format-plan.ts";
import { openRole, weakPasswords } from "../remediation/worlds.ts";
import { daysAgo, passwordPolicy } from "../support/facts.ts";
import { operatorWorld, planOf } from "./world.ts";

it("a plan says field by field what it changes of a password policy, and what undo would set", async () => {
  const plan = await planOf(await operatorWorld(weakPasswords(passwordPolicy({ minimumLength: 8, remembered: null }))));
  expect(plan.steps).toMatchObject([
    {
      does: "sets the account's password policy to ask for 14 characters with lower case, upper case, numbers, symbols; 24 passwords remembered; no expiry; users may change their own",
      undo: "sets the account's password policy to ask for 8 characters with lower case, upper case, numbers, symbols; no passwords remembered; no expiry; users may change their own",
      changes: ["minimumLength: 8 → 14", "remembered: none → 24"],
    },
  ]);
});

it("a plan says where in a trust policy it adds a condition, and what of its users is known and what not", async () => {
  const world = openRole();
  const role = world.account.roles.get("app");
  if (!role) throw new Error("there is no role app");
  role.lastUsed = { at: daysAgo(40), region: "eu-west-1" };
  const plan = await planOf(await operatorWorld(world));
  const added = 'Statement[0].Condition.StringEquals.aws:PrincipalOrgID: none → "o-exampleorg1"';
  expect(plan.steps).toMatchObject([
    {
      does: "changes the trust policy of role app",
      changes: [added],
      touches: expect.stringMatching(
        /^Whoever is not of the organization cannot .*last used at 2026-10-11T08:00:00.000Z .*by whom, and whether from outside, it does not say/,
      ),
      before: { kind: "trustPolicy" },
    },
  ]);
  const shown = formatPlans([plan], 400);
  expect(shown).toContain(added);
  expect(shown).toMatch(/touches +Whoever is not of the organization/);
});
