import { controlById } from "../controls/catalogue.ts";
import type { ExemptedWhat } from "./exemption.ts";
import { patternProblem } from "./pattern.ts";

/** What is wrong at a path: `text` says what, and what would be right. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

/**
 * What no exemption may excuse, whoever asks: the whole organization, every control at once, root in many accounts, names
 * by a pattern that says too little. Holds for what is asked for and for what is stored. Empty: nothing is wrong.
 */
export const ruleProblems = ({ controls, scope, subject }: ExemptedWhat): readonly Problem[] => {
  const problems: Problem[] = [];
  const isAccount = "account" in scope;
  if (controls === "all" && !(isAccount && subject))
    problems.push({
      path: ["controls"],
      text: "is all, which only one account's scope and a subject together may have; write the ids of the controls meant, or name both",
    });
  if (coversOrganization(scope) && subject === undefined)
    problems.push({
      path: ["subject"],
      text: "is missing, so that everybody in the organization would be excused; write whom you mean, or set the control's mode to off in the settings",
    });
  const root = controls === "all" ? undefined : controls.find((id) => controlById(id)?.subjects.includes("root"));
  if (!isAccount && (root !== undefined || subject?.kind === "root"))
    problems.push({
      path: ["scope"],
      text: `is more than an account, but ${root ?? "root"} is excused in one account at a time; write account: and its id`,
    });
  const pattern = subject && patternProblem(subject);
  if (pattern !== undefined) problems.push({ path: ["subject", "pattern"], text: pattern });
  else if (subject?.kind === "account" && isAccount && subject.pattern !== scope.account)
    problems.push({ path: ["subject", "pattern"], text: `is outside the scope; write ${scope.account}` });
  return problems;
};

/** The first name of an OU path is the root's, which every account is below. */
const coversOrganization = (scope: ExemptedWhat["scope"]): boolean =>
  "organization" in scope || ("ou" in scope && !scope.ou.includes("/"));
