import { readTrustPolicy } from "../../policy/trust/trust.ts";
import type { KnownDocument, LintRule, RuleFinding } from "./rule.ts";

export const principalById: LintRule = {
  id: "principal-by-id",
  title: "Trust policy names a principal by its unique id",
  severity: "medium",
  why: "IAM writes AROA… or AIDA… in place of a user or role that was deleted: nobody can be it again, not even one of the same name, and IAM refuses a policy with the id of one that is gone.",
};

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
export const findPrincipalsById = ({ kind, address, statements }: KnownDocument): readonly RuleFinding[] =>
  kind !== "trust"
    ? []
    : statements.flatMap(({ value, at }, index) =>
        idsIn(value).map((id) => ({
          ...{ severity: principalById.severity, at, address },
          reason: `Statement[${index}]: ${id} is the unique id of a user or role, which IAM shows for one that was deleted, and refuses if it is gone. Name who is meant by ARN, or take it out.`,
        })),
      );

const idsIn = (statement: unknown): readonly string[] => {
  // Whom a denial names counts as well as whom an Allow does.
  const allowed = typeof statement === "object" && statement !== null ? { ...statement, Effect: "Allow" } : statement;
  const policy = readTrustPolicy({ Statement: [allowed] });
  if ("malformed" in policy) return [];
  return [...new Set(policy.trusts.flatMap(({ principal }) => (principal.type === "deleted" ? [principal.name] : [])))];
};
