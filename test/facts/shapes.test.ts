import { describe, expect, test } from "vitest";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { policyDocument, roleFacts } from "../../shared/facts/shapes.ts";

const statement = { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole", Sid: "50% + 1 {ü}" };
const document = { Version: "2012-10-17", Statement: statement };

describe("a policy document", () => {
  test.each([
    ["percent-encoded", encodeURIComponent(JSON.stringify(document))],
    ["plain", JSON.stringify(document)],
    ["plain and spaced", `\n  ${JSON.stringify(document, null, 2)}\n`],
    ["encoded as forms do", new URLSearchParams({ d: JSON.stringify(document) }).toString().slice(2)],
  ])("that is %s is read", (_, text) => {
    expect(policyDocument(text)).toEqual(known(document));
  });

  test.each([
    ["absent", undefined],
    ["empty", ""],
    ["cut", "%7B%22Version%22%3A"],
    ["badly encoded", "%7B%E0%A4%A"],
  ])("that is %s is unknown", (_, text) => {
    expect(policyDocument(text).known).toBe(false);
  });
});

test("an answer without what makes a role is refused, not filled in", () => {
  const role = { RoleName: "r", Path: "/", RoleId: "AROA1", Arn: "arn" };
  expect(() =>
    roleFacts({ id: "111122223333" }, role, { policies: unknownFact("not read"), quotas: unknownFact("not read") }),
  ).toThrow("IAM answered without CreateDate");
});
