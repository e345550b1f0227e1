import { matchesPattern, matchesWildcardIgnoringCase } from "../../wildcard.ts";
import { conditionHolds } from "../language/condition.ts";
import type { PolicyDocument, PrincipalElement, Statement } from "../language/document.ts";
import { all, any, not, type Ternary } from "../language/ternary.ts";
import { patternOf, type RequestContext } from "../language/variables.ts";

/** Who asks, as a resource policy names callers. */
export type Caller =
  | {
      readonly type: "AWS";
      readonly accountId: string;
      /** The ARNs the caller answers to: a user's; for a session, the role's and then the session's; root's. */
      readonly arns: readonly string[];
    }
  | { readonly type: "Service" | "Federated"; readonly name: string };

export interface Request {
  /** `service:Operation`. */
  readonly action: string;
  /** An ARN, or `*` where the operation has none. */
  readonly resource: string;
  readonly context: RequestContext;
  /** Needed where policies have a Principal element; a statement with one matches nobody without it. */
  readonly caller?: Caller;
}

/**
 * What a set of policies says of a request. `unknown`: an element or operator that nobody can judge would decide it;
 * who guards something treats that as a denial, who reports something says so.
 */
export type Decision = "allow" | "explicitDeny" | "implicitDeny" | "unknown";

export interface Evaluation {
  readonly decision: Decision;
  /** The statement that decides, where one does. */
  readonly statement?: Statement;
}

/** Evaluates policies of one layer (identity, boundary, SCPs of one node, trust): a deny anywhere wins, then an allow. */
export const evaluatePolicies = (policies: readonly PolicyDocument[], request: Request): Evaluation => {
  const judged = policies
    .flatMap((policy) => policy.statements)
    .map((statement) => ({ statement, matches: statementMatches(statement, request) }));
  const first = (effect: Statement["effect"], matches: Ternary) =>
    judged.find((each) => each.statement.effect === effect && each.matches === matches)?.statement;
  const denying = first("Deny", true);
  if (denying !== undefined) return { decision: "explicitDeny", statement: denying };
  const perhapsDenying = first("Deny", "unknown");
  if (perhapsDenying !== undefined) return { decision: "unknown", statement: perhapsDenying };
  const allowing = first("Allow", true);
  if (allowing !== undefined) return { decision: "allow", statement: allowing };
  const perhapsAllowing = first("Allow", "unknown");
  return perhapsAllowing === undefined
    ? { decision: "implicitDeny" }
    : { decision: "unknown", statement: perhapsAllowing };
};

/** Whether a statement is about a request: its action, resource, principal and conditions. */
export const statementMatches = (statement: Statement, request: Request): Ternary =>
  all([
    actionMatches(statement, request.action),
    resourceMatches(statement, request),
    principalElementsMatch(statement, request.caller),
    conditionHolds(statement.conditions, request.context),
    statement.unknownElements.length === 0 ? true : "unknown",
  ]);

const actionMatches = (statement: Statement, action: string): Ternary => {
  const oneOf = (patterns: readonly string[]) => patterns.some((each) => matchesWildcardIgnoringCase(each, action));
  if (statement.actions !== undefined) return oneOf(statement.actions);
  return statement.notActions !== undefined && !oneOf(statement.notActions);
};

/** Trust policies have no Resource: the role they stand on is meant. */
const resourceMatches = (statement: Statement, { resource, context }: Request): Ternary => {
  const oneOf = (values: readonly string[]) =>
    values.some((value) => {
      if (value === "*") return true;
      const pattern = patternOf(value, context);
      return pattern !== undefined && matchesPattern(pattern, resource);
    });
  if (statement.resources !== undefined) return oneOf(statement.resources);
  return statement.notResources === undefined || !oneOf(statement.notResources);
};

const principalElementsMatch = ({ principals, notPrincipals }: Statement, caller: Caller | undefined): Ternary => {
  if (principals === undefined && notPrincipals === undefined) return true;
  if (caller === undefined) return false;
  return principals !== undefined
    ? principalMatches(principals, caller)
    : notPrincipals !== undefined && not(principalMatches(notPrincipals, caller));
};

const principalMatches = (element: PrincipalElement, caller: Caller): Ternary => {
  if (element === "*") return true;
  const named = element[caller.type] ?? [];
  if (caller.type !== "AWS") return named.includes(caller.name);
  return any(named.map((name) => name === "*" || namesAccount(name, caller.accountId) || caller.arns.includes(name)));
};

/** An account is named by its id or by its root's ARN, and stands for every principal in it. */
export const namesAccount = (name: string, accountId: string): boolean =>
  name === accountId || /^arn:[^:]+:iam::(\d+):root$/.exec(name)?.[1] === accountId;
