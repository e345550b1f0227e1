import { spend } from "../../effort.ts";
import { rememberFor, rememberForText } from "../../remember.ts";
import { matchesPattern, matchesWildcard, type Pattern, wildcardPattern } from "../../wildcard.ts";
import { isConditionOperator } from "../language/condition.ts";
import type { ConditionBlock, PolicyDocument, Statement } from "../language/document.ts";
import { covers, literalOf, overlap } from "../language/pattern-sets.ts";
import { patternOf, type RequestContext } from "../language/variables.ts";
import { decided, isCallersChoice } from "./decided.ts";

/** Actions that are asked about together: one, or all that a pattern stands for. */
export interface ActionQuestion {
  /** In lower case. */
  readonly text: string;
  /** The part before the colon, if it has no wildcard. */
  readonly service: string | undefined;
  readonly pattern: Pattern;
  readonly isOne: boolean;
}

/** Resources that are asked about together. */
export interface ResourceQuestion {
  readonly pattern: Pattern;
  /** The resource, if it is one. */
  readonly one: string | undefined;
}

/** How much of what is asked a statement is about. */
export interface Reach {
  readonly action: "whole" | "part";
  /** `variable`: all or nothing, which a policy variable decides whose value nobody knows. */
  readonly resource: "whole" | "variable" | "part";
  /** What is left open of its conditions. */
  readonly conditions: ConditionBlock;
  /** It has an element or operator that nobody can judge. */
  readonly isUnknown: boolean;
}

/** No action has an empty name: `iam:*` asks of `iam:?*`, which a policy may also say. */
export const askAction = rememberForText((action): ActionQuestion => {
  const lower = action.toLowerCase();
  const text = /^\*+(?::\*+)?$/.test(lower) ? "?*:?*" : lower.replace(/:\*+$/, ":?*");
  const prefix = text.slice(0, Math.max(0, text.indexOf(":")));
  return {
    text,
    service: prefix === "" || /[*?]/.test(prefix) ? undefined : prefix,
    pattern: wildcardPattern(text),
    isOne: !/[*?]/.test(text),
  };
});

export const askResource = (pattern: Pattern): ResourceQuestion => ({ pattern, one: literalOf(pattern) });

/** The resources that a pattern of a question stands for. */
export const askResources = rememberForText((pattern): ResourceQuestion => askResource(wildcardPattern(pattern)));

/** A statement that is about an action, and where it stands in its document. */
interface Relevant {
  readonly index: number;
  readonly statement: Statement;
  readonly action: "whole" | "part";
}

/** Those statements of a document that say something of an action. */
interface About {
  /** The same for every action about which the same statements say the same; another in every other document. 0: none do. */
  readonly id: number;
  readonly statements: readonly Relevant[];
}

/** A document by the services that its statements name, and what was found in it. */
interface Indexed {
  /** The positions of statements that name actions of a service, by its prefix. */
  readonly byService: ReadonlyMap<string, readonly number[]>;
  /** Of those that may be about any: they have a wildcard in a prefix, or say what they leave out. */
  readonly anyService: readonly number[];
  readonly byAction: Map<string, About>;
}

const indexOf = rememberFor((document: PolicyDocument): Indexed => {
  const byService = new Map<string, number[]>();
  const anyService: number[] = [];
  document.statements.forEach(({ actions }, index) => {
    const prefixes = new Set(actions?.map((pattern) => /^([^:*?]+):/.exec(pattern)?.[1]?.toLowerCase()));
    if (actions === undefined || prefixes.has(undefined)) anyService.push(index);
    else for (const prefix of prefixes) if (prefix) byService.set(prefix, [...(byService.get(prefix) ?? []), index]);
  });
  return { byService, anyService, byAction: new Map() };
});

const none: About = { id: 0, statements: [] };
let lastId = 0;

/** What a document says of an action, remembered with the document: thousands of principals share their policies. */
const about = (document: PolicyDocument, action: ActionQuestion): About => {
  const { byService, anyService, byAction } = indexOf(document);
  const { service, text } = action;
  if (service !== undefined && anyService.length === 0 && !byService.has(service)) return none;
  const known = byAction.get(text);
  if (known) return known;
  const named = service === undefined ? document.statements.keys() : (byService.get(service) ?? []);
  const positions = service === undefined ? [...named] : [...anyService, ...named].sort((a, b) => a - b);
  const statements = positions.flatMap((index) => {
    const statement = document.statements[index];
    const reach = statement && actionReach(statement, action);
    return statement && reach ? [{ index, statement, action: reach }] : [];
  });
  const isSame = (other: About) =>
    other.statements.length === statements.length &&
    other.statements.every(({ index, action }, at) => {
      const own = statements[at];
      return own?.index === index && own.action === action;
    });
  const made = statements.length === 0 ? none : (byAction.values().find(isSame) ?? { id: ++lastId, statements });
  byAction.set(text, made);
  return made;
};

export const statementsAbout = (document: PolicyDocument, action: ActionQuestion): readonly Relevant[] =>
  about(document, action).statements;

/** Which statements of documents say what of an action. Of actions about which the same do, the documents say the same. */
export const sayingOf = (
  policies: readonly { readonly document: PolicyDocument }[],
  action: ActionQuestion,
): string => {
  let saying = "";
  for (const { document } of policies) {
    const { id } = about(document, action);
    if (id > 0) saying += `${id} `;
  }
  return saying;
};

/** Whether a document can say anything of actions of a service, given by its prefix. */
export const concernsService = (document: PolicyDocument, service: string): boolean => {
  const { byService, anyService } = indexOf(document);
  return anyService.length > 0 || byService.has(service);
};

const actionReach = ({ actions, notActions }: Statement, question: ActionQuestion): "whole" | "part" | undefined => {
  const found = (actions ?? notActions ?? []).map((pattern) => patternReach(pattern, question));
  if (actions) return found.includes("whole") ? "whole" : found.includes("part") ? "part" : undefined;
  if (!notActions || found.includes("whole")) return undefined;
  return found.includes("part") ? "part" : "whole";
};

const patternReach = (pattern: string, { text, service, ...asked }: ActionQuestion): "whole" | "part" | undefined => {
  if (pattern === "*") return "whole";
  const lower = pattern.toLowerCase();
  const colon = lower.indexOf(":");
  if (service !== undefined && colon > 0) {
    const prefix = lower.slice(0, colon);
    if (prefix !== service && !/[*?]/.test(prefix)) return undefined;
  }
  if (asked.isOne) return matchesWildcard(lower, text) ? "whole" : undefined;
  const own = wildcardPattern(lower);
  return covers(own, asked.pattern) ? "whole" : overlap(own, asked.pattern) ? "part" : undefined;
};

/** How much of what is asked a statement is about that is about the action; `undefined`: of nothing. */
export const reachOf = (
  { statement, action }: Relevant,
  resource: ResourceQuestion,
  given: RequestContext,
): Reach | undefined => {
  // Only a resource's policy names principals; IAM takes no other.
  if (statement.principals !== undefined || statement.notPrincipals !== undefined) return undefined;
  const found = resourceReach(statement, resource, given);
  if (found === undefined) return undefined;
  const conditions = openConditions(statement, given);
  if (conditions === undefined) return undefined;
  const isUnknown =
    statement.unknownElements.length > 0 || Object.keys(conditions).some((each) => !isConditionOperator(each));
  return { action, resource: found, conditions, isUnknown };
};

const resourceReach = (
  { effect, resources, notResources }: Statement,
  question: ResourceQuestion,
  given: RequestContext,
): Reach["resource"] | undefined => {
  if (resources?.includes("*")) return "whole";
  const values = (resources ?? notResources ?? []).flatMap((value) => resolve(value, given, resources && effect) ?? []);
  spend(values.length);
  const holdsAll = ({ pattern, one, variablesAt }: Resolved) => {
    if (question.one === undefined) return covers(pattern, question.pattern, variablesAt);
    return one === undefined ? matchesPattern(pattern, question.one) : one === question.one;
  };
  const isExact = ({ variablesAt }: Resolved) => variablesAt.size === 0;
  const touches = (value: Resolved) =>
    question.one === undefined ? overlap(value.pattern, question.pattern) : holdsAll(value);
  const whole = values.filter(holdsAll);
  if (resources) {
    if (whole.some(isExact)) return "whole";
    if (whole.length > 0) return "variable";
    return values.some(touches) ? "part" : undefined;
  }
  if (whole.some(isExact)) return undefined;
  const touching = values.filter(touches);
  if (touching.length === 0) return "whole";
  return touching.some(isExact) ? "part" : "variable";
};

/** A resource of a statement. A variable without a known value is a `*` in the pattern, at one of the positions. */
export interface Resolved {
  readonly pattern: Pattern;
  /** The resource, if it is one. */
  readonly one: string | undefined;
  readonly variablesAt: ReadonlySet<number>;
}

const nowhere: ReadonlySet<number> = new Set();

/**
 * In an Allow, a variable of which the caller chooses the value stands for whatever it likes.
 * @returns `undefined` if one of its variables has no value, so that it matches nothing
 */
export const resolve = (
  value: string,
  given: RequestContext,
  effect: Statement["effect"] = "Deny",
): Resolved | undefined => (value.includes("${") ? resolveVariables(value, given, effect) : resolveLiteral(value));

const resolveLiteral = rememberForText(
  (value): Resolved => ({ ...askResource(wildcardPattern(value)), variablesAt: nowhere }),
);

const resolveVariables = (value: string, given: RequestContext, effect: Statement["effect"]): Resolved | undefined => {
  const pattern: Pattern[number][] = [];
  const variablesAt = new Set<number>();
  for (const [part, name] of value.matchAll(/\$\{\s*([^},\s]*)[^}]*\}|[^$]+|\$/g)) {
    const key = name?.toLowerCase() ?? "";
    const isKey = key !== "" && !/^[*?$]$/.test(key);
    const isChosen = isKey && isCallersChoice(key, given);
    const isOpen = isChosen || (isKey && !given.has(key));
    if (isOpen && !(isChosen && effect === "Allow")) variablesAt.add(pattern.length);
    const found = isOpen ? wildcardPattern("*") : patternOf(part, given);
    if (found === undefined) return undefined;
    pattern.push(...found);
  }
  return { ...askResource(pattern), variablesAt };
};

/** What is left of conditions once what is known of every request is applied; `undefined`: they never hold. */
const openConditions = (
  { effect, conditions }: Pick<Statement, "effect" | "conditions">,
  given: RequestContext,
): ConditionBlock | undefined => {
  if (Object.keys(conditions).length === 0) return conditions;
  const open: Record<string, Record<string, readonly string[]>> = {};
  for (const [operator, keys] of Object.entries(conditions))
    for (const [key, wanted] of Object.entries(keys)) {
      const isDecidable = !wanted.some((each) => hasOpenVariable(each, given));
      const holds = isDecidable ? decided(operator, key, wanted, given, effect) : "unknown";
      if (holds === false) return undefined;
      if (holds === "unknown") open[operator] = { ...open[operator], [key]: wanted };
    }
  return open;
};

const hasOpenVariable = (value: string, given: RequestContext): boolean => {
  if (!value.includes("${")) return false;
  const resolved = resolve(value, given);
  return resolved !== undefined && resolved.variablesAt.size > 0;
};
