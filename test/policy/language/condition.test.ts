import { describe, expect, test } from "vitest";
import { conditionHolds } from "../../../shared/policy/language/condition.ts";
import type { Ternary } from "../../../shared/policy/language/ternary.ts";
import { requestContext } from "../../../shared/policy/language/variables.ts";

type Row = readonly [
  operator: string,
  wanted: string | readonly string[],
  actual: string | readonly string[] | undefined,
  Ternary,
];

const rows: readonly Row[] = [
  ["StringEquals", "a", "a", true],
  ["StringEquals", "a", "A", false],
  ["StringEquals", ["b", "a"], "a", true],
  ["StringEquals", "a*", "abc", false],
  ["StringEquals", "a*", "a*", true],
  ["StringEquals", "a", undefined, false],
  ["StringEqualsIfExists", "a", undefined, true],
  ["StringEqualsIfExists", "a", "b", false],
  ["StringEqualsIgnoreCase", "ABC", "abc", true],
  ["StringNotEquals", "a", "b", true],
  ["StringNotEquals", ["a", "b"], "b", false],
  ["StringNotEquals", "a", undefined, true],
  ["StringLike", "a*c?", "abbcd", true],
  ["StringLike", "a*c?", "abbc", false],
  ["StringNotLike", "a*", "abc", false],
  ["stringlike", "*", "anything", true],
  ["ArnLike", "arn:aws:iam::*:role/x*", "arn:aws:iam::111122223333:role/xy", true],
  ["ArnLike", "arn:*:root", "arn:aws:iam::111122223333:root", false],
  ["ArnLike", "arn:*:iam::*:root", "arn:aws:iam::111122223333:root", true],
  ["ArnEquals", "arn:aws:sns:*:*:a", "arn:aws:sns:us-east-1:111122223333:b", false],
  ["ArnNotLike", "arn:aws:iam::*:role/admin", "arn:aws:iam::111122223333:role/dev", true],
  ["ArnLike", "arn:aws:iam::*:role/*", "not an arn", false],
  ["NumericLessThan", "10", "9", true],
  ["NumericLessThan", "10", "10", false],
  ["NumericLessThanEquals", "10", "10", true],
  ["NumericGreaterThan", "10", "ten", false],
  ["NumericNotEquals", "1", "2", true],
  ["DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", true],
  ["DateGreaterThan", "1767225600", "2026-01-01T00:00:01Z", true],
  ["Bool", "true", "True", true],
  ["Bool", "false", undefined, false],
  ["BoolIfExists", "false", undefined, true],
  ["IpAddress", "203.0.113.0/24", "203.0.113.7", true],
  ["IpAddress", "203.0.113.0/24", "203.0.114.7", false],
  ["IpAddress", "2001:db8::/32", "2001:db8::1", true],
  ["IpAddress", "203.0.113.7", "203.0.113.7", true],
  ["IpAddress", "203.0.113.7/99", "203.0.113.7", "unknown"],
  ["NotIpAddress", "203.0.113.0/24", "198.51.100.1", true],
  ["Null", "true", undefined, true],
  ["Null", "false", undefined, false],
  ["Null", "false", "x", true],
  ["ForAllValues:StringEquals", ["a", "b"], ["a"], true],
  ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], false],
  ["ForAllValues:StringEquals", ["a"], undefined, true],
  ["ForAnyValue:StringEquals", ["a"], ["c", "a"], true],
  ["ForAnyValue:StringEquals", ["a"], undefined, false],
  ["ForAnyValue:StringNotEquals", ["a"], ["a", "b"], true],
  ["ForAllValues:StringNotEquals", ["a"], ["a", "b"], false],
  ["StringMatches", "a", "a", "unknown"],
  ["constructor", "a", "a", "unknown"],
];

describe("conditionHolds", () => {
  test.each(rows)("%s %j of %j is %s", (operator, wanted, actual, expected) => {
    const context = requestContext(actual === undefined ? {} : { "aws:Key": actual });
    const values = typeof wanted === "string" ? [wanted] : wanted;
    expect(conditionHolds({ [operator]: { "AWS:key": values } }, context)).toBe(expected);
  });

  test("needs every operator and every key", () => {
    const context = requestContext({ a: "1", b: "2" });
    expect(conditionHolds({ StringEquals: { a: ["1"], b: ["2"] } }, context)).toBe(true);
    expect(conditionHolds({ StringEquals: { a: ["1"], b: ["3"] } }, context)).toBe(false);
    expect(conditionHolds({ StringEquals: { a: ["1"] }, Null: { b: ["true"] } }, context)).toBe(false);
    expect(conditionHolds({ StringEquals: { a: ["2"] }, Nonsense: { b: ["true"] } }, context)).toBe(false);
    expect(conditionHolds({}, context)).toBe(true);
  });

  test("puts a variable's value in as it is, never as a wildcard", () => {
    const like = (wanted: string, actual: string) =>
      conditionHolds(
        { StringLike: { key: [wanted] } },
        requestContext({ key: actual, "aws:username": "*", team: "red" }),
      );
    expect(like("home/${aws:username}/x*", "home/*/xyz")).toBe(true);
    expect(like("home/${aws:username}/x*", "home/bob/xyz")).toBe(false);
    expect(like("${Team}-${*}", "red-*")).toBe(true);
    expect(like("${Team}-${*}", "red-blue")).toBe(false);
    expect(like("${absent}", "")).toBe(false);
    expect(like("${absent, 'blue'}", "blue")).toBe(true);
  });
});
