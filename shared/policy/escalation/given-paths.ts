import type { PolicyDocument } from "../language/document.ts";
import { askAction, statementsAbout } from "../principal/reach.ts";
import type { EscalationPath } from "./path.ts";
import { escalationPaths } from "./paths.ts";

const actions: readonly string[] = [
  ...new Set(escalationPaths.flatMap(({ needs }) => needs.map(({ action }) => action))),
];

/** The actions of the known paths on a policy or a group, of which it counts whether the principal has it. */
export const actionsOnOwn: ReadonlySet<string> = new Set(
  escalationPaths.flatMap(({ needs }) =>
    needs.filter(({ on }) => on === "policy" || on === "group").map(({ action }) => action),
  ),
);

const remembered = new WeakMap<PolicyDocument, ReadonlySet<string>>();

/** The actions of the known paths of which a document allows anything anywhere, whatever else denies them. */
export const actionsGivenBy = (document: PolicyDocument): ReadonlySet<string> => {
  const known = remembered.get(document);
  if (known) return known;
  const made = new Set(
    actions.filter((action) =>
      statementsAbout(document, askAction(action)).some(({ statement }) => statement.effect === "Allow"),
    ),
  );
  remembered.set(document, made);
  return made;
};

const none: readonly EscalationPath[] = [];

/** The known paths all of whose actions documents give, in the order of the list. Most policies give none, and are done with here. */
export const pathsGivenBy = (documents: readonly PolicyDocument[]): readonly EscalationPath[] => {
  const given = documents.map(actionsGivenBy).filter(({ size }) => size > 0);
  if (given.length === 0) return none;
  return escalationPaths.filter(({ needs }) => needs.every(({ action }) => given.some((set) => set.has(action))));
};
