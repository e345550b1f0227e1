import type { Positions, Range } from "./positions.ts";
import { SourceError } from "./source-error.ts";

/** Templates and plans nest a few dozen levels; what nests deeper would exhaust the stack. */
const deepest = 500;

const token = /(?<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>true|false|null)/y;
const space = /[ \t\r\n]*/y;
const words: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

/**
 * Reads JSON, and where each object and list stands.
 * @param outer where an offset of this text is in the text that holds it, e.g. as a string
 * @throws SourceError for what is not JSON, and for a key that stands twice
 */
export const parseJson = (
  text: string,
  positions: Positions,
  outer: (offset: number) => number = (offset) => offset,
): unknown => {
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  const fail = (what: string, offset = at): never => {
    throw new SourceError(outer(Math.min(offset, text.length)), what);
  };
  const skip = (): void => {
    space.lastIndex = at;
    space.test(text);
    at = space.lastIndex;
  };
  const found = (): string => {
    if (at >= text.length) return "the end of the text";
    return JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0));
  };
  const expect = (character: string, what: string): void => {
    if (text[at] !== character) fail(`${found()} stands where ${what} belongs`);
    at += 1;
  };
  const rangeFrom = (start: number): Range => ({ start: outer(start), end: outer(at) });

  const string = (): string => {
    const start = at;
    at += 1;
    while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    if (at >= text.length) return fail("a text that begins here does not end", start);
    at += 1;
    try {
      return JSON.parse(text.slice(start, at));
    } catch {
      return fail("a text has an unknown escape, or a character such as a line break that has to be escaped", start);
    }
  };

  const scalar = (): unknown => {
    if (text[at] === '"') return string();
    token.lastIndex = at;
    const groups = token.exec(text)?.groups;
    if (groups === undefined) return fail(`${found()} stands where a JSON value belongs`);
    at = token.lastIndex;
    return groups.word === undefined ? Number(groups.number) : words[groups.word];
  };

  /** Reads what stands between brackets, an entry at a time. */
  const entries = (close: string, depth: number, read: () => void): void => {
    if (depth > deepest) fail(`more than ${deepest} levels of nesting`);
    at += 1;
    skip();
    if (text[at] === close) {
      at += 1;
      return;
    }
    for (;;) {
      skip();
      read();
      skip();
      if (text[at] === close) break;
      expect(",", `a comma or ${close}`);
    }
    at += 1;
  };

  const value = (depth: number): unknown => {
    const start = at;
    const [values, keys] = [new Map<string, Range>(), new Map<string, number>()];
    if (text[at] === "[") {
      const list: unknown[] = [];
      entries("]", depth, () => {
        const from = at;
        list.push(value(depth + 1));
        values.set(String(list.length - 1), rangeFrom(from));
      });
      positions.place(list, { range: rangeFrom(start), values, keys });
      return list;
    }
    if (text[at] !== "{") return scalar();
    const pairs: [string, unknown][] = [];
    entries("}", depth, () => {
      const keyAt = at;
      const key = text[at] === '"' ? string() : fail(`${found()} stands where a key in quotes belongs`);
      if (values.has(key)) fail(`the key ${JSON.stringify(key)} stands here twice; keep one of them`, keyAt);
      keys.set(key, outer(keyAt));
      skip();
      expect(":", "a colon");
      skip();
      const from = at;
      pairs.push([key, value(depth + 1)]);
      values.set(key, rangeFrom(from));
    });
    const object = Object.fromEntries(pairs);
    positions.place(object, { range: rangeFrom(start), values, keys });
    return object;
  };

  skip();
  const read = value(0);
  skip();
  if (at < text.length) fail(`${found()} stands after the end of the JSON`);
  return read;
};

/**
 * Where each character of a JSON string's value stands in the text.
 * @param start of the opening quote
 */
export const offsetsInString = (text: string, start: number): ((index: number) => number) => {
  const offsets: number[] = [];
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    offsets.push(at);
    at += text[at] !== "\\" ? 1 : text[at + 1] === "u" ? 6 : 2;
  }
  return (index) => offsets[index] ?? at;
};
