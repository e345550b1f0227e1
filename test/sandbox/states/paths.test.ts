import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fill, find, parsePath, place, read } from "../../../sandbox/states/paths.ts";

const name = fc.oneof(fc.stringMatching(/^[a-z]\w{0,5}$/), fc.constantFrom("with space", "with.dot", "$"));
const written = (one: string): string => (/^[A-Za-z_]\w*$/.test(one) ? `.${one}` : `['${one}']`);
const names = fc.array(name, { minLength: 1, maxLength: 4 });
const scopeOf = (input: unknown) => ({ input, context: { Execution: { Id: "e" } } });

describe("a path", () => {
  it("leads back to what was put there, and leaves everything else", () =>
    fc.assert(
      fc.property(
        names,
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom("A", "B"), fc.jsonValue()),
        (steps, value, before) => {
          const path = `$${steps.map(written).join("")}`;
          const after = place(path, before, value);
          expect(find(path, scopeOf(after))).toEqual(value);
          expect(after).toMatchObject(before);
          expect(parsePath(path).steps).toEqual(steps);
        },
      ),
    ));

  it("to the whole is the whole", () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, other) => {
        expect(find("$", scopeOf(value))).toEqual(value);
        expect(place("$", other, value)).toEqual(value);
      }),
    ));

  it("reads items of lists, and the context", () => {
    expect(read("$.a[1].b", scopeOf({ a: [0, { b: "x" }] }))).toBe("x");
    expect(read("$$.Execution.Id", scopeOf({}))).toBe("e");
    expect(find("$.a.length", scopeOf({ a: [1] }))).toBeUndefined();
    expect(find("$.constructor", scopeOf({}))).toBeUndefined();
    expect(() => read("$.a", scopeOf({}))).toThrow("could not be found");
  });

  it.each(["a", "$.a[*]", "$..a", "$.a[?(@.b)]", "$a", "$.", "", "$.a[-1]"])(
    "written as %s is none that is known",
    (path) => {
      expect(() => find(path, scopeOf({}))).toThrow("does not know the path");
    },
  );
});

it("a payload template without paths is what it says", () =>
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.jsonValue({ stringUnit: fc.constantFrom("a", "b") })),
      (template) => {
        expect(fill(template, scopeOf({}))).toEqual(template);
      },
    ),
  ));
