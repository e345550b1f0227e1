import * as z from "zod";
import { MalformedInputError, messageOf } from "../errors.ts";
import type { Verifications } from "../judgement/verifications.ts";

/** An item of the table may have 400 KB. */
const usersBytes = 350_000;

const date = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (value) => value.toISOString(),
});
const setOf = <T extends string | number>(element: z.ZodType<T, T>) =>
  z.codec(
    z.array(element),
    z.custom<ReadonlySet<T>>((value) => value instanceof Set),
    { decode: (list) => new Set(list), encode: (set) => [...set] },
  );
const fact = <T extends z.ZodType>(value: T) =>
  z.union([z.object({ known: z.literal(true), value }), z.object({ known: z.literal(false), why: z.string() })]);

const accessKey = z.object({
  id: z.string(),
  active: z.boolean(),
  createdAt: date,
  lastUsedAt: fact(date.nullable()).optional(),
});

const verification = z.object({
  userId: z.string(),
  at: date,
  unverified: z.array(z.string()).readonly(),
  plan: z.object({
    parts: setOf(z.enum(["loginProfile", "passwordLastUsed", "mfaDevices", "accessKeys", "accessKeyLastUsed"])),
    lastUsedOf: setOf(z.number()),
  }),
  live: z.object({
    loginProfile: fact(
      z.union([z.object({ enabled: z.literal(false) }), z.object({ enabled: z.literal(true), createdAt: fact(date) })]),
    ).optional(),
    passwordLastUsedAt: fact(date.nullable()).optional(),
    mfaActive: fact(z.boolean()).optional(),
    accessKeys: fact(z.array(accessKey).readonly()).optional(),
  }),
});

const header = z.object({ accountId: z.string(), reportAt: date, users: z.string() });

/** Plain attributes; the users are one JSON string, as many as fit: those left out are read again when they are suspected again. */
export const verificationsToItem = ({ users, ...rest }: Verifications): Record<string, unknown> => {
  const kept: string[] = [];
  let size = 0;
  for (const user of users) {
    const text = JSON.stringify(z.encode(verification, user));
    size += Buffer.byteLength(text) + 1;
    if (size > usersBytes) break;
    kept.push(text);
  }
  return z.encode(header, { ...rest, users: `[${kept.join()}]` });
};

/** @throws MalformedInputError if what is stored are no verifications */
export const verificationsFromItem = (item: Readonly<Record<string, unknown>>): Verifications => {
  try {
    const { users, ...rest } = z.decode(header, item as z.input<typeof header>);
    return { ...rest, users: z.decode(z.array(verification), JSON.parse(users)) };
  } catch (error) {
    throw new MalformedInputError(`The stored verifications ${String(item.PK)} cannot be read: ${messageOf(error)}`);
  }
};
