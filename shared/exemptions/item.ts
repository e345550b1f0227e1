import * as z from "zod";
import { MalformedInputError } from "../errors.ts";
import { expiryAttribute } from "../findings/table.ts";
import { subjectKinds } from "../subject.ts";
import type { Exemption } from "./exemption.ts";
import { ruleProblems } from "./rules.ts";
import { accountId, isOuPath, longestDays, longestMilliseconds, longestReason } from "./shapes.ts";

const at = z.iso.datetime();
const text = z.string().min(1);

/**
 * Strict all through: a field that this version does not know may narrow whom an exemption excuses. What a request could
 * not ask for is not read either, except controls that the catalogue no longer has: nothing is found by them.
 */
const exemptionItem = z
  .strictObject({
    id: text,
    controls: z.union([z.literal("all"), z.array(text).min(1)]),
    scope: z.union([
      z.strictObject({ organization: z.literal(true) }),
      z.strictObject({ ou: z.string().refine(isOuPath) }),
      z.strictObject({ account: z.string().regex(accountId) }),
    ]),
    subject: z.strictObject({ kind: z.enum(subjectKinds), pattern: text }).optional(),
    reason: text.max(longestReason),
    by: text,
    createdAt: at,
    until: at,
    endedAt: at.optional(),
    endedBy: text.optional(),
    announcedAt: at.optional(),
    version: z.number().int().positive(),
  })
  .check(({ value, issues }) => {
    for (const { path, text: message } of ruleProblems(value))
      issues.push({ code: "custom", path: [...path], message, input: value });
    if (Date.parse(value.until) - Date.parse(value.createdAt) > longestMilliseconds)
      issues.push({ code: "custom", path: ["until"], message: `is more than ${longestDays} days later`, input: value });
  });

/** The attributes of a stored exemption, without keys: plain JSON, nothing shared with the exemption. */
export const exemptionToItem = (exemption: Exemption): Record<string, unknown> => ({ ...structuredClone(exemption) });

/** @throws MalformedInputError if what is stored is no exemption, or one that excuses more than any may */
export const exemptionFromItem = (item: Readonly<Record<string, unknown>>): Exemption => {
  const { PK, SK, [expiryAttribute]: _, ...attributes } = item;
  const parsed = exemptionItem.safeParse(attributes);
  if (parsed.success) return parsed.data;
  const which = SK === undefined ? String(attributes.id) : `${String(PK)} ${String(SK)}`;
  throw new MalformedInputError(`The stored exemption ${which} cannot be read: ${z.prettifyError(parsed.error)}`);
};
