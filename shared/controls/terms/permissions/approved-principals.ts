import * as z from "zod";
import { matchesStars } from "../../../wildcard.ts";
import type { PrincipalFacts } from "./permissions.ts";

const expected =
  "a name or a pattern such as admin-*, or with its path /team/admin-*, that does not stand for everybody";
const patterns = z
  .array(z.string({ error: expected }).regex(/^(?=.*[^*/])[\x21-\x7e]{1,576}$/, { error: expected }))
  .max(100)
  .meta({ id: "principalPatterns" });

/** The users and roles whom somebody meant to have what a control is about. */
export const approvedPrincipals = (what: string, roles: readonly string[]) =>
  z.strictObject({
    approvedRoles: patterns
      .default([...roles])
      .describe(
        `Names of roles that are meant to ${what}, or paths with names, which begin with /; * stands for any characters.`,
      ),
    approvedUsers: patterns.default([]).describe("The same for users."),
  });

/** The pattern by which somebody approved of a user or role, if there is one. */
export const approvalOf = (
  { kind, path, name }: PrincipalFacts,
  options: { readonly approvedRoles: readonly string[]; readonly approvedUsers: readonly string[] },
): string | undefined =>
  (kind === "user" ? options.approvedUsers : options.approvedRoles).find((pattern) =>
    matchesStars(pattern, pattern.startsWith("/") ? `${path}${name}` : name),
  );
