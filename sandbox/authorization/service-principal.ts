import { requestContext } from "../../shared/policy/language/variables.ts";
import { evaluatePolicies } from "../../shared/policy/request/evaluate.ts";
import type { SandboxState } from "../state.ts";
import { orgPath } from "./context.ts";
import { policyOf } from "./policies.ts";

/** A service of AWS that does something for somebody: EventBridge for a rule, SNS for a topic, Lambda for a function. */
export interface ServiceCaller {
  /** As policies name it, e.g. `events.amazonaws.com`. */
  readonly principal: string;
  /** For what it acts, e.g. a rule; absent where the service tells nothing. */
  readonly sourceArn?: string;
  /** Whose that is. */
  readonly sourceAccountId?: string;
}

/**
 * Whether a resource's own policy lets a service do something: a queue's, a bus's, a function's, or a role's trust policy for
 * `sts:AssumeRole`. A service has no policies of its own, so nothing else has a say; without a policy it may not.
 */
export const letsServiceIn = (
  { accounts, organization }: SandboxState,
  { principal, sourceArn, sourceAccountId }: ServiceCaller,
  {
    action,
    resource,
    policy,
  }: { readonly action: string; readonly resource: string; readonly policy?: string | undefined },
): boolean => {
  if (policy === undefined) return false;
  const source = accounts.get(sourceAccountId ?? "");
  const context = requestContext({
    "aws:PrincipalIsAWSService": "true",
    "aws:PrincipalServiceName": principal,
    "aws:SecureTransport": "true",
    ...(sourceArn !== undefined && { "aws:SourceArn": sourceArn }),
    ...(sourceAccountId !== undefined && { "aws:SourceAccount": sourceAccountId }),
    ...(source &&
      !source.standalone && {
        "aws:SourceOrgID": organization.id,
        "aws:SourceOrgPaths": orgPath(organization, source.parentId),
      }),
  });
  const caller = { type: "Service", name: principal } as const;
  return evaluatePolicies([policyOf(policy)], { action, resource, context, caller }).decision === "allow";
};
