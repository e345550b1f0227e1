import * as z from "zod";

/** An account's id, as a setting has it. */
export const accountId = z
  .string({ error: "an account id of 12 digits" })
  .regex(/^\d{12}$/, { error: "an account id of 12 digits" });

/** Accounts outside the organization that a control leaves alone. @param why for the settings' description */
export const trustedAccountIds = (why: string) => z.array(accountId).max(1000).default([]).describe(why);
