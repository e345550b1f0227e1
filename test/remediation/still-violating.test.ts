import { describe, expect, it } from "vitest";
import type { Prepared } from "../../shared/remediation/prepare.ts";
import { stillViolating } from "../../shared/remediation/still-violating.ts";
import { readyIn } from "./interlock-world.ts";
import { bob } from "./worlds.ts";

const prepared = await readyIn(bob());

describe("stillViolating", () => {
  const ask = (changes: Partial<Prepared>, ageMs = 0) =>
    stillViolating({ clock: () => new Date(prepared.preparedAt.getTime() + ageMs) })({ ...prepared, ...changes });
  const { facts: _facts, verdict: _verdict, ...gone } = prepared;
  const resumes = { id: "f-0001" } as Prepared["resumes"];
  const unknown = { outcome: "unknown", reason: "Cannot tell.", cause: "denied" } as const;
  const idle = { outcome: "notApplicable", reason: "It is inactive." } as const;

  it.each<[string, Partial<Prepared>, string | undefined]>([
    ["a violation", {}, undefined],
    ["what complies", { verdict: { outcome: "compliant" } }, "It complies now."],
    ["what the control does not apply to", { verdict: idle }, "It is inactive."],
    ["what cannot be told", { verdict: unknown }, "Cannot tell."],
    ["what cannot be told of a final step", { verdict: unknown, stage: "final" }, "Cannot tell."],
    ["what cannot be told of a begun run", { verdict: unknown, resumes }, "Cannot tell."],
    ["a final step after the repair", { verdict: idle, stage: "final" }, undefined],
    ["a begun run that ended the violation", { verdict: { outcome: "compliant" }, resumes }, undefined],
  ])("goes by the verdict: %s", async (_name, changes, expected) => {
    expect(await ask(changes)).toBe(expected);
  });

  it("holds what is gone, but lets a run be completed that deleted it", async () => {
    const ofGone = (changes: Partial<Prepared>) =>
      stillViolating({ clock: () => gone.preparedAt })({ ...gone, ...changes });
    expect(await ofGone({})).toBe("The user bob does not exist any more.");
    expect(await ofGone({ stage: "final" })).toBe("The user bob does not exist any more.");
    expect(await ofGone({ stage: "final", resumes })).toBeUndefined();
  });

  it.each([
    [300_000, undefined],
    [-300_000, undefined],
  ])("takes facts of the last five minutes: %d ms", async (ageMs, expected) => {
    expect(await ask({}, ageMs)).toBe(expected);
  });

  it.each([
    [300_001, "What is known of it was read 300 s ago; it has to be read again."],
    [-300_001, "What is known of it was read -300 s ago; it has to be read again."],
    [Number.NaN, "What is known of it was read NaN s ago; it has to be read again."],
  ])("has older facts read again, by another try: %d ms", async (ageMs, message) => {
    await expect(ask({}, ageMs)).rejects.toMatchObject({ name: "StaleFactsError", retryable: true, message });
  });
});
