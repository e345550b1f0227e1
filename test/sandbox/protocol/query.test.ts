import fc from "fast-check";
import { expect, test } from "vitest";
import { parseQuery } from "../../../sandbox/protocol/query.ts";
import { startSandbox } from "../support.ts";

test.each([
  ["plain fields", "Action=ListUsers&Path=%2Fa+b%2F", { Action: "ListUsers", Path: "/a b/" }],
  ["a list", "A.member.1=x&A.member.2=y", { A: ["x", "y"] }],
  ["a list out of order", "A.member.10=z&A.member.9=y&A.member.1=x", { A: ["x", "y", "z"] }],
  ["an empty list", "A=", { A: "" }],
  ["a list of structures", "A.member.1.K=k&A.member.1.V=v&A.member.2.K=l", { A: [{ K: "k", V: "v" }, { K: "l" }] }],
  ["a map", "A.entry.1.key=k&A.entry.1.value=v", { A: { k: "v" } }],
  ["a map by Name and Value", "A.entry.1.Name=n&A.entry.1.Value.DataType=String", { A: { n: { DataType: "String" } } }],
  [
    "a field named like what objects inherit",
    "__proto__.x=1&constructor=2",
    JSON.parse('{"__proto__":{"x":"1"},"constructor":"2"}'),
  ],
  ["an index that is none", "A.member.x=1&A.member.=2", { A: ["1", "2"] }],
  ["a huge index", "A.member.999999999=1", { A: ["1"] }],
])("reads %s", (_, body, expected) => {
  expect(parseQuery(body)).toEqual(expected);
});

test("any text that XML can carry comes back from the SDK as it was sent", async () => {
  const { iam, account } = startSandbox();
  const PolicyDocument = JSON.stringify({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } });
  const text = fc
    .string({ unit: "binary", minLength: 1, maxLength: 60 })
    // The SDK takes white space alone for layout.
    .filter((value) => value.trim() !== "" && /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(value));
  await fc.assert(
    fc.asyncProperty(text, async (Description) => {
      account.policies.clear();
      const { Policy } = await iam.createPolicy({ PolicyName: "p", PolicyDocument, Description });
      expect(account.policies.get(Policy?.Arn ?? "")?.description).toBe(Description);
      expect(Policy?.Description).toBe(Description);
    }),
    { numRuns: 300, examples: [["a\r\nb"], ["]]>"], [" a "], ["&amp;<b>"], ["123"], ["true"]] },
  );
});
