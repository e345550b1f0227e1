import { rememberFor } from "../../remember.ts";
import type { PolicyDocument } from "../language/document.ts";
import { askAction, concernsService, statementsAbout } from "../principal/reach.ts";
import type { EscalationPath } from "./path.ts";
import { escalationPaths } from "./paths.ts";

const actionsByService: ReadonlyMap<string, readonly string[]> = Map.groupBy(
  new Set(escalationPaths.flatMap(({ needs }) => needs.map(({ action }) => action))),
  (action) => action.slice(0, action.indexOf(":")),
);

/** The actions of the known paths on a policy or a group, of which it counts whether the principal has it. */
export const actionsOnOwn: ReadonlySet<string> = new Set(
  escalationPaths.flatMap(({ needs }) =>
    needs.filter(({ on }) => on === "policy" || on === "group").map(({ action }) => action),
  ),
);

/** The actions of the known paths of which a document allows anything anywhere, whatever else denies them. */
export const actionsGivenBy = rememberFor((document: PolicyDocument): ReadonlySet<string> => {
  const isGiven = (action: string) =>
    statementsAbout(document, askAction(action)).some(({ statement }) => statement.effect === "Allow");
  const given = new Set<string>();
  for (const [service, actions] of actionsByService)
    if (concernsService(document, service)) for (const action of actions) if (isGiven(action)) given.add(action);
  return given;
});

const none: readonly EscalationPath[] = [];

/** The known paths all of whose actions documents give, in the order of the list. Most policies give none, and are done with here. */
export const pathsGivenBy = (documents: readonly PolicyDocument[]): readonly EscalationPath[] => {
  const given = documents.map(actionsGivenBy).filter(({ size }) => size > 0);
  if (given.length === 0) return none;
  return escalationPaths.filter(({ needs }) => needs.every(({ action }) => given.some((set) => set.has(action))));
};
