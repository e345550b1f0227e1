import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventPattern } from "../../shared/control.ts";
import { MalformedInputError } from "../../shared/errors.ts";
import { checkPattern, matches, parsePattern } from "../../shared/events/matcher.ts";
import { malformedPatterns, matcherCases } from "./matcher-cases.ts";

describe("matches", () => {
  it.each(matcherCases)("$name", ({ pattern, event, matches: expected }) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  it("asks an absence of the element that earlier fields (by name) chose", () => {
    const event = { list: [{ a: "x" }, { a: "y", b: 1 }] };
    expect(matches({ list: { a: ["x"], b: [{ exists: false }] } }, event)).toBe(true);
    expect(matches({ list: { a: ["y"], b: [{ exists: false }] } }, event)).toBe(false);
  });

  it("takes a dotted name for a path, as EventBridge does", () => {
    expect(matches({ "detail.eventName": ["CreateUser"] }, { detail: { eventName: "CreateUser" } })).toBe(true);
  });

  it.each([undefined, null, 5, "text", [], {}])("matches nothing in %j", (event) => {
    expect(matches({ source: ["aws.iam"] }, event)).toBe(false);
  });

  it("survives nesting without bound", () => {
    const depth = 200_000;
    const event: unknown = JSON.parse(`{"a":${"[1,".repeat(depth)}"x"${"]".repeat(depth)}}`);
    expect(matches({ a: ["x"] }, event)).toBe(true);
    expect(matches({ a: ["y"] }, event)).toBe(false);
    expect(matches({ a: [{ exists: false }] }, event)).toBe(false);
  });

  it("does not take inherited properties for fields", () => {
    expect(matches({ constructor: { name: [{ exists: true }] } }, { a: 1 })).toBe(false);
    expect(matches({ __proto__x: [{ exists: false }] }, JSON.parse('{"__proto__":{"x":1}}'))).toBe(true);
  });
});

describe("a malformed pattern", () => {
  it.each(malformedPatterns)("%s", (_, pattern, message) => {
    expect(() => checkPattern(pattern)).toThrow(MalformedInputError);
    expect(() => checkPattern(pattern)).toThrow(message);
    expect(() => parsePattern(JSON.stringify(pattern))).toThrow(message);
    expect(() => matches(pattern as EventPattern, {})).toThrow(message);
  });

  it("is not JSON", () => {
    expect(() => parsePattern("{")).toThrow(/event pattern: not JSON/);
  });

  it("is the only thing that throws, whatever is given", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (pattern, event) => {
        try {
          return typeof matches({ field: pattern } as EventPattern, event) === "boolean";
        } catch (error) {
          return error instanceof MalformedInputError;
        }
      }),
    );
  });
});

describe("for any values", () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const word = fc.string({ unit: fc.constantFrom("a", "b", "*", "\\", ".") });
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  const field = (value: unknown) => ({ field: value });

  it("a leaf matches itself, and its anything-but does not", () => {
    fc.assert(fc.property(leaf, (value) => matches({ field: [value] }, field(value))));
    fc.assert(
      fc.property(fc.string(), leaf, (excluded, value) => {
        return (
          matches({ field: [{ "anything-but": excluded }] }, field(value)) !==
          matches({ field: [excluded] }, field(value))
        );
      }),
    );
  });

  it("a list matches if one of its values does; an array if one of its elements does", () => {
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 1 }), fc.array(leaf), (values, elements) => {
        const one = values.some((value) => elements.some((element) => matches({ field: [value] }, field(element))));
        return matches({ field: values }, field(elements)) === one;
      }),
    );
  });

  it("prefix and suffix are those of strings", () => {
    fc.assert(
      fc.property(word, word, (part, value) => {
        return (
          matches({ field: [{ prefix: part }] }, field(value)) === value.startsWith(part) &&
          matches({ field: [{ suffix: part }] }, field(value)) === value.endsWith(part)
        );
      }),
    );
  });

  it("a wildcard is the regular expression that it reads as", () => {
    const literal = fc.string({ unit: fc.constantFrom("a", "b", ".", "\n"), maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(literal, { minLength: 1, maxLength: 5 }),
        fc.string({ unit: fc.constantFrom("a", "b", ".", "\n") }),
        (pieces, value) => {
          const wildcard = pieces.join("*").replace(/\*{2,}/g, "*");
          const expression = new RegExp(`^${wildcard.replaceAll(".", "\\.").replaceAll("*", "[^]*")}$`);
          return matches({ field: [{ wildcard }] }, field(value)) === expression.test(value);
        },
      ),
    );
  });

  it("an escaped wildcard matches exactly its text", () => {
    fc.assert(
      fc.property(word, word, (text, other) => {
        const wildcard = text.replace(/[*\\]/g, "\\$&");
        return (
          matches({ field: [{ wildcard }] }, field(text)) &&
          matches({ field: [{ wildcard }] }, field(other)) === (other === text)
        );
      }),
    );
  });

  it("fields are ANDed, $or is OR", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), (a, b, c) => {
        const event = { a: String(a), b: String(b), c: String(c) };
        return (
          matches({ a: ["true"], $or: [{ b: ["true"] }, { c: ["true"] }] }, event) === (a && (b || c)) &&
          matches({ a: ["true"], b: ["true"], c: ["true"] }, event) === (a && b && c)
        );
      }),
    );
  });

  it("exists true and false are opposites", () => {
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue(), { maxKeys: 4 }), name, (event, key) => {
        return matches({ [key]: [{ exists: true }] }, event) !== matches({ [key]: [{ exists: false }] }, event);
      }),
    );
  });
});
