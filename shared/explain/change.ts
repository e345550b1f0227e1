import { actionNamed } from "../policy/actions/known.ts";
import type { Statement } from "../policy/language/document.ts";
import { literalText } from "../policy/language/literal.ts";
import { statementName } from "../policy/principal/layers.ts";
import type { Caller, Request } from "../policy/request/evaluate.ts";
import { type Citation, type StatementJson, statementJson } from "./citation.ts";
import { isPositive, type JudgedCondition, judgeConditions, wayToMeet } from "./conditions.ts";
import type { HeldPolicy, Place } from "./layers.ts";
import type { NearMiss } from "./near-miss.ts";

/** A condition, and the values that it would have to take as well. */
export interface MoreValues {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** The smallest change that takes an obstacle out of the way, or why there is none to recommend. */
export type Change =
  /** To the caller's policies, the boundary, the session policy, an SCP of the node, or the resource's policy. */
  | { readonly kind: "addStatement"; readonly statement: StatementJson }
  | { readonly kind: "addResource"; readonly to: Citation; readonly resource: string }
  | { readonly kind: "addConditionValues"; readonly to: Citation; readonly conditions: readonly MoreValues[] }
  /** No policy has to change: the request has to be another. Of an Allow all conditions have to hold, of a Deny one has not to. */
  | {
      readonly kind: "changeRequest";
      readonly of: Citation;
      readonly conditions: readonly JudgedCondition[];
      readonly how: readonly string[];
    }
  /** Nothing that is allowed elsewhere helps: whoever wrote the Deny has to narrow it. */
  | { readonly kind: "narrowDeny"; readonly of: Citation }
  | { readonly kind: "none"; readonly why: string }
  /** Somebody has to read what could not be read. */
  | { readonly kind: "read"; readonly why: string };

/** iam-warden's own names begin so: its repairs, its boundary, its guardrails. */
const isOwn = ({ name }: HeldPolicy): boolean => /^iam-warden-/i.test(name);
const isOfAws = ({ arn = "" }: HeldPolicy): boolean => /^arn:[^:]*:iam::aws:/.test(arn);
/** A policy that can be written, and of which nobody else would get more. */
const isEditable = (policy: HeldPolicy): boolean => !isOfAws(policy) && policy.via === undefined;

/** What has wildcards would allow more on the resource than was asked for. */
const namesActions = ({ actions = ["*"] }: Statement): boolean => !actions.some((each) => /[*?]/.test(each));

const principalOf = (caller: Caller | undefined): StatementJson => {
  if (caller === undefined) return {};
  if (caller.type !== "AWS") return { Principal: { [caller.type]: caller.name } };
  // The role rather than one session of it, which no second call would have.
  return { Principal: { AWS: caller.arns[0] ?? caller.accountId } };
};

/** Whoever may ask an identity provider for a token would be let in without them. */
const tokenConditions = ({ caller, context }: Request): StatementJson => {
  if (caller?.type !== "Federated") return {};
  const claims = [...context].filter(([key, values]) => /:(?:aud|sub)$/.test(key) && values.length > 0);
  return claims.length === 0
    ? {}
    : { Condition: { StringEquals: Object.fromEntries(claims.map(([key, [value]]) => [key, value])) } };
};

/** A `*` at the end is one that whoever asks wrote: no resource is named so. */
const resourceText = (resource: string): string =>
  resource.endsWith("*") ? `${literalText(resource.slice(0, -1))}*` : literalText(resource);

/** What a statement that all but lets a caller of AWS in asks for besides, and what holds: who is let in beside others has to meet it, too. */
const heldConditions = ({ caller }: Request, near: NearMiss | undefined): StatementJson => {
  if (caller?.type !== "AWS" || near?.misses.length !== 1) return {};
  const { statement, conditions: failing } = near;
  const held = Object.entries(statement.conditions).flatMap(([operator, keys]) => {
    const left = Object.entries(keys).filter(
      ([key]) => !failing.some((each) => each.operator === operator && each.key === key),
    );
    return left.length === 0 ? [] : [[operator, Object.fromEntries(left)] as const];
  });
  const { Condition } = statementJson({ ...statement, conditions: Object.fromEntries(held) }, near.policy.document);
  return Condition === undefined ? {} : { Condition };
};

const newStatement = (request: Request, place: Place, byTrust: boolean, near: NearMiss | undefined): StatementJson => {
  const { action, resource } = request;
  const names = resource === "*" || actionNamed(action)?.hasResources === false ? "*" : resourceText(resource);
  if (place.layer !== "resource") return { Effect: "Allow", Action: action, Resource: names };
  const of = { ...principalOf(request.caller), Action: action };
  return byTrust
    ? { Effect: "Allow", ...of, ...tokenConditions(request), ...heldConditions(request, near) }
    : { Effect: "Allow", ...of, Resource: names };
};

/** What would allow a request where a place does not. */
export const changeForMissing = (
  request: Request,
  place: Place,
  near: NearMiss | undefined,
  byTrust: boolean,
): Change => {
  const add: Change = { kind: "addStatement", statement: newStatement(request, place, byTrust, near) };
  if (near === undefined || near.misses.length !== 1) return add;
  const [miss] = near.misses;
  if (miss === "resource") {
    const { statement, policy } = near;
    return statement.resources !== undefined && isEditable(policy) && namesActions(statement)
      ? { kind: "addResource", to: near, resource: resourceText(request.resource) }
      : add;
  }
  if (miss !== "conditions") return add;
  const { conditions } = near;
  const how = conditions.map(({ key }) => wayToMeet(key));
  if (how.every((way) => way !== undefined))
    return { kind: "changeRequest", of: near, conditions, how: [...new Set(how)] };
  const more = conditions.map(({ operator, key, actual = [] }) => ({ operator, key, values: actual.map(literalText) }));
  const canTakeMore = more.every(({ operator, values }) => isPositive(operator) && values.length > 0);
  // Whom a trust policy lets in by a condition, such as an organization, are more than the caller.
  if (byTrust && place.layer === "resource" && request.caller?.type === "AWS") return add;
  if (canTakeMore && isEditable(near.policy)) return { kind: "addConditionValues", to: near, conditions: more };
  return place.layer === "resource" && byTrust
    ? {
        kind: "none",
        why: `${statementName(near)} of the trust policy is for others: ${conditions.map(({ key }) => key).join(", ")} ${conditions.length === 1 ? "does" : "do"} not hold`,
      }
    : add;
};

/** What would lift a denial. A guardrail is there to deny: nobody should lift it to get through. */
export const changeForDenial = (denial: Citation, request: Request): Change => {
  const { layer, policy, statement } = denial;
  const conditions = judgeConditions(statement.conditions, request.context).filter(
    ({ key, holds }) => holds === true && wayToMeet(key) !== undefined,
  );
  if (conditions.length > 0)
    return {
      kind: "changeRequest",
      of: denial,
      conditions,
      how: [...new Set(conditions.map(({ key }) => wayToMeet(key) ?? ""))],
    };
  if (isOwn(policy))
    return {
      kind: "none",
      why: `iam-warden put ${policy.name} there to contain a finding: repair what it found, or undo the repair with \`warden undo\``,
    };
  if (layer === "serviceControl")
    return {
      kind: "none",
      why: "a service control policy that denies is a guardrail of the organization: no policy in the account can lift it, and an exception is for those who keep it to make",
    };
  if (layer === "boundary")
    return {
      kind: "none",
      why: "a permissions boundary that denies is a guardrail: no policy of the caller can lift it, and an exception is for those who keep it to make",
    };
  return { kind: "narrowDeny", of: denial };
};
