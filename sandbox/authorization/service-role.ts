import { identify } from "../callers.ts";
import type { Role } from "../iam/state.ts";
import type { AccountState, SandboxState } from "../state.ts";
import { type Authorization, accountIn } from "./authorization.ts";
import { contextOf } from "./context.ts";
import { judge } from "./judge.ts";
import { letsServiceIn } from "./service-principal.ts";

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

const callerOf = ({ service, source }: Pick<ServiceRequest, "service" | "source">) => ({
  principal: service,
  sourceArn: source.arn,
  sourceAccountId: source.accountId,
});

/** Why a resource's own policy does not let an AWS service in; undefined if it does. */
export const refusedByResource = (state: SandboxState, request: ServiceRequest): string | undefined => {
  const { service, source, action, resource, resourcePolicy: policy } = request;
  if (letsServiceIn(state, callerOf(request), { action, resource, policy })) return undefined;
  return `the policy of ${resource} does not let ${service} do ${action} for ${source.arn}`;
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
  state: SandboxState,
  roleArn: string,
  request: Pick<ServiceRequest, "service" | "source">,
): string | undefined => {
  const found = roleByArn(state, roleArn);
  if (found === undefined) return `there is no role ${roleArn}`;
  const { trustPolicy: policy } = found.role;
  if (letsServiceIn(state, callerOf(request), { action: "sts:AssumeRole", resource: roleArn, policy }))
    return undefined;
  return `${roleArn} does not trust ${request.service} for ${request.source.arn}`;
};

/** Where a service acts. */
export interface Acting {
  readonly state: SandboxState;
  /** Whom to tell what was used; absent: nobody. */
  readonly authorization?: Pick<Authorization, "note">;
  readonly clock: { now(): Date };
}

/** Why an AWS service may not do something with a role that it assumes; undefined if it may. */
export const refusedWithRole = (
  { state, authorization, clock }: Acting,
  roleArn: string,
  request: ServiceRequest,
): string | undefined => {
  const untrusted = refusedRole(state, roleArn, request);
  const found = roleByArn(state, roleArn);
  if (untrusted !== undefined || found === undefined) return untrusted;
  const { account, role } = found;
  const { service, action, resource, resourcePolicy } = request;
  const region = resource.split(":")[3] || "us-east-1";
  const principal = { type: "role", roleName: role.name, sessionName: service.replace(/\..*/, "") } as const;
  const caller = identify(account, principal, "");
  if (caller === undefined) return `there is no role ${roleArn}`;
  const resourceAccountId = accountIn(resource) ?? account.id;
  const judgement = judge(state, caller, {
    ...{ action, resource, resourceAccountId, resourcePolicy },
    context: () => contextOf(state, caller, { region, now: clock.now(), sourceIPAddress: service, resourceAccountId }),
  });
  if (judgement.decision !== "allow") return `${roleArn} may not do ${action} on ${resource}`;
  authorization?.note(caller, judgement);
  return undefined;
};
