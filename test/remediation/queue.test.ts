import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MalformedInputError } from "../../shared/errors.ts";
import { parseRepairMessage, type RepairMessage } from "../../shared/remediation/queue.ts";

const repair: RepairMessage = { kind: "repair", accountId: "111122223333", findingId: "f00d", stage: "repair" };
const undo: RepairMessage = {
  ...{ kind: "undo", accountId: "111122223333", remediationId: "f00d-0001" },
  ...{ by: "alice", why: "It broke the build.", force: false },
};

describe("a message to repair or undo", () => {
  it.each([repair, { ...repair, stage: "final" as const }, undo, { ...undo, force: true }])(
    "comes as it was sent: %j",
    (message) => {
      expect(parseRepairMessage(JSON.stringify(message))).toEqual(message);
    },
  );

  it.each([
    ["no JSON", "{", "not JSON"],
    ["nothing", "", "not JSON"],
    ["null", "null", "A message to repair or undo"],
    ["another kind", JSON.stringify({ ...repair, kind: "delete" }), "kind"],
    ["an account that is none", JSON.stringify({ ...repair, accountId: "1111" }), "twelve digits"],
    ["an account as a number", JSON.stringify({ ...repair, accountId: 111122223333 }), "accountId"],
    ["another stage", JSON.stringify({ ...repair, stage: "all" }), "stage"],
    ["no finding", JSON.stringify({ ...repair, findingId: "" }), "findingId"],
    ["an approval of its own", JSON.stringify({ ...repair, approved: true }), "approved"],
    ["steps of its own", JSON.stringify({ ...repair, steps: [] }), "steps"],
    ["nobody who asks", JSON.stringify({ ...undo, by: "" }), "by"],
    ["a force that is text", JSON.stringify({ ...undo, force: "true" }), "force"],
    ["a reason too long to tell", JSON.stringify({ ...undo, why: "x".repeat(1_001) }), "why"],
  ])("is refused with %s", (_, body, says) => {
    expect(() => parseRepairMessage(body)).toThrow(MalformedInputError);
    expect(() => parseRepairMessage(body)).toThrow(says);
  });

  it("is one of the two or refused, whatever comes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        try {
          expect(["repair", "undo"]).toContain(parseRepairMessage(body).kind);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedInputError);
        }
      }),
    );
  });
});
