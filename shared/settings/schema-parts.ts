import * as z from "zod";

/** A list of texts of one form; `error` says what would be right, as a noun phrase. */
export const patterns = (regex: RegExp, error: string) => z.array(z.string({ error }).regex(regex, { error })).max(200);

/** Text of so many characters. */
export const tagText = (min: number, max: number, error: string) =>
  z.string({ error }).min(min, { error }).max(max, { error });

const tagKeyError = "a tag key of 1 to 128 characters";

export const tagKey = z.string({ error: tagKeyError }).regex(/^[\s\S]{1,128}$/, { error: tagKeyError });

const accountIdError = "an account id of twelve digits, in quotes";

/** As a key: a key has no description. */
export const accountIdKey = z.string({ error: accountIdError }).regex(/^\d{12}$/, { error: accountIdError });

export const accountId = accountIdKey.meta({ id: "accountId", description: "One account, by id." });

const ouPathError = "an OU path from the root down, such as Root/Workloads/Prod";

export const ouPath = z
  .string({ error: ouPathError })
  .regex(/^[^/\s][^/]{0,127}(?:\/[^/\s][^/]{0,127}){0,6}$/, { error: ouPathError })
  .meta({
    id: "ouPath",
    description: "An OU with everything below it, by the names from the root down; a slash within a name is %2F.",
  });

export const emailPattern = /^[!-?A-~]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,253}$/;

const emailError = "an email address";

export const email = z.string({ error: emailError }).regex(emailPattern, { error: emailError });
