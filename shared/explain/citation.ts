import { type PolicyDocument, type Statement, writtenIn } from "../policy/language/document.ts";
import type { StatementRef } from "../policy/principal/layers.ts";
import type { HeldPolicy, Place } from "./layers.ts";

/** A statement where it stands. */
export interface Citation extends Place, Pick<StatementRef, "index" | "statement"> {
  readonly policy: HeldPolicy;
}

/** A statement as people write it, single values without a list. */
export type StatementJson = Readonly<Record<string, unknown>>;

const single = (values: readonly string[]): string | readonly string[] =>
  values.length === 1 && values[0] !== undefined ? values[0] : values;

const singles = (
  values: Readonly<Record<string, readonly string[]>>,
  written = (text: string): string => text,
): StatementJson => Object.fromEntries(Object.entries(values).map(([key, each]) => [key, single(each.map(written))]));

/** @param document that the statement is of */
export const statementJson = (statement: Statement, document: Pick<PolicyDocument, "version">): StatementJson => {
  const written = writtenIn(document);
  const { sid, effect, actions, notActions, resources, notResources, principals, notPrincipals, conditions } =
    statement;
  const principal = (element: Statement["principals"]) =>
    element === undefined || element === "*" ? element : singles(element);
  const all = {
    Sid: sid,
    Effect: effect,
    Principal: principal(principals),
    NotPrincipal: principal(notPrincipals),
    Action: actions && single(actions),
    NotAction: notActions && single(notActions),
    Resource: resources && single(resources.map(written)),
    NotResource: notResources && single(notResources.map(written)),
    Condition:
      Object.keys(conditions).length === 0
        ? undefined
        : Object.fromEntries(Object.entries(conditions).map(([operator, keys]) => [operator, singles(keys, written)])),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
};
