import type { AnyFacts, Fact, OwnPolicies, PolicyFacts, PrincipalPolicies } from "../../facts/facts.ts";
import { known } from "../../facts/facts.ts";
import { statementsIn } from "../source/source.ts";
import { replaced } from "../unstated.ts";

/** The part of facts that a violation comes from: statements, or whole policies. Empty: the subject as a whole. */
export interface Culprits {
  readonly statements: readonly object[];
  readonly policies: readonly PolicyFacts[];
}

/**
 * Finds what a violation comes from, whichever control found it: controls are pure, so each statement is left out in turn, and is
 * to blame if the violation goes with it. Where several are each enough, each of them is. Where no statement is to blame, whole
 * policies are tried in the same way.
 * @param violates judges facts again by the same control
 */
export const culpritsOf = (facts: AnyFacts, violates: (facts: AnyFacts) => boolean): Culprits => {
  const statements = documentsOf(facts).flatMap(statementsOf);
  const byStatement = toBlame(statements, (kept) => violates(keepStatements(facts, kept)));
  if (byStatement.length > 0) return { statements: byStatement, policies: [] };
  const policies = [...new Set(policiesOf(facts))];
  return { statements: [], policies: toBlame(policies, (kept) => violates(keepPolicies(facts, kept))) };
};

const toBlame = <T>(all: readonly T[], violatesWith: (kept: ReadonlySet<T>) => boolean): readonly T[] => {
  if (all.length === 0 || violatesWith(new Set())) return [];
  const needed = all.filter((one) => !violatesWith(new Set(all.filter((other) => other !== one))));
  return needed.length > 0 ? needed : all.filter((one) => violatesWith(new Set([one])));
};

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const statementsOf = (document: unknown): readonly object[] => statementsIn(document).filter(isObject);

const own = ({ inline, attached }: OwnPolicies): readonly PolicyFacts[] => [...inline, ...attached];

/** The policies that give permissions. A boundary only takes them away: nothing comes from it. */
const policiesOf = (facts: AnyFacts): readonly PolicyFacts[] => {
  if (facts.kind === "group") return facts.policies.known ? own(facts.policies.value) : [];
  if ((facts.kind !== "role" && facts.kind !== "user") || !facts.policies.known) return [];
  return [...own(facts.policies.value), ...facts.policies.value.groups.flatMap(own)];
};

const documentsOf = (facts: AnyFacts): readonly unknown[] => {
  const documents = policiesOf(facts).map(({ document }) => document);
  if (facts.kind === "role") documents.push(facts.trustPolicy);
  if (facts.kind === "policy") documents.push(facts.document);
  return documents.flatMap((document) => (document.known ? [document.value] : []));
};

const keepStatements = (facts: AnyFacts, kept: ReadonlySet<object>): AnyFacts => {
  const filtered = (document: Fact<unknown>): Fact<unknown> =>
    document.known && isObject(document.value) && "Statement" in document.value
      ? known({
          ...document.value,
          Statement: statementsIn(document.value).filter((one) => kept.has(one as object)),
        })
      : document;
  const each = (policies: readonly PolicyFacts[]) =>
    policies.map((policy) => ({ ...policy, document: filtered(policy.document) }));
  const changed = withPolicies(facts, each);
  if (changed.kind === "role") return replaced(changed, { trustPolicy: filtered(changed.trustPolicy) });
  return changed.kind === "policy" ? replaced(changed, { document: filtered(changed.document) }) : changed;
};

const keepPolicies = (facts: AnyFacts, kept: ReadonlySet<PolicyFacts>): AnyFacts =>
  withPolicies(facts, (policies) => policies.filter((policy) => kept.has(policy)));

const withPolicies = (
  facts: AnyFacts,
  change: (policies: readonly PolicyFacts[]) => readonly PolicyFacts[],
): AnyFacts => {
  const both = <P extends OwnPolicies>(of: P): P => ({
    ...of,
    inline: change(of.inline),
    attached: change(of.attached),
  });
  if (facts.kind === "group")
    return facts.policies.known ? replaced(facts, { policies: known(both(facts.policies.value)) }) : facts;
  if ((facts.kind !== "role" && facts.kind !== "user") || !facts.policies.known) return facts;
  const { value } = facts.policies;
  const policies: Fact<PrincipalPolicies> = known({ ...both(value), groups: value.groups.map(both) });
  return facts.kind === "role" ? replaced(facts, { policies }) : replaced(facts, { policies });
};
