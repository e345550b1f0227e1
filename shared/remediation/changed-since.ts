import { isDeepStrictEqual } from "node:util";
import type { AnyFacts } from "../facts/facts.ts";
import type { SlotState } from "./remediation.ts";
import { contentOf } from "./standing.ts";

/**
 * Why a plan is good no more, as a sentence: it says all of what is to stand there, and somebody changed that after its facts
 * were read, so that carrying it out would take their change back. `undefined` where nobody did, and of other plans.
 */
export const changedSince = (facts: AnyFacts, before: SlotState): string | undefined => {
  if (before.kind === "passwordPolicy" && facts.kind === "account") {
    const { passwordPolicy } = facts;
    return passwordPolicy.known && isDeepStrictEqual(passwordPolicy.value, before.policy)
      ? undefined
      : `The password policy of account ${facts.account.id} was changed while its repair was planned.`;
  }
  if (before.kind === "trustPolicy" && facts.kind === "role") {
    const { trustPolicy } = facts;
    return trustPolicy.known && isDeepStrictEqual(trustPolicy.value, contentOf(before.document))
      ? undefined
      : `The trust policy of role ${facts.name} was changed while its repair was planned.`;
  }
  return undefined;
};
