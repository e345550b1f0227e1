import { describe, expect, it } from "vitest";
import { matchesSubject, patternProblem } from "../../shared/exemptions/pattern.ts";

const kind = "resource";
const bucket = "arn:aws:s3:::public-assets";
const secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:team/db!x-AbCdEf";

describe("a pattern of resources", () => {
  it.each([
    bucket,
    secret,
    "arn:aws:s3:::public-*",
    "arn:aws:sqs:*:111122223333:orders",
    `${bucket}${"x".repeat(400)}`,
  ])("may be %s", (pattern) => expect(patternProblem({ kind, pattern })).toBeUndefined());

  it.each([
    [
      "arn:aws:s3:::*",
      "which matches too much; write at least 3 characters in a row besides *, such as arn:aws:s3:::public-*",
    ],
    ["arn:aws:s3:::a*", "which matches too much"],
    ["arn*", "write an ARN whose first parts are fixed, such as arn:aws:s3:::public-*"],
    ["arn:*:s3:::public-assets", "write an ARN whose first parts are fixed"],
    ["public-assets", "write an ARN whose first parts are fixed"],
    ["arn:aws:s3:::public assets", 'has " " (U+0020) as character 20, which no resource\'s ARN has'],
    [`arn:aws:s3:::${"x".repeat(500)}`, "has 513 characters; write 1 to 512"],
    ["", "has 0 characters; write 1 to 512"],
  ])("may not be %j", (pattern, problem) => expect(patternProblem({ kind, pattern })).toContain(problem));

  it.each([
    [bucket, bucket, true],
    ["arn:aws:s3:::public-*", bucket, true],
    ["arn:aws:s3:::public-*", "arn:aws:s3:::private", false],
    ["arn:aws:s3:::public-*", "arn:aws:s3:::public-\n", false],
    [secret, secret, true],
  ])("%s means %s: %s", (pattern, name, expected) => {
    expect(matchesSubject({ kind, pattern }, { kind, name })).toBe(expected);
    expect(matchesSubject({ kind, pattern }, { kind: "role", name })).toBe(false);
  });
});
