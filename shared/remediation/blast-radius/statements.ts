import type { Statement } from "../../policy/language/document.ts";
import { matchesWildcardIgnoringCase } from "../../wildcard.ts";

// What statements can be about, judged by their elements alone: broad where that errs on the side of holding.

/** Whether a statement is about an action, on whatever resource and condition. */
export const touches = ({ actions, notActions = [] }: Statement, action: string): boolean =>
  actions === undefined
    ? !notActions.some((pattern) => matchesWildcardIgnoringCase(pattern, action))
    : actions.some((pattern) => matchesWildcardIgnoringCase(pattern, action));

const prefixOf = (pattern: string): string =>
  pattern.includes(":") ? pattern.slice(0, pattern.indexOf(":")) : pattern;
const meets = (service: string) => (pattern: string) => matchesWildcardIgnoringCase(prefixOf(pattern), service);
const holdsAll = (service: string) => (pattern: string) =>
  meets(service)(pattern) && (/^\*+$/.test(pattern) || /^[^:]*:\*+$/.test(pattern));

/** Whether a statement may be about some action of a service. */
export const touchesService = ({ actions, notActions = [] }: Statement, service: string): boolean =>
  actions === undefined ? !notActions.some(holdsAll(service)) : actions.some(meets(service));

const everywhere = ({ resources = [], notResources, conditions }: Statement): boolean =>
  notResources === undefined && resources.includes("*") && Object.keys(conditions).length === 0;

/** Whether a boundary surely lets every action of a service through, on all resources and in all conditions. */
export const keepsWhole = (boundary: readonly Statement[], service: string): boolean => {
  const touching = boundary.filter((statement) => touchesService(statement, service));
  if (touching.some(({ effect, unknownElements }) => effect === "Deny" || unknownElements.length > 0)) return false;
  return touching.some(
    (statement) =>
      everywhere(statement) &&
      (statement.actions === undefined
        ? !(statement.notActions ?? []).some(meets(service))
        : statement.actions.some(holdsAll(service))),
  );
};

/** Whether a boundary surely lets no action of a service through. */
export const keepsNothing = (boundary: readonly Statement[], service: string): boolean =>
  !boundary.some((statement) => statement.effect === "Allow" && touchesService(statement, service));

/** Whether statements leave out some resources of what they otherwise let through. */
export const sparesResources = (statements: readonly Statement[]): boolean =>
  statements.some(({ effect, resources, notResources }) =>
    effect === "Deny" ? !(resources ?? []).includes("*") : notResources !== undefined,
  );

/** The condition keys and policy variables that statements ask for, in lower case. */
export const keysOf = (statements: readonly Statement[]): ReadonlySet<string> =>
  new Set(
    statements.flatMap((statement) => [
      ...Object.values(statement.conditions).flatMap((block) => Object.keys(block).map((key) => key.toLowerCase())),
      ...variablesOf(statement),
    ]),
  );

/** The variables in a statement's resources and conditions, in lower case: no resource is known that they stand for. */
export const variablesOf = ({ resources, notResources, conditions }: Statement): readonly string[] =>
  Array.from(JSON.stringify([resources, notResources, conditions]).matchAll(/\$\{([^},]+)/g), ([, name = ""]) =>
    name.trim().toLowerCase(),
  ).filter((name) => !/^[*?$]$/.test(name));

/** The resources that statements name, to be asked about one by one: `*`, and patterns as they are; no variables. */
export const resourcesOf = (statements: readonly Statement[]): readonly string[] =>
  [...new Set(["*", ...statements.flatMap(({ resources = [], notResources = [] }) => [...resources, ...notResources])])]
    .filter((resource) => !resource.includes("${"))
    .sort();

/** The actions of a service that statements name in full. */
export const namedActions = (statements: readonly Statement[], service: string): readonly string[] => {
  const all = statements.flatMap(({ actions = [], notActions = [] }) => [...actions, ...notActions]);
  const full = all.filter((action) => action.toLowerCase().startsWith(`${service.toLowerCase()}:`));
  return full.filter((action) => /^[\w-]+:\w+$/.test(action)).map((action) => action.slice(action.indexOf(":") + 1));
};
