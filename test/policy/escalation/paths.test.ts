import { describe, expect, test } from "vitest";
import { actionNamed } from "../../../shared/policy/actions/known.ts";
import { openPaths } from "../../../shared/policy/escalation/open-paths.ts";
import { escalationPaths } from "../../../shared/policy/escalation/paths.ts";
import { allow, deny, principal } from "../principals.ts";

const arnOf = { user: "arn:aws:iam::111122223333:user/bob", role: "arn:aws:iam::111122223333:role/app" };

test("no two paths have the same id", () => {
  const ids = escalationPaths.map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(80);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});

test.each([
  ["hybrid-activation", ["iam:PassRole", "ssm:CreateActivation"]],
  ["update-schedule", ["iam:PassRole", "scheduler:UpdateSchedule"]],
  ["put-rule-targets", ["iam:PassRole", "events:PutTargets"]],
  ["emr-serverless-job", ["iam:PassRole", "emr-serverless:StartJobRun"]],
  ["airflow-environment", ["iam:PassRole", "airflow:CreateEnvironment"]],
  ["add-cluster-steps", ["elasticmapreduce:AddJobFlowSteps"]],
  ["open-studio", ["sagemaker:CreatePresignedDomainUrl"]],
  ["identity-center-group", ["identitystore:CreateGroupMembership"]],
])("%s takes no more than %j", (id, actions) => {
  const found = openPaths(principal([allow(actions)]), { arn: arnOf.role });
  expect(found.map(({ path }) => path.id)).toContain(id);
});

describe.each(escalationPaths.map((path) => [path.id, path] as const))("%s", (id, path) => {
  const who = path.who ?? "role";
  const limits = path.only === "withBoundary" ? { boundary: [allow("*")] } : {};
  const denial = path.only === "withDenial" ? [deny("s3:DeleteBucket")] : [];
  const isOpen = (actions: readonly string[]) =>
    openPaths(principal([allow(actions), ...denial], limits), { arn: arnOf[who] }).some(({ path }) => path.id === id);

  test("names actions that AWS documents, on everything where they have no resources", () => {
    for (const { action, on } of path.needs) {
      const known = actionNamed(action);
      expect([action, known?.id]).toEqual([action, action]);
      expect([action, known?.hasResources]).toEqual([action, on !== "everything"]);
    }
  });

  test("is open to whoever has its actions, and closed to whoever lacks one", () => {
    const actions = path.needs.map(({ action }) => action);
    expect(isOpen(actions)).toBe(true);
    for (const missing of new Set(actions))
      expect([missing, isOpen(actions.filter((each) => each !== missing))]).toEqual([missing, false]);
  });

  test("says how it works in a sentence", () => {
    expect(path.how).toMatch(/^[A-Z].{20,}\.$/);
  });
});
