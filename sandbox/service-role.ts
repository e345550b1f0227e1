import { MalformedInputError } from "../shared/errors.ts";
import { authorize } from "../shared/policy/authorize.ts";
import { type PolicyDocument, parsePolicy } from "../shared/policy/document.ts";
import { evaluatePolicies } from "../shared/policy/evaluate.ts";
import { requestContext } from "../shared/policy/variables.ts";
import { boundaryOf, identityPolicies } from "./iam/held-policies.ts";
import type { AccountState, Role, SandboxState } from "./state.ts";
import { orgPath } from "./sts.ts";

/** For what an AWS service acts: a rule, a schedule, a state machine. */
export interface Source {
  readonly arn: string;
  readonly accountId: string;
}

/** What an AWS service wants to do. */
export interface ServiceRequest {
  /** The service principal, e.g. `events.amazonaws.com`. */
  readonly service: string;
  readonly source: Source;
  /** `service:Action`. */
  readonly action: string;
  /** An ARN. */
  readonly resource: string;
  /** The policy on the resource itself, as JSON. */
  readonly resourcePolicy?: string | undefined;
}

const sourceContext = ({ source }: ServiceRequest): Record<string, string> => ({
  "aws:SourceArn": source.arn,
  "aws:SourceAccount": source.accountId,
  "aws:SecureTransport": "true",
});

/** A document that nobody can read allows nothing. */
const readAll = (documents: readonly (string | undefined)[]): PolicyDocument[] | undefined => {
  try {
    return documents.flatMap((text) => (text === undefined ? [] : [parsePolicy(text)]));
  } catch (error) {
    if (error instanceof MalformedInputError) return undefined;
    throw error;
  }
};

/** Why a resource's own policy does not let an AWS service in; undefined if it does. */
export const refusedByResource = (request: ServiceRequest): string | undefined => {
  const { service, action, resource, resourcePolicy } = request;
  const caller = { type: "Service", name: service } as const;
  const policies = readAll([resourcePolicy]) ?? [];
  const context = requestContext(sourceContext(request));
  if (evaluatePolicies(policies, { action, resource, context, caller }).decision === "allow") return undefined;
  return `the policy of ${resource} does not let ${service} do ${action} for ${request.source.arn}`;
};

/** A role with its account; undefined if there is none. */
export const roleByArn = (
  { accounts }: Pick<SandboxState, "accounts">,
  arn: string,
): { readonly account: AccountState; readonly role: Role } | undefined => {
  const [, accountId = "", name = ""] = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const account = accounts.get(accountId);
  const role = account?.roles.get(name.toLowerCase());
  return account && role?.arn === arn ? { account, role } : undefined;
};

/** Why an AWS service cannot assume a role; undefined if it can. */
export const refusedRole = (
  state: Pick<SandboxState, "accounts">,
  roleArn: string,
  request: Pick<ServiceRequest, "service" | "source">,
): string | undefined => {
  const found = roleByArn(state, roleArn);
  if (found === undefined) return `there is no role ${roleArn}`;
  const policies = readAll([found.role.trustPolicy]) ?? [];
  const { decision } = evaluatePolicies(policies, {
    action: "sts:AssumeRole",
    resource: roleArn,
    context: requestContext(sourceContext({ ...request, action: "", resource: "" })),
    caller: { type: "Service", name: request.service },
  });
  return decision === "allow" ? undefined : `${roleArn} does not trust ${request.service} for ${request.source.arn}`;
};

/** Why an AWS service may not do something with a role that it assumes; undefined if it may. */
export const refusedWithRole = (state: SandboxState, roleArn: string, request: ServiceRequest): string | undefined => {
  const untrusted = refusedRole(state, roleArn, request);
  const found = roleByArn(state, roleArn);
  if (untrusted !== undefined || found === undefined) return untrusted;
  const { account, role } = found;
  const { action, resource, resourcePolicy } = request;
  const boundary = boundaryOf(account, role);
  const resourceAccountId = /^arn:[^:]+:[^:]+:[^:]*:(\d{12})?:/.exec(resource)?.[1] ?? account.id;
  // Across accounts a resource without a policy lets nobody in.
  const hasSay = resourcePolicy !== undefined || resourceAccountId !== account.id;
  const resourcePolicies = hasSay ? (readAll([resourcePolicy]) ?? []) : undefined;
  const sessionArn = `arn:aws:sts::${account.id}:assumed-role/${role.name}/${request.service.split(".")[0]}`;
  const { decision } = authorize(
    {
      identity: identityPolicies(account, role).map(({ document }) => document),
      ...(boundary && { boundary: [boundary.document] }),
      ...(resourcePolicies && { resource: resourcePolicies }),
    },
    {
      action,
      resource,
      context: requestContext({
        "aws:PrincipalArn": role.arn,
        "aws:PrincipalAccount": account.id,
        "aws:SecureTransport": "true",
        ...(!account.standalone && {
          "aws:PrincipalOrgID": state.organization.id,
          "aws:PrincipalOrgPaths": [orgPath(state.organization, account.parentId)],
        }),
      }),
      caller: { type: "AWS", accountId: account.id, arns: [role.arn, sessionArn] },
    },
    resourceAccountId,
  );
  return decision === "allow" ? undefined : `${roleArn} may not do ${action} on ${resource}`;
};
