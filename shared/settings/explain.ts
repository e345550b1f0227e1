import type * as z from "zod";

type Schema = z.core.JSONSchema.BaseSchema;

/** The part of a JSON Schema that describes what stands at a path. */
export const schemaAt = (schema: Schema, path: readonly PropertyKey[]): Schema | undefined =>
  path.reduce<Schema | undefined>((at, step) => {
    if (typeof step === "number") return resolved(at?.items, schema);
    const properties = at?.properties ?? {};
    if (Object.hasOwn(properties, step)) return resolved(properties[String(step)], schema);
    const [ofPattern] = Object.values(at?.patternProperties ?? {});
    return resolved(ofPattern, schema);
  }, schema);

/** A schema that only refers to one of the definitions, perhaps with a description or default of its own, as what it refers to. */
const resolved = (value: unknown, root: Schema): Schema | undefined => {
  const schema = asSchema(value);
  const [inherited] = schema?.allOf ?? [];
  const reference = schema?.$ref ?? asSchema(inherited)?.$ref;
  const [, name = ""] = /^#\/definitions\/(.+)$/.exec(reference ?? "") ?? [];
  const definition = asSchema(new Map(Object.entries(root.definitions ?? {})).get(name));
  return definition ? { ...definition, ...schema } : schema;
};

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const asSchema = (value: unknown): Schema | undefined => (isSchema(value) ? value : undefined);

/** The keys that a mapping may have, in order. */
export const keysOf = (schema: Schema | undefined): readonly string[] => Object.keys(schema?.properties ?? {}).sort();

/** What stands at a path in a value; `undefined` where nothing does. */
export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    value,
  );

/** What a value is, as the end of a sentence: `is the text "90"`. */
export const whatIs = (value: unknown): string => {
  if (value === undefined) return "is missing";
  if (value === null) return "is empty";
  if (Array.isArray(value)) return "is a list";
  if (typeof value === "object") return "is a mapping";
  if (typeof value === "string") return `is the text ${quote(value)}`;
  return `is ${String(value)}`;
};

/** What would be right, as an instruction: `write a whole number from 1 to 3650`. A schema that says it all needs no `otherwise`. */
export const whatWouldBeRight = (schema: Schema | undefined, otherwise: string): string => {
  if (schema?.enum) return `write ${oneOf(schema.enum.map(String))}`;
  if (schema?.type === "integer") return `write a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema?.type === "boolean") return "write true or false";
  if (schema?.type === "array") {
    const { minItems = 0, maxItems } = schema;
    if (maxItems === undefined) return "write a list";
    return `write a list of ${minItems > 0 ? `${minItems} to` : "at most"} ${maxItems} entries`;
  }
  if (schema?.type === "object") {
    const keys = keysOf(schema);
    return keys.length > 0 ? `write a mapping with any of ${keys.join(", ")}` : "write a mapping, or leave it out";
  }
  return `write ${otherwise}`;
};

const oneOf = (choices: readonly string[]): string =>
  [choices.slice(0, -1).join(", "), ...choices.slice(-1)].filter((part) => part !== "").join(" or ");

/** Text from the file in quotes, shortened, with everything that could act in a terminal spelled out. */
export const quote = (text: string): string => {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(short).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
};

/** `a.b[0]`; a key that is not a plain word stands in quotes. */
export const showPath = (path: readonly PropertyKey[]): string =>
  path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      const key = /^[\w-]{1,60}$/.test(String(step)) ? String(step) : quote(String(step));
      return index === 0 ? key : `.${key}`;
    })
    .join("") || "the file";

/** The candidate that is the fewest single-character edits away, if it is near enough to have been meant. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  if (word.length > 100) return undefined;
  const [best] = candidates
    .map((candidate) => ({ candidate, edits: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits);
  return best?.candidate;
};

const editDistance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const substituted = (row[column - 1] ?? 0) + (to[column - 1] === letter ? 0 : 1);
      next.push(Math.min(substituted, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};
