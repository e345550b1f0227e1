import { describe, expect, it } from "vitest";
import { readSource } from "../../shared/lint/source/source.ts";
import { parseYaml } from "../../shared/lint/source/yaml.ts";
import { createPositions } from "../../shared/text/positions.ts";
import { failure } from "../support/source-failure.ts";

describe("YAML", () => {
  const read = (text: string): unknown => parseYaml(text, createPositions());
  const cases: Record<string, [text: string, value: unknown]> = {
    "!Ref": ["!Ref Queue", { Ref: "Queue" }],
    "!Sub": ['!Sub "${A}"', { "Fn::Sub": "${A}" }],
    "!Sub with values": ['!Sub ["${A}", {A: !Ref B}]', { "Fn::Sub": ["${A}", { A: { Ref: "B" } }] }],
    "!GetAtt in one word": ["!GetAtt Queue.Nested.Arn", { "Fn::GetAtt": ["Queue", "Nested.Arn"] }],
    "!GetAtt as a list": ["!GetAtt [Queue, Arn]", { "Fn::GetAtt": ["Queue", "Arn"] }],
    "!Join in a block": ["!Join\n- ','\n- [a, b]", { "Fn::Join": [",", ["a", "b"]] }],
    "!If, !Equals and !Condition": [
      "!If [!Condition C, !Equals [a, b], 1]",
      { "Fn::If": [{ Condition: "C" }, { "Fn::Equals": ["a", "b"] }, 1] },
    ],
    "!ImportValue": ["!ImportValue x", { "Fn::ImportValue": "x" }],
    "a date": ["Version: 2012-10-17", { Version: "2012-10-17" }],
    "account ids": ["[111122223333, 012345678901]", [111122223333, "012345678901"]],
    "a key without a value": ["{a: , b: }", { a: null, b: null }],
    JSON: ['{"a": [1, "x", null, true]}', { a: [1, "x", null, true] }],
  };
  it.each(Object.entries(cases))("reads %s", (_, [text, value]) => {
    expect(read(text)).toEqual(value);
  });

  const wrong: Record<string, [text: string, offset: number, message: RegExp]> = {
    "an alias": ["a: &x 1\nb: *x", 11, /alias, which CloudFormation does not read/],
    "a second document": ["a: 1\n---\nb: 1", 5, /second document/],
    "a key twice": ["a: 1\na: 2", 5, /stands here twice/],
    "a list that does not end": ["a: [1", 5, /no YAML/],
    "a tab to indent": ["a:\n\tb: 1", 3, /tab/],
  };
  it.each(Object.entries(wrong))("says what is wrong with %s", (_, [text, offset, message]) => {
    const error = failure(() => read(text));
    expect([error.offset, error.message]).toEqual([offset, expect.stringMatching(message)]);
  });
});

it("of YAML that nests without end is refused as such, wherever that exhausts the reader", () => {
  for (const levels of [600, 20_000])
    expect(failure(() => parseYaml(`${"[".repeat(levels)}${"]".repeat(levels)}`, createPositions())).message).toMatch(
      /nesting/,
    );
});

describe("a file", () => {
  it("is YAML or JSON by its name, else by how it begins", () => {
    expect(readSource("{a: 1}", "x.yaml").value).toEqual({ a: 1 });
    expect(failure(() => readSource("{a: 1}", "x.json")).offset).toBe(1);
    expect(failure(() => readSource("{a: 1}", "stdin")).offset).toBe(1);
    expect(readSource("a: 1", "stdin").value).toEqual({ a: 1 });
    expect(readSource('\uFEFF{"a": 1}', "x.json").value).toEqual({ a: 1 });
  });

  it("is refused if it is empty, or not UTF-8", () => {
    expect(failure(() => readSource(" \n", "x.json")).message).toBe("the text is empty");
    expect(failure(() => readSource("a: \uFFFD", "x.yaml")).offset).toBe(3);
  });
});
