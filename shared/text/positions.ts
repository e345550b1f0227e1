/** Offsets in a text, in UTF-16 code units; `end` is the first that is not part of it. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

interface Placed {
  readonly range: Range;
  /** Of the value of each key, or of each item. */
  readonly values: ReadonlyMap<string, Range>;
  /** Where each key begins; a list has none. */
  readonly keys: ReadonlyMap<string, number>;
}

/** Where the objects and lists of a text stand in it, and those that were made from them. */
export interface Positions {
  place(value: object, placed: Placed): void;
  /** What was made from something stands where that stands. */
  copy(source: object, made: object): void;
  /** Of an object or list. */
  of(value: unknown): Range | undefined;
  /** Of what an object has under a key, or a list as its item. */
  at(parent: object, key: string | number): Range | undefined;
  /** Of a key with its value. */
  entry(parent: object, key: string): Range | undefined;
}

export const createPositions = (): Positions => {
  const known = new WeakMap<object, Placed>();
  return {
    place: (value, placed) => void known.set(value, placed),
    copy: (source, made) => {
      const placed = known.get(source);
      if (placed !== undefined) known.set(made, placed);
    },
    of: (value) => (typeof value === "object" && value !== null ? known.get(value)?.range : undefined),
    at: (parent, key) => known.get(parent)?.values.get(String(key)),
    entry: (parent, key) => {
      const { keys, values } = known.get(parent) ?? {};
      const [start, value] = [keys?.get(key), values?.get(key)];
      return start === undefined || value === undefined ? undefined : { start, end: value.end };
    },
  };
};

/** Line and column of an offset, both from 1; columns count UTF-16 code units, as SARIF does by default. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/** Tells lines as Git and editors do: each ends with LF, CR LF or CR. */
export const createLineFinder = (text: string): ((offset: number) => LineColumn) => {
  const starts = [0];
  for (const { index, 0: ending } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + ending.length);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
};
