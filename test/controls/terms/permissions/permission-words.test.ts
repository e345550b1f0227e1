import fc from "fast-check";
import { expect, test } from "vitest";
import { grantsIn, statementEvidence } from "../../../../shared/controls/terms/permissions/permission-words.ts";
import { parsePolicy } from "../../../../shared/policy/language/document.ts";
import type { StatementRef } from "../../../../shared/policy/principal/layers.ts";

const ref = fc
  .record(
    { name: fc.string(), arn: fc.string(), via: fc.string(), sid: fc.string(), index: fc.nat(9) },
    { requiredKeys: ["name", "index"] },
  )
  .map(({ index, sid, ...named }): StatementRef => {
    const document = parsePolicy({
      Statement: { ...(sid !== undefined && { Sid: sid }), Effect: "Allow", Action: "*" },
    });
    const [statement] = document.statements;
    if (statement === undefined) throw new Error("the policy has no statement");
    return { layer: "identity", policy: { ...named, kind: "inline", document }, index, statement };
  });

test("what evidence says of statements is read again as it was written", () => {
  fc.assert(
    fc.property(fc.array(ref, { maxLength: 3 }), (refs) => {
      const grants = refs.map(statementEvidence);
      // As the table of findings keeps it.
      expect(grantsIn(JSON.parse(JSON.stringify({ grants })))).toEqual(grants);
    }),
  );
});

test.each([
  ["no list", "all"],
  ["no objects", ["own", null, ["own"]]],
  ["no statement", [{ policy: "own" }]],
])("evidence with %s has none", (_, grants) => {
  expect(grantsIn({ grants })).toEqual([]);
});
