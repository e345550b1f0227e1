import { expect, test } from "vitest";
import { VersionConflictError } from "../../shared/errors.ts";
import { type Remediation, remediationId } from "../../shared/remediation/remediation.ts";
import {
  deactivateAccessKey,
  deleteAccessKey,
  deleteRootAccessKeys,
  deleteRootPassword,
  putRoleBoundary,
  putUserPolicy,
  tagRole,
  updatePasswordPolicy,
  updateTrustPolicy,
} from "../../shared/remediation/step.ts";
import type { RemediationStore } from "../../shared/remediation/store.ts";
import { passwordPolicy } from "../support/facts.ts";
import { aFinding, hostileNames, hubAccount } from "../support/findings.ts";

const finding = aFinding();
const policy = putUserPolicy({ userName: "alice", policyName: "p", document: '{ "a": 1,\n"b": "é\u0000" }' });

/** One of every step, with one of every before-image. */
const steps: Remediation["steps"] = [
  {
    step: policy,
    before: { kind: "userPolicy", userId: "AIDA1", document: " {}\n" },
    doneAt: "2026-11-03T02:13:05.000Z",
  },
  { step: policy, before: { kind: "userPolicy", userId: "AIDA1", document: null } },
  { step: deactivateAccessKey("alice", "AKIA1"), before: { kind: "accessKey", status: "Active" } },
  { step: deleteAccessKey("alice", "AKIA1"), before: { kind: "accessKey", status: "Inactive" } },
  { step: putRoleBoundary("app", "arn"), before: { kind: "roleBoundary", roleId: "AROA1", boundaryArn: null } },
  {
    step: tagRole({ roleName: "app", key: "iam-warden-quarantine", value: "unused-role 2026-11-20 3f" }),
    before: { kind: "roleTag", roleId: "AROA1", value: null },
  },
  {
    step: updateTrustPolicy("app", '{"Version": "2012-10-17" }'),
    before: { kind: "trustPolicy", roleId: "AROA1", document: " {\n}" },
  },
  { step: updatePasswordPolicy(passwordPolicy()), before: { kind: "passwordPolicy", policy: null } },
  {
    step: updatePasswordPolicy(passwordPolicy({ maxAgeDays: 90 })),
    before: { kind: "passwordPolicy", policy: passwordPolicy({ remembered: null }) },
  },
  {
    step: deleteRootAccessKeys(),
    before: {
      kind: "rootAccessKeys",
      keys: [{ id: "AKIA2", status: "Active", createdAt: "2020-01-01T00:00:00.000Z" }],
    },
  },
  { step: deleteRootPassword(), before: { kind: "rootPassword", present: true } },
];

export const aRemediation = (changes: Partial<Remediation> = {}): Remediation => ({
  id: remediationId(finding.id, 1),
  account: hubAccount,
  findingId: finding.id,
  control: finding.control,
  subject: finding.subject,
  stage: "repair",
  state: "intended",
  steps,
  by: "ladder",
  why: "7 days open",
  intendedAt: "2026-11-03T02:13:05.000Z",
  startedAt: "2026-11-03T02:13:05.000Z",
  failures: 0,
  version: 1,
  ...changes,
});

/** What every `RemediationStore` does. `create` gives an empty one. */
export const describeRemediationStore = (create: () => Promise<RemediationStore>): void => {
  test("gives back exactly what was put, with every field", async () => {
    const store = await create();
    const at = "2026-11-03T02:14:05.000Z";
    const whole = aRemediation({
      approvedBy: "ann",
      appliedAt: at,
      verifiedAt: at,
      verification: "It complies.",
      failedAt: at,
      failure: "not today",
      undo: { by: "ann", why: "broke", askedAt: at, forced: true, drift: ["changed"], left: "denied" },
      undoneAt: at,
      state: "undone",
    });
    await store.put(whole);
    expect(await store.get(hubAccount.id, whole.id)).toStrictEqual(whole);
    expect(await store.ofFinding(hubAccount.id, finding.id)).toStrictEqual([whole]);
  });

  test("keeps hostile text as it is in a before-image, and cuts what people wrote", async () => {
    const store = await create();
    const hostile = Object.values(hostileNames);
    const kept = hostile.map((document) => ({
      step: policy,
      before: { kind: "userPolicy", userId: "AIDA1", document } as const,
    }));
    await store.put(aRemediation({ steps: kept, why: "y".repeat(5_000) }));
    const stored = await store.get(hubAccount.id, aRemediation().id);
    expect(stored?.steps).toEqual(kept);
    expect(stored?.why).toHaveLength(1_000);
  });

  test("knows nothing of what was not put", async () => {
    const store = await create();
    await store.put(aRemediation());
    expect(await store.get(hubAccount.id, remediationId(finding.id, 2))).toBeUndefined();
    expect(await store.get("444455556666", aRemediation().id)).toBeUndefined();
    expect(await store.ofFinding("444455556666", finding.id)).toEqual([]);
    expect(await store.ofFinding(hubAccount.id, finding.id.slice(0, -1))).toEqual([]);
  });

  test("lists a finding's own, oldest first", async () => {
    const store = await create();
    for (const number of [10, 2, 1]) await store.put(aRemediation({ id: remediationId(finding.id, number) }));
    await store.put(aRemediation({ id: remediationId("other", 1), findingId: "other" }));
    const ids = (await store.ofFinding(hubAccount.id, finding.id)).map(({ id }) => id.slice(-4));
    expect(ids).toEqual(["0001", "0002", "0010"]);
  });

  test.each([
    ["a first version of what exists", 1, 1],
    ["a version that was written already", 2, 2],
    ["a version that leaves one out", 1, 3],
    ["a second version of what does not exist", 0, 2],
  ])("refuses %s", async (_name, stored, version) => {
    const store = await create();
    for (let at = 1; at <= stored; at++) await store.put(aRemediation({ version: at }));
    await expect(store.put(aRemediation({ version, why: "late" }))).rejects.toThrow(VersionConflictError);
    expect((await store.get(hubAccount.id, aRemediation().id))?.why).not.toBe("late");
  });

  test("lets one of many writers of a version win", async () => {
    const store = await create();
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, writer) => store.put(aRemediation({ by: String(writer) }))),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(VersionConflictError);
  });

  test("shares no object with its callers", async () => {
    const store = await create();
    const own = [...steps];
    await store.put(aRemediation({ steps: own }));
    own.pop();
    expect((await store.get(hubAccount.id, aRemediation().id))?.steps).toHaveLength(steps.length);
  });
};
