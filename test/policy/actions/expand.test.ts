import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expandActions } from "../../../shared/policy/actions/expand.ts";
import { known } from "../../../shared/policy/actions/known.ts";
import { matchesWildcardIgnoringCase } from "../../../shared/wildcard.ts";

const idsOf = (patterns: readonly string[]) => expandActions(patterns).actions.map(({ id }) => id);

describe("expandActions", () => {
  test.each([
    ["a name in other case", ["IAM:passROLE"], ["iam:PassRole"]],
    ["a wildcard in the name", ["iam:*LoginProfile"], "iam:CreateLoginProfile,iam:DeleteLoginProfile"],
    ["a question mark", ["sts:Assume?ole"], ["sts:AssumeRole"]],
    ["a wildcard in the service", ["st?:AssumeRoot"], ["sts:AssumeRoot"]],
    ["a wildcard over the colon", ["iam*PassRole"], ["iam:PassRole"]],
    ["twice the same", ["iam:PassRole", "iam:Pass*"], ["iam:PassRole"]],
    ["none", [], []],
  ])("%s", (_, patterns, expected) => {
    const wanted = typeof expected === "string" ? expect.arrayContaining(expected.split(",")) : expected;
    expect(idsOf(patterns)).toEqual(wanted);
    expect(expandActions(patterns).unknown).toEqual([]);
  });

  test.each(["*", "*:*", "**"])("%s is the whole table, not a copy of it", (pattern) => {
    expect(expandActions(["s3:GetObject", pattern]).actions).toBe(known().all);
  });

  test.each([
    ["iam:GrantEverything", "action"],
    ["iam:Grant*", "action"],
    ["aws-nothing:*", "service"],
    ["zz?:*", "service"],
    ["GetObject", "form"],
    ["", "form"],
    ["Nothing*", "action"],
  ])("%s is told as unknown, beside what is known", (pattern, missing) => {
    const { actions, unknown } = expandActions([pattern, "iam:PassRole"]);
    expect(unknown).toEqual([{ pattern, missing }]);
    expect(actions.map(({ id }) => id)).toEqual(["iam:PassRole"]);
  });

  const letters = fc.constantFrom(..."iams3:GetPutBucket*?".split(""));
  const pattern = fc.oneof(
    fc.constantFrom("*", "s3:*", "s3:Get*", "iam:?et*", "*:Get*", "e*:Describe*", "iam:PassRole", "S3:PUT*"),
    fc.string({ unit: letters, maxLength: 8 }),
  );

  test("holds what each pattern matches, and says of each that matches nothing that it is unknown", () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), (patterns) => {
        const { actions, unknown } = expandActions(patterns);
        const matches = (each: string) => known().all.filter(({ id }) => matchesWildcardIgnoringCase(each, id));
        const wanted = new Set(patterns.flatMap(matches));
        expect(actions.length).toBe(wanted.size);
        expect(new Set(actions)).toEqual(wanted);
        expect(unknown.map((each) => each.pattern)).toEqual(patterns.filter((each) => matches(each).length === 0));
      }),
      { numRuns: 40 },
    );
  });
});
