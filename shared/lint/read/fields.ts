import { isUnresolved } from "../../cloudformation/unresolved.ts";
import { type Fact, known } from "../../facts/facts.ts";
import type { Range } from "../../text/positions.ts";
import { SourceError } from "../../text/source-error.ts";
import { type Document, documentAt, type Source } from "../source/source.ts";
import { notYet } from "../unstated.ts";

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The text that a scalar stands for, as AWS reads it; `undefined` for what is none. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;

/** Reads the fields of one resource; what is not of the type that it has to be is a `SourceError` at its place. */
export interface Fields {
  readonly at: Range;
  has(key: string): boolean;
  /** `undefined`: there is none. */
  text(key: string): string | undefined;
  /** Of a list; none if there is none. A single text stands for a list of it. */
  texts(key: string): readonly string[];
  /** The same, where the list as a whole may be known at deployment only. */
  knownTexts(key: string): Fact<readonly string[]>;
  /** An ARN, or none; unknown where it is known at deployment only. */
  knownText(key: string): Fact<string | null>;
  /** Of a list of objects, those that are known. */
  each(key: string): readonly Fields[];
  /** What stands for a list, or for an item of it, that is known at deployment only; `undefined`: the list is known. */
  open(key: string): string | undefined;
  document(key: string): Document | undefined;
  /** A map of texts, or CloudFormation's list of keys and values. */
  tags(key: string): Readonly<Record<string, string>>;
}

/** @param isUnknown whether a field that is not there is known at deployment only, and what to call it then */
export const createFields = (
  source: Source,
  object: Readonly<Record<string, unknown>>,
  at: Range,
  isUnknown: (key: string) => string | undefined = () => undefined,
): Fields => {
  const { positions } = source;
  const get = (key: string): unknown => {
    const found = Object.hasOwn(object, key) ? object[key] : undefined;
    return found === null || found === undefined ? isUnknown(key) : found;
  };
  const fail = (key: string, what: string): never => {
    throw new SourceError((positions.at(object, key) ?? at).start, `${key} must be ${what}`);
  };
  const list = (key: string, what: string): readonly unknown[] => {
    const found = get(key);
    if (found === undefined) return [];
    return Array.isArray(found) ? found : fail(key, what);
  };
  const texts = (key: string): readonly string[] => {
    const found = get(key);
    const single = textOf(found);
    if (single !== undefined) return [single];
    return list(key, "a list of texts").map((item) => textOf(item) ?? fail(key, "a list of texts"));
  };
  const text = (key: string): string | undefined => {
    const found = get(key);
    return found === undefined ? undefined : (textOf(found) ?? fail(key, "a text"));
  };
  return {
    at,
    has: (key) => get(key) !== undefined,
    text,
    texts,
    knownTexts: (key) => {
      const found = get(key);
      return typeof found === "string" && isUnresolved(found) ? notYet(found) : known(texts(key));
    },
    knownText: (key) => {
      const found = text(key);
      return found !== undefined && isUnresolved(found) ? notYet(found) : known(found ?? null);
    },
    each: (key) => {
      const found = get(key);
      if (typeof found === "string" && isUnresolved(found)) return [];
      return list(key, "a list of objects").flatMap((item) => {
        if (typeof item === "string" && isUnresolved(item)) return [];
        if (!isRecord(item)) return fail(key, "a list of objects");
        return [createFields(source, item, positions.of(item) ?? positions.at(object, key) ?? at)];
      });
    },
    open: (key) => [get(key)].flat().find((item): item is string => typeof item === "string" && isUnresolved(item)),
    document: (key) => {
      const found = get(key);
      return found === undefined ? undefined : documentAt(source, object, key, found, at);
    },
    tags: (key) => {
      const found = get(key);
      if (Array.isArray(found))
        return Object.fromEntries(
          found.flatMap((tag) => (isRecord(tag) ? [[textOf(tag.Key) ?? "", textOf(tag.Value) ?? ""]] : [])),
        );
      return isRecord(found) ? Object.fromEntries(Object.entries(found).map(([k, v]) => [k, textOf(v) ?? ""])) : {};
    },
  };
};
