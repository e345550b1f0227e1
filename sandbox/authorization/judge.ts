import type { PolicyDocument } from "../../shared/policy/language/document.ts";
import type { RequestContext } from "../../shared/policy/language/variables.ts";
import { type Authorization, authorize, type Layer } from "../../shared/policy/request/authorize.ts";
import { type Caller as Asker, evaluatePolicies, type Request } from "../../shared/policy/request/evaluate.ts";
import type { Caller } from "../protocol/service.ts";
import type { SandboxState } from "../state.ts";
import { type CallerPolicies, entityOf, policiesOf } from "./layers.ts";
import { policyOf } from "./policies.ts";
import { relevantTo } from "./relevant.ts";

/** What a caller asks for, once. */
export interface Question {
  /** `service:Action`. */
  readonly action: string;
  /** An ARN or `*`. */
  readonly resource: string;
  readonly resourceAccountId: string;
  readonly resourcePolicy?: string | undefined;
  /** The resource's policy has to allow in its own account, too. */
  readonly guarded?: boolean | undefined;
  /** Asked only where a policy reads it. */
  readonly context: () => RequestContext;
}

export interface Judgement extends Authorization {
  readonly policies: CallerPolicies;
  readonly request: Request;
  /** The policy that decides is a role's, on who may assume it. */
  readonly byTrust: boolean;
}

/** The caller as resource policies name it. */
const askerOf = ({ account, principal, arn }: Caller): Asker => {
  const role = principal.type === "role" ? entityOf(account, principal)?.arn : undefined;
  return { type: "AWS", accountId: account.id, arns: role === undefined ? [arn] : [role, arn] };
};

const nothing: RequestContext = new Map();
const limits: ReadonlySet<Layer> = new Set(["boundary", "session"]);

/** What all policies together say of a request. AWS asks the caller's own before what limits them, so they are named first. */
export const judge = (state: SandboxState, caller: Caller, question: Question): Judgement => {
  const { action, resource, resourceAccountId, resourcePolicy, guarded = false } = question;
  const policies = policiesOf(state, caller);
  let isContextRead = false;
  const about = (documents: readonly PolicyDocument[]): PolicyDocument[] =>
    documents.map((each) => {
      const found = relevantTo(each, action);
      isContextRead ||= found.readsContext;
      return found.document;
    });
  const { identity, boundary, session, serviceControl } = policies.layers;
  // A resource without a policy lets nobody in from another account.
  const isClosed = guarded || resourceAccountId !== caller.account.id;
  const onResource = resourcePolicy === undefined ? (isClosed ? [] : undefined) : [policyOf(resourcePolicy)];
  const layers = {
    identity: about(identity),
    ...(boundary && { boundary: about(boundary) }),
    ...(session && { session: about(session) }),
    ...(serviceControl && { serviceControl: serviceControl.map(about) }),
    ...(onResource && { resource: about(onResource) }),
  };
  const context = isContextRead ? question.context() : nothing;
  const request: Request = { action, resource, context, caller: askerOf(caller) };
  const decide = (): Authorization => {
    if (guarded) {
      const trust = evaluatePolicies(layers.resource ?? [], request);
      if (trust.decision !== "allow") return { ...trust, layer: "resource" };
    }
    const found = authorize(layers, request, resourceAccountId);
    if (found.decision !== "implicitDeny" || !limits.has(found.layer)) return found;
    const own = authorize({ identity: layers.identity }, request);
    return own.decision === "implicitDeny" ? own : found;
  };
  const decided = decide();
  return { ...decided, policies, request, byTrust: guarded && decided.layer === "resource" };
};
