import { describe, expect, expectTypeOf, it } from "vitest";
import { compliant, defineControl, noOptions } from "../../shared/control.ts";
import {
  deactivateAccessKey,
  deleteAccessKey,
  deleteRootAccessKeys,
  deleteRootPassword,
  putRoleBoundary,
  putUserPolicy,
  type Step,
  tagRole,
  updatePasswordPolicy,
  updateTrustPolicy,
  writesOf,
} from "../../shared/remediation/step.ts";
import { passwordPolicy } from "../support/facts.ts";

const policy = () => putUserPolicy({ userName: "bob", policyName: "p", document: "{}" });
const guidance = { what: "", why: "", counts: [], fix: { cli: "", cloudFormation: "", terraform: "" } };
const about = { title: "", severity: "low", frameworks: {}, hints: [], options: noOptions, guidance } as const;

/** tsc reads this file: an error that is expected and does not come is an error. */
describe("a control's writes bound its plans, undo included", () => {
  const user = { ...about, id: "a-b", subjects: ["user"], evaluate: () => compliant } as const;

  it("takes what is declared", () => {
    const { repair } = defineControl({
      ...user,
      repair: { writes: ["DeleteUserPolicy", "PutUserPolicy"], plan: () => ({ steps: [policy()] }), notes: [] },
    });
    expect(repair?.writes).toEqual(["DeleteUserPolicy", "PutUserPolicy"]);
  });

  it("refuses a write that is not declared", () => {
    defineControl({
      ...user,
      // @ts-expect-error it puts a policy, and declares nothing of the kind
      repair: { writes: ["UpdateAccessKey"], plan: () => ({ steps: [policy()] }), notes: [] },
    });
  });

  it("refuses an undo that is not declared", () => {
    defineControl({
      ...user,
      // @ts-expect-error undoing it may have to delete the policy
      repair: { writes: ["PutUserPolicy"], plan: () => ({ steps: [policy()] }), notes: [] },
    });
  });

  it("refuses it in the second step, and in the final plan", () => {
    const steps = [deactivateAccessKey("bob", "AKIA"), deleteAccessKey("bob", "AKIA")] as const;
    defineControl({
      ...user,
      // @ts-expect-error the second step deletes
      repair: { writes: ["UpdateAccessKey"], plan: () => ({ steps }), notes: [] },
    });
    defineControl({
      ...user,
      repair: {
        writes: ["UpdateAccessKey"],
        plan: () => ({ steps: [deactivateAccessKey("bob", "AKIA")] }),
        // @ts-expect-error it deletes
        finalPlan: () => ({ steps: [deleteAccessKey("bob", "AKIA")] }),
        notes: [],
      },
    });
  });

  it("refuses root's writes where only users' are declared, a write that there is not, and a plan of no steps", () => {
    defineControl({
      ...user,
      // @ts-expect-error a user's key is not root's
      repair: { writes: ["DeleteAccessKey"], plan: () => ({ steps: [deleteRootAccessKeys()] }), notes: [] },
    });
    defineControl({
      ...user,
      // @ts-expect-error there is no such write
      repair: { writes: ["DeleteUser"], plan: () => ({ held: "never" }), notes: [] },
    });
    defineControl({
      ...user,
      // @ts-expect-error a plan does something or says why not
      repair: { writes: ["DeleteAccessKey"], plan: () => ({ steps: [] }), notes: [] },
    });
  });

  it("says so in the type of a step", () => {
    expectTypeOf<Step<"PutUserPolicy">>().toBeNever();
    expectTypeOf<Step<"PutUserPolicy" | "DeleteUserPolicy">>().toEqualTypeOf<ReturnType<typeof policy>>();
  });
});

it.each([
  [policy(), ["PutUserPolicy", "PutUserPolicy", "DeleteUserPolicy"]],
  [deactivateAccessKey("bob", "AKIA"), ["UpdateAccessKey", "UpdateAccessKey"]],
  [
    putRoleBoundary("app", "arn"),
    ["PutRolePermissionsBoundary", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"],
  ],
  [tagRole({ roleName: "app", key: "iam-warden-quarantine", value: "" }), ["TagRole", "TagRole", "UntagRole"]],
  [updateTrustPolicy("app", "{}"), ["UpdateAssumeRolePolicy", "UpdateAssumeRolePolicy"]],
  [
    updatePasswordPolicy(passwordPolicy()),
    ["UpdateAccountPasswordPolicy", "UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy"],
  ],
  [deleteAccessKey("bob", "AKIA"), ["DeleteAccessKey"]],
  [deleteRootAccessKeys(), ["root:DeleteAccessKey"]],
  [deleteRootPassword(), ["root:DeleteLoginProfile"]],
])("names what a step and its undo write: %j", (step, writes) => {
  expect(writesOf(step)).toEqual(writes);
});
