import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSource } from "../../shared/lint/source/source.ts";
import { parseYaml } from "../../shared/lint/source/yaml.ts";
import { parseJson } from "../../shared/text/json.ts";
import { createLineFinder, createPositions } from "../../shared/text/positions.ts";
import { SourceError } from "../../shared/text/source-error.ts";

const failure = (read: () => unknown): SourceError => {
  try {
    read();
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  throw new Error("it was read");
};

describe("JSON", () => {
  it("is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, "\t"), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseJson(text, createPositions())).toEqual(JSON.parse(text));
      }),
    );
  });

  it("is refused exactly where JSON.parse refuses it, but for a key that stands twice", () => {
    const bits = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"\\u00e9"',
      '"\\x"',
      "1",
      "-0.5e3",
      "01",
      "true",
      "nul",
      " ",
      "\n",
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        const isJson = (read: () => unknown): boolean => {
          try {
            read();
            return true;
          } catch (error) {
            if (error instanceof SourceError) {
              expect(error.offset).toBeGreaterThanOrEqual(0);
              expect(error.offset).toBeLessThanOrEqual(text.length);
              return error.message.includes("stands here twice");
            }
            expect(error).toBeInstanceOf(SyntaxError);
            return false;
          }
        };
        expect(isJson(() => parseJson(text, createPositions()))).toBe(isJson(() => JSON.parse(text)));
      }),
    );
  });

  it("tells where objects, lists, values and keys stand", () => {
    const text = '{\n  "a": [1, {"b": "x"}]\n}';
    const positions = createPositions();
    const value = parseJson(text, positions) as { a: [number, { b: string }] };
    const cut = (range?: { start: number; end: number }) => range && text.slice(range.start, range.end);
    expect(cut(positions.of(value.a))).toBe('[1, {"b": "x"}]');
    expect(cut(positions.of(value.a[1]))).toBe('{"b": "x"}');
    expect(cut(positions.at(value.a[1], "b"))).toBe('"x"');
    expect(cut(positions.at(value.a, 0))).toBe("1");
    expect(cut(positions.entry(value.a[1], "b"))).toBe('"b": "x"');
    expect(positions.entry(value.a[1], "c")).toBeUndefined();
  });

  it("keeps keys that objects have anyway", () => {
    const read = parseJson('{"__proto__": {"a": 1}, "constructor": 2}', createPositions());
    expect(Object.keys(Object(read))).toEqual(["__proto__", "constructor"]);
    expect(Reflect.get({}, "a")).toBeUndefined();
  });

  const wrong: Record<string, [text: string, offset: number, message: RegExp]> = {
    "a comma too many": ["[1,]", 3, /"]" stands where a JSON value belongs/],
    "a missing comma": ['{"a": 1 "b": 2}', 8, /where a comma or } belongs/],
    "a key without quotes": ["{a: 1}", 1, /key in quotes/],
    "a key twice": ['{"a": 1, "a": 2}', 9, /"a" stands here twice/],
    "a missing colon": ['{"a" 1}', 5, /where a colon belongs/],
    "an end too early": ['{"a": [1', 8, /the end of the text/],
    "a text without an end": ['["abc', 1, /does not end/],
    "a line break in a text": ['["a\nb"]', 1, /has to be escaped/],
    "something after the end": ["{} x", 3, /after the end/],
    "nesting without end": ["[".repeat(100_000), 501, /levels of nesting/],
  };
  it.each(Object.entries(wrong))("says what is wrong with %s", (_, [text, offset, message]) => {
    const error = failure(() => parseJson(text, createPositions()));
    expect([error.offset, error.message]).toEqual([offset, expect.stringMatching(message)]);
  });
});

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

  it("has lines that end as editors end them", () => {
    const at = createLineFinder("ab\r\nc\rd\n");
    expect([0, 2, 4, 5, 6, 8].map((offset) => Object.values(at(offset)).join(":"))).toEqual([
      "1:1",
      "1:3",
      "2:1",
      "2:2",
      "3:1",
      "4:1",
    ]);
  });
});
