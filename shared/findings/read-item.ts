import * as z from "zod";
import { MalformedInputError } from "../errors.ts";

/**
 * What an item of the findings table says, by its schema.
 * @param what the item is, in the message
 * @throws MalformedInputError if it is something else: a later version's, or somebody else's
 */
export const readItem = <T>(what: string, schema: z.ZodType<T>, item: Readonly<Record<string, unknown>>): T => {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  throw new MalformedInputError(
    `The stored ${what} ${String(item.PK)} ${String(item.SK)} cannot be read: ${z.prettifyError(parsed.error)}`,
  );
};
