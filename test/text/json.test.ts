import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../shared/text/json.ts";
import { createLineFinder, createPositions } from "../../shared/text/positions.ts";
import { SourceError } from "../../shared/text/source-error.ts";
import { failure } from "../support/source-failure.ts";

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

it("text has lines that end as editors end them", () => {
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
