import type * as z from "zod";

type Schema = z.core.JSONSchema.BaseSchema;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSchema = (value: unknown): value is Schema => isRecord(value);

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isRecord,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  null: (value) => value === null,
};

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  uri: (text) => URL.canParse(text),
  "uri-reference": (text) => URL.canParse(text, "https://example.com/") && !/[\s\\"<>^`{|}]/.test(text),
  "date-time": (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(text),
};

/** What a schema may say that accepts or refuses nothing. */
const notes = new Set(["$schema", "definitions", "description", "default", "title", "id"]);

/** Looked up in another keyword's turn. */
const withOthers = new Set(["patternProperties", "additionalProperties"]);

/**
 * Whether a JSON Schema of draft 4 accepts a value.
 * @throws Error for a keyword that it does not know: nothing that a schema says is passed over
 */
export const accepts = (root: Schema, value: unknown): boolean => {
  const ok = (schema: unknown, at: unknown): boolean => {
    if (!isSchema(schema)) throw new Error(`no schema: ${JSON.stringify(schema)}`);
    return Object.entries(schema).every(([keyword, says]) => {
      if (notes.has(keyword) || withOthers.has(keyword))
        return keyword !== "additionalProperties" || others(schema, at);
      const check = keywords[keyword];
      if (check === undefined) throw new Error(`unknown keyword ${keyword}`);
      return check(says, at);
    });
  };

  /** What `properties` does not name has to fit a pattern, or else what `additionalProperties` says: nothing, anything, or a schema. */
  const others = ({ properties = {}, patternProperties = {}, additionalProperties }: Schema, at: unknown): boolean =>
    !isRecord(at) ||
    Object.entries(at).every(([key, value]) => {
      const matching = Object.entries(patternProperties).filter(([pattern]) => new RegExp(pattern, "u").test(key));
      if (!matching.every(([, one]) => ok(one, value))) return false;
      if (Object.hasOwn(properties, key) || matching.length > 0) return true;
      return typeof additionalProperties === "boolean" ? additionalProperties : ok(additionalProperties, value);
    });

  const list = (says: unknown): readonly unknown[] => (Array.isArray(says) ? says : []);
  const keywords: Readonly<Record<string, (says: unknown, at: unknown) => boolean>> = {
    $ref: (says, at) => {
      const name = String(says).replace("#/definitions/", "");
      return ok(new Map(Object.entries(root.definitions ?? {})).get(name), at);
    },
    type: (says, at) => types[String(says)]?.(at) === true,
    enum: (says, at) => list(says).includes(at),
    anyOf: (says, at) => list(says).some((one) => ok(one, at)),
    allOf: (says, at) => list(says).every((one) => ok(one, at)),
    oneOf: (says, at) => list(says).filter((one) => ok(one, at)).length === 1,
    properties: (says, at) =>
      !isRecord(at) ||
      Object.entries(isRecord(says) ? says : {}).every(([key, one]) => !Object.hasOwn(at, key) || ok(one, at[key])),
    required: (says, at) => !isRecord(at) || list(says).every((key) => Object.hasOwn(at, String(key))),
    items: (says, at) => !Array.isArray(at) || at.every((one) => ok(says, one)),
    minItems: (says, at) => !Array.isArray(at) || at.length >= Number(says),
    uniqueItems: (says, at) =>
      says !== true || !Array.isArray(at) || new Set(at.map((one) => JSON.stringify(one))).size === at.length,
    format: (says, at) => {
      const isOfFormat = formats[String(says)];
      if (isOfFormat === undefined) throw new Error(`unknown format ${String(says)}`);
      return typeof at !== "string" || isOfFormat(at);
    },
    maxItems: (says, at) => !Array.isArray(at) || at.length <= Number(says),
    minLength: (says, at) => typeof at !== "string" || [...at].length >= Number(says),
    maxLength: (says, at) => typeof at !== "string" || [...at].length <= Number(says),
    pattern: (says, at) => typeof at !== "string" || new RegExp(String(says), "u").test(at),
    minimum: (says, at) => typeof at !== "number" || at >= Number(says),
    maximum: (says, at) => typeof at !== "number" || at <= Number(says),
  };
  return ok(root, value);
};
