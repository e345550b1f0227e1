import { StaleFactsError } from "../errors.ts";
import type { Interlock } from "./authorization.ts";
import { factsGoodForMs, goneText } from "./prepare.ts";

/**
 * Holds what live facts of the last five minutes do not show to need it; facts that are older have to be read again, which the
 * next try does. Two repairs need no violation: the final one, as
 * the one before it may have ended that (its plan itself judged the facts), and one that was begun and is to be completed,
 * whose own steps may have. What cannot be told is held in any case.
 */
export const stillViolating =
  ({ clock }: { readonly clock: () => Date }): Interlock =>
  async ({ verdict, facts, stage, resumes, preparedAt, request: { finding } }) => {
    const ageMs = clock().getTime() - preparedAt.getTime();
    // Written so that a time that is none holds too.
    if (!(Math.abs(ageMs) <= factsGoodForMs))
      throw new StaleFactsError(
        `What is known of it was read ${Math.round(ageMs / 1000)} s ago; it has to be read again.`,
      );
    if (verdict?.outcome === "violation") return undefined;
    if (verdict?.outcome === "unknown") return verdict.reason;
    if (resumes !== undefined) return undefined;
    if (facts === undefined || verdict === undefined) return goneText(finding.subject);
    if (stage === "final") return undefined;
    return verdict.outcome === "compliant" ? "It complies now." : verdict.reason;
  };
