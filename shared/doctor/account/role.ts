import { AccessDeniedError } from "../../errors.ts";
import { type Check, problem } from "../check.ts";
import type { AccountContext } from "../dependencies.ts";

/** Without it nothing in the account can be looked at: it is looked at first. */
export const role: Check<AccountContext> = {
  id: "role",
  title: "the audit role can be assumed",
  severity: "critical",
  isWatching: true,
  look: async ({ aws, account }) => {
    try {
      await aws.credentials(account.id)();
      return [];
    } catch (error) {
      if (!(error instanceof AccessDeniedError)) throw error;
      return [
        problem(
          "the audit role is not there, or does not let the hub in",
          "Deploy the members' template there: the stack set reaches every account below its targets, the management account gets its stack by hand (README).",
          { detail: error.message },
        ),
      ];
    }
  },
};
