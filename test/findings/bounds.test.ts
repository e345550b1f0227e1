import { expect, test } from "vitest";
import { boundEvidence, cut } from "../../shared/findings/bounds.ts";

test.each([
  ["short", 10, "short"],
  ["exactly ten", 11, "exactly ten"],
  ["longer than ten", 10, "longer th…"],
  ["🔑🔑🔑🔑🔑", 6, "🔑🔑…"],
  ["🔑🔑🔑🔑🔑", 7, "🔑🔑🔑…"],
])("cuts %s to %i between characters", (text, limit, expected) => {
  expect(cut(text, limit)).toBe(expected);
  expect(cut(text, limit).length).toBeLessThanOrEqual(limit);
});

test("evidence that fits is kept as it is, in its order", () => {
  const evidence = { z: [1, { y: null }], a: "x".repeat(15_000) };
  expect(JSON.stringify(boundEvidence(evidence))).toBe(JSON.stringify(evidence));
});

test("evidence that does not fit says so and keeps what it can", () => {
  const bounded = boundEvidence({
    mfaActive: false,
    document: "x".repeat(100_000),
    keys: Array.from({ length: 30 }, (_, index) => `key-${index}`),
    deep: { a: { b: { c: { d: 1 } } } },
    ...Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`field${index}`, "東".repeat(400)])),
    last: true,
  });
  expect(bounded).toMatchObject({
    mfaActive: false,
    deep: { a: { b: { c: "…" } } },
    last: true,
    evidenceTruncated: true,
  });
  expect(bounded.document).toBe(`${"x".repeat(499)}…`);
  expect(bounded.keys).toHaveLength(21);
  expect(Buffer.byteLength(JSON.stringify(bounded))).toBeLessThanOrEqual(16_384);
});
