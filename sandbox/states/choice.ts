import type { Rule } from "./definition.ts";
import { find, type Scope, StatesError } from "./paths.ts";

const compared: Readonly<Record<string, (value: unknown, to: unknown) => boolean>> = {
  StringEquals: (value, to) => value === to,
  NumericEquals: (value, to) => value === to,
  BooleanEquals: (value, to) => value === to,
  NumericGreaterThan: (value, to) => typeof value === "number" && value > Number(to),
  NumericGreaterThanEquals: (value, to) => typeof value === "number" && value >= Number(to),
  NumericLessThan: (value, to) => typeof value === "number" && value < Number(to),
  NumericLessThanEquals: (value, to) => typeof value === "number" && value <= Number(to),
  IsNull: (value, to) => (value === null) === to,
};

/** Whether a choice rule holds. @throws StatesError `States.Runtime` for a variable that is not there */
export const ruleHolds = (rule: Rule, scope: Scope): boolean => {
  if (rule.And !== undefined) return rule.And.every((one) => ruleHolds(one, scope));
  if (rule.Or !== undefined) return rule.Or.some((one) => ruleHolds(one, scope));
  if (rule.Not !== undefined) return !ruleHolds(rule.Not, scope);
  const { Variable = "", IsPresent } = rule;
  const value = find(Variable, scope);
  if (IsPresent !== undefined) return (value !== undefined) === IsPresent;
  if (value === undefined)
    throw new StatesError(
      "States.Runtime",
      `Invalid path '${Variable}': the choice state's condition path references an invalid value`,
    );
  const [operator] = Object.keys(compared).filter((name) => rule[name] !== undefined);
  const test = operator === undefined ? undefined : compared[operator];
  if (operator === undefined || test === undefined) throw new Error(`a choice rule on ${Variable} compares nothing`);
  return test(value, rule[operator]);
};
