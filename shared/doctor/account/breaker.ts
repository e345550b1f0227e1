import { hourOf } from "../../remediation/breaker.ts";
import type { Check } from "../check.ts";
import type { AccountContext } from "../dependencies.ts";
import { tripped } from "../tripped.ts";

export const breaker: Check<AccountContext> = {
  id: "breaker",
  title: "no circuit breaker holds the account's repairs",
  severity: "medium",
  isWatching: false,
  look: async ({ breakers, account, clock }) =>
    tripped(await breakers.tripOf({ scope: { account: account.id }, hour: hourOf(clock()) }), account.id),
};
