import type { AnyFacts } from "../../facts/facts.ts";
import type { AnyStep } from "../step.ts";

/**
 * Whom a step touches that nobody can tell beforehand, with what is known of them and what is not, as sentences; `undefined`
 * of other steps.
 */
export const whomItTouches = ({ write }: AnyStep, facts: AnyFacts | undefined): string | undefined => {
  if (write.operation !== "UpdateAssumeRolePolicy" || facts?.kind !== "role") return undefined;
  const lastUse =
    facts.lastUsedAt === null
      ? "IAM knows of no use of the role, of the last 400 days"
      : `IAM knows that the role was last used at ${facts.lastUsedAt.toISOString()}`;
  return `Whoever is not of the organization cannot assume role ${facts.name} any more, and no AWS service by a statement that lets in anyone. ${lastUse} (told up to four hours late); by whom, and whether from outside, it does not say: the account's CloudTrail records of AssumeRole do.`;
};
