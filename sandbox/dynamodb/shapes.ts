import * as z from "zod";
import { operation } from "../protocol/service.ts";
import type { Item } from "./state.ts";
import { invalid } from "./syntax.ts";
import { keySchemaOf } from "./table.ts";

const attributeValue: z.ZodType<Item[string]> = z.lazy(() =>
  z.union([
    z.strictObject({ S: z.string() }),
    z.strictObject({ N: z.string().refine((text) => text.trim() !== "" && Number.isFinite(Number(text))) }),
    z.strictObject({ B: z.string() }),
    z.strictObject({ BOOL: z.boolean() }),
    z.strictObject({ NULL: z.literal(true) }),
    z.strictObject({ L: z.array(attributeValue) }),
    z.strictObject({ M: z.record(z.string(), attributeValue) }),
    z.strictObject({ SS: z.array(z.string()).min(1) }),
    z.strictObject({ NS: z.array(z.string()).min(1) }),
    z.strictObject({ BS: z.array(z.string()).min(1) }),
  ]),
);
export const item: z.ZodType<Item> = z.record(z.string(), attributeValue);
export const TableName = z.string();
export const expressionShape = {
  ExpressionAttributeNames: z.record(z.string(), z.string()).default({}),
  ExpressionAttributeValues: z.record(z.string(), attributeValue).default({}),
};
export const conditionShape = { ConditionExpression: z.string().optional(), ...expressionShape };

/** An operation that refuses parameters which the sandbox does not know, instead of passing over them. */
export const strictly: typeof operation = (shape, run, needs) => {
  const inner = operation(shape, run, needs);
  return {
    parse: (raw) => {
      const unknown = Object.keys(Object(raw)).filter((name) => !Object.hasOwn(shape, name));
      if (unknown.length > 0) invalid(`the sandbox does not know ${unknown.join(", ")} here`);
      return inner.parse(raw);
    },
  };
};

export const schema = z
  .array(z.object({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) }))
  .transform(keySchemaOf);
const indexShape = z
  .object({
    IndexName: z.string(),
    KeySchema: schema,
    Projection: z.object({ ProjectionType: z.enum(["ALL", "KEYS_ONLY"]) }),
  })
  .transform(({ IndexName: name, KeySchema, Projection }) => ({
    name,
    ...KeySchema,
    projection: Projection.ProjectionType,
  }));
export const indexList = z.array(indexShape).default([]);
