import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMemoryItems, readingItems } from "../shared/findings/memory-items.ts";
import { lazily, rememberFor, rememberForJson, rememberForText } from "../shared/remember.ts";

/** Finds something out, and keeps what it was asked. */
const counting = <A, V>(find: (about: A) => V) => {
  const asked: A[] = [];
  return {
    asked,
    find: (about: A): V => {
      asked.push(about);
      return find(about);
    },
  };
};

test("lazily finds out when it is first asked, and once; what failed is tried again", () => {
  const { asked, find } = counting((attempt: number) => {
    if (attempt === 0) throw new Error("not yet");
    return { attempt };
  });
  const value = lazily(() => find(asked.length));
  expect(asked).toEqual([]);
  expect(value).toThrow("not yet");
  expect(value()).toEqual({ attempt: 1 });
  expect(value()).toBe(value());
  expect(asked).toEqual([0, 1]);
});

test("rememberFor asks about each object once, not about what it says, and takes false and 0 for answers", () => {
  const [one, same] = [{ size: 0 }, { size: 0 }];
  const { asked, find } = counting(({ size }: { readonly size: number }) => size);
  const remembering = rememberFor(find);
  expect([remembering(one), remembering(same), remembering(one)]).toEqual([0, 0, 0]);
  expect(asked).toHaveLength(2);
  const isSmall = counting((_: object) => false);
  const remembered = rememberFor(isSmall.find);
  expect([remembered(one), remembered(one)]).toEqual([false, false]);
  expect(isSmall.asked).toHaveLength(1);
});

describe("rememberForText", () => {
  test("asks about each text once", () => {
    const { asked, find } = counting((text: string) => text.length);
    const remembering = rememberForText(find);
    expect(["a", "bb", "a", ""].map((text) => remembering(text))).toEqual([1, 2, 1, 0]);
    expect(asked).toEqual(["a", "bb", ""]);
  });

  test("does not remember without an end", () => {
    const { asked, find } = counting((text: string) => text);
    const remembering = rememberForText(find);
    for (let at = 0; at < 20_000; at++) remembering(String(at));
    expect(remembering("0")).toBe("0");
    expect(asked.filter((text) => text === "0")).toHaveLength(2);
  });
});

describe("rememberForJson", () => {
  test("says of every value what asking says", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (values) => {
        const remembering = rememberForJson((value) => JSON.stringify(value));
        for (const value of [...values, ...structuredClone(values)])
          expect(remembering(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  test("asks once about what says the same, and apart about what only reads alike", () => {
    const { asked, find } = counting((value: unknown) => typeof value);
    const remembering = rememberForJson(find);
    const policy = { Statement: [] };
    expect([policy, { Statement: [] }, JSON.stringify(policy), 1, "1"].map(remembering)).toEqual([
      ...["object", "object", "string", "number", "string"],
    ]);
    expect(asked).toEqual([policy, JSON.stringify(policy), 1, "1"]);
  });
});

test("what is read of an item nobody can change for whoever reads it next", () => {
  const items = createMemoryItems();
  items.set("account", "id", JSON.stringify({ history: [{ what: "opened" }] }), undefined);
  const read = readingItems((item) => item as { readonly history: { what: string }[] });
  const found = read(items.get("account", "id") ?? "");
  expect(() => found.history.push({ what: "resolved" })).toThrow(TypeError);
  expect(() => Object.assign(found.history[0] ?? {}, { what: "resolved" })).toThrow(TypeError);
  expect(read(items.get("account", "id") ?? "")).toEqual({ history: [{ what: "opened" }] });
});
