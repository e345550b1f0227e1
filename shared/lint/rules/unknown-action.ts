import { expandActions, type UnknownPattern } from "../../policy/actions/expand.ts";
import { readPolicyDocument, type Statement } from "../../policy/language/document.ts";
import type { KnownDocument, LintRule, RuleFinding } from "./rule.ts";

export const unknownAction: LintRule = {
  id: "unknown-action",
  title: "Policy with an action that AWS does not document",
  severity: "low",
  why: "A misspelt action allows nothing, and in a Deny it denies nothing. One that is newer than the table that is looked up is told, too.",
};

/** Actions that AWS documents since the table was made; the next table has them. */
const newerThanTheTable: ReadonlySet<string> = new Set(["iam:acquirerole"]);

/** Actions and patterns that stand for nothing that AWS documents. What only a deployment can tell is left alone. */
export const findUnknownActions = ({ address, statements }: KnownDocument): readonly RuleFinding[] =>
  statements.flatMap(({ value, at }) =>
    parsed(value).flatMap((statement) => {
      const { effect, actions = [], notActions = [] } = statement;
      const { unknown } = expandActions([...actions, ...notActions].filter((action) => !action.includes("«")));
      return unknown.flatMap((pattern) => {
        const what = newerThanTheTable.has(pattern.pattern.toLowerCase()) ? undefined : explain(pattern);
        if (what === undefined) return [];
        // Whatever a Deny does not deny, and an Allow does not leave out, is open.
        const opens = (effect === "Deny") === actions.length > 0;
        const then = effect === "Deny" ? "so that nothing is denied by it" : "so that nothing is allowed by it";
        const not = effect === "Deny" ? "so that it is denied with the rest" : "so that it is left out of nothing";
        const reason = `${what}, ${actions.length > 0 ? then : not}.`;
        return [{ severity: opens ? ("medium" as const) : unknownAction.severity, at, address, reason }];
      });
    }),
  );

/** A statement that is none is another rule's matter. */
const parsed = (value: unknown): readonly Statement[] => {
  const read = readPolicyDocument({ Statement: [value] });
  return "malformed" in read ? [] : read.statements;
};

const explain = ({ pattern, missing }: UnknownPattern): string | undefined => {
  const quoted = JSON.stringify(pattern);
  if (missing === "service") return `No service that AWS documents has the actions ${quoted}`;
  if (missing === "action") return `AWS documents no action ${quoted}`;
  return undefined;
};
