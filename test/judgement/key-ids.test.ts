import { expect, test } from "vitest";
import type { Evidence } from "../../shared/control.ts";
import { type AccessKeyFacts, known } from "../../shared/facts/facts.ts";
import { toldKeys, withToldIds } from "../../shared/judgement/key-ids.ts";
import { accessKeyFacts, daysAgo, userFacts } from "../support/facts.ts";
import { aFinding } from "../support/findings.ts";

const keyOf = (createdDays: number, usedDays: number | null, over: Partial<AccessKeyFacts> = {}): AccessKeyFacts =>
  accessKeyFacts({
    id: { known: false, why: "the report has no ids" },
    createdAt: daysAgo(createdDays),
    lastUsedAt: known(usedDays === null ? null : daysAgo(usedDays)),
    ...over,
  });

const finding = (accessKeyId: string, createdDays: number, usedDays?: number | null) =>
  aFinding({
    control: usedDays === undefined ? "stale-access-key" : "unused-access-key",
    subject: { kind: "accessKey", name: "bob", accessKeyId, arn: "arn:aws:iam::111122223333:user/bob" },
    evidence: {
      createdAt: daysAgo(createdDays).toISOString(),
      ...(usedDays !== undefined && { lastUsedAt: usedDays === null ? null : daysAgo(usedDays).toISOString() }),
    },
  });

const ids = (keys: readonly AccessKeyFacts[], findings: Parameters<typeof toldKeys>[0]) => {
  const { accessKeys } = withToldIds(userFacts({ accessKeys: known(keys) }), toldKeys(findings).get("bob"));
  return accessKeys.known ? accessKeys.value.map(({ id }) => (id.known ? id.value : "?")) : accessKeys.why;
};

test.each([
  ["its only key", [keyOf(200, 1)], [finding("A", 200)], ["A"]],
  ["the key of that second", [keyOf(200, 1), keyOf(100, 1)], [finding("A", 100)], ["?", "A"]],
  ["each of two", [keyOf(200, 1), keyOf(100, 1)], [finding("A", 200), finding("B", 100)], ["A", "B"]],
  ["a key that is inactive now", [keyOf(200, 1, { active: false })], [finding("A", 200)], ["A"]],
  ["no other key", [keyOf(200, 1)], [finding("A", 100)], ["?"]],
  ["neither of two of that second", [keyOf(200, 1), keyOf(200, 2)], [finding("A", 200)], ["?", "?"]],
  ["the one with that use", [keyOf(200, 1), keyOf(200, 99)], [finding("A", 200, 99)], ["?", "A"]],
  ["the one never used", [keyOf(200, null), keyOf(200, 99)], [finding("A", 200, null)], ["A", "?"]],
  ["the other by elimination", [keyOf(200, 1), keyOf(200, 99)], [finding("B", 200), finding("A", 200, 99)], ["B", "A"]],
  [
    "two alike in either order",
    [keyOf(200, 9), keyOf(200, 9)],
    [finding("B", 200, 9), finding("A", 200, 9)],
    ["A", "B"],
  ],
  ["the one that is left of two, not which", [keyOf(200, 9)], [finding("B", 200), finding("A", 200)], ["?"]],
])("open findings name %s", (_, keys, findings, expected) => {
  expect(ids(keys, findings)).toEqual(expected);
});

test("several findings on one key tell one key", () => {
  expect(ids([keyOf(200, 99), keyOf(200, 1)], [finding("A", 200, 99), finding("A", 200)])).toEqual(["A", "?"]);
});

test.each<Evidence>([{ createdAt: "yesterday" }, { createdAt: null }, {}])(
  "evidence without a time (%j) tells nothing",
  (evidence) => {
    expect(ids([keyOf(200, 1)], [{ ...finding("A", 200), evidence }])).toEqual(["?"]);
  },
);
