import type { PolicyDocument, Statement } from "../../shared/policy/language/document.ts";
import { matchesWildcardIgnoringCase } from "../../shared/wildcard.ts";

/** What of a policy is about an action. */
interface Relevant {
  readonly document: PolicyDocument;
  /** Whether any of it asks for a condition key. */
  readonly readsContext: boolean;
}

const remembered = new WeakMap<PolicyDocument, Map<string, Relevant>>();

const readsContext = ({ conditions, resources = [], notResources = [] }: Statement): boolean =>
  Object.keys(conditions).length > 0 || [...resources, ...notResources].some((each) => each.includes("${"));

/** The statements about an action, remembered with the document: finding them is most of what a decision takes. */
export const relevantTo = (document: PolicyDocument, action: string): Relevant => {
  let byAction = remembered.get(document);
  if (byAction === undefined) {
    byAction = new Map();
    remembered.set(document, byAction);
  }
  const known = byAction.get(action);
  if (known) return known;
  const isOne = (patterns: readonly string[]) => patterns.some((each) => matchesWildcardIgnoringCase(each, action));
  const statements = document.statements.filter(({ actions, notActions }) =>
    actions ? isOne(actions) : notActions !== undefined && !isOne(notActions),
  );
  const made = { document: { statements }, readsContext: statements.some(readsContext) };
  byAction.set(action, made);
  return made;
};
