import { createHash } from "node:crypto";
import * as z from "zod";
import { MalformedInputError } from "../errors.ts";
import { type Fact, unknownFact } from "../facts/facts.ts";
import type { OrganizationReading } from "./organization.ts";

const fact = <T>(value: z.ZodType<T>): z.ZodType<Fact<T>> =>
  z.discriminatedUnion("known", [
    z.object({ known: z.literal(true), value }),
    z.object({ known: z.literal(false), why: z.string() }),
  ]) as unknown as z.ZodType<Fact<T>>;

const notReadYet = unknownFact("the organization's analyzers were not read yet");

const reading: z.ZodType<OrganizationReading> = z.object({
  readAt: z.iso.datetime(),
  organization: fact(
    z.object({
      id: z.string(),
      managementAccountId: z.string(),
      accountIds: z.array(z.string()),
      tree: fact(
        z.object({
          nodes: z.array(z.object({ id: z.string(), name: z.string(), parentId: z.string().nullable() })),
          accounts: z.record(z.string(), z.object({ name: z.string(), parentId: z.string() })),
        }),
      ),
      serviceControl: fact(
        z
          .array(
            z.object({
              id: z.string(),
              name: z.string(),
              arn: z.string(),
              text: fact(z.string()),
              readAt: z.iso.datetime(),
              targets: z.array(z.string()),
            }),
          )
          .nullable(),
      ),
      rootFeatures: fact(z.array(z.string())),
      // An earlier version stored none.
      analyzers: fact(z.array(z.object({ arn: z.string(), region: z.string() }))).default(notReadYet),
      unreadAnalyzers: z.array(z.object({ region: z.string(), why: z.string() })).optional(),
    }),
  ),
});

/** A reading as text of ASCII characters alone: where it is cut, no character is, and each is one byte. */
export const readingToText = (one: OrganizationReading): string =>
  JSON.stringify(one).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** @throws MalformedInputError if the text is something else: a later version's, or only a part */
export const readingFromText = (text: string): OrganizationReading => {
  try {
    return reading.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    const why = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    throw new MalformedInputError(`The stored organization cannot be read: ${why}`, { cause: error });
  }
};

/** The same for the same reading, and another for any other. */
export const generationOf = ({ readAt }: OrganizationReading, text: string): string =>
  `${readAt}-${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
