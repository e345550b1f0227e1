import { expect, test } from "vitest";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { createVerificationMemory, type Verification } from "../../shared/judgement/verifications.ts";
import { aVerification } from "../support/findings.ts";

const reportAt = new Date("2026-11-03T06:00:00.000Z");
const later = new Date("2026-11-03T10:00:00.000Z");
const accountId = "111122223333";

test("remembers what was read against one report, and nothing of another", () => {
  const user = aVerification();
  const memory = createVerificationMemory(accountId, { accountId, reportAt, users: [user] });
  expect(memory.recall(reportAt, user.userId)).toEqual(user);
  expect(memory.recall(later, user.userId)).toBeUndefined();
  expect(memory.recall(reportAt, "AIDAANOTHER")).toBeUndefined();
  expect(memory.changed()).toBeUndefined();
});

test("a read against a new report makes it forget the old one", () => {
  const memory = createVerificationMemory(accountId, { accountId, reportAt, users: [aVerification()] });
  const other = aVerification({ userId: "AIDAOTHER" });
  memory.keep(later, other);
  expect(memory.changed()).toEqual({ accountId, reportAt: later, users: [other] });
  expect(memory.recall(reportAt, aVerification().userId)).toBeUndefined();
});

const denied = unknownFact("iam:ListMFADevices was denied");
const key = { id: "AKIAEXAMPLE", active: true, createdAt: reportAt };

test.each<[string, Verification["live"]]>([
  ["loginProfile", { loginProfile: denied }],
  ["passwordLastUsedAt", { passwordLastUsedAt: denied, mfaActive: known(true) }],
  ["mfaActive", { mfaActive: denied }],
  ["accessKeys", { accessKeys: denied }],
  ["a key's last use", { accessKeys: known([key, { ...key, lastUsedAt: denied }]) }],
])("does not remember a read of which %s was not answered", (_, live) => {
  const memory = createVerificationMemory(accountId);
  memory.keep(reportAt, aVerification({ live }));
  expect(memory.changed()).toBeUndefined();
  expect(memory.recall(reportAt, aVerification().userId)).toBeUndefined();
});
