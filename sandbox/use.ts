import { type Authorization, authorize, type Layer } from "../shared/policy/authorize.ts";
import type { PolicyDocument } from "../shared/policy/document.ts";
import type { Request } from "../shared/policy/evaluate.ts";
import { identify, noteUse } from "./callers.ts";
import { type EventBridgeEvent, recordsOf } from "./cloudtrail.ts";
import { boundaryOf, type HeldPolicy, identityPolicies, readPolicy } from "./iam/held-policies.ts";
import type { Dispatcher } from "./protocol/dispatch.ts";
import { AwsError, type Call, type Caller, type Service } from "./protocol/service.ts";
import type { AccountState, Principal, Role, SandboxState, Session, User } from "./state.ts";
import { orgPath } from "./sts.ts";

/** One call of any service, as a workload or a person makes it. */
export interface Use {
  /** As policies and event sources name it, e.g. `s3`. */
  readonly service: string;
  /** As policies name it, e.g. `ListAllMyBuckets`. */
  readonly action: string;
  /** An ARN; absent for an action that has no resource. */
  readonly resource?: string;
  readonly region?: string;
  /** As CloudTrail names the call, where that is not the action's name, e.g. `ListBuckets`. */
  readonly eventName?: string;
  /** Whether the session was made with MFA. A user without it uses an access key, with `false` the console. */
  readonly mfa?: boolean;
}

/** What CloudTrail counts as data events, by service. */
const dataEvents: Readonly<Record<string, RegExp>> = {
  dynamodb: /^(Batch\w+Item|\w+Item|Query|Scan|PartiQL\w+|GetRecords|Transact\w+)$/,
  kinesis: /^(GetRecords|PutRecords?)$/,
  lambda: /^Invoke/,
  s3: /^(Abort|Delete|Get|List|Put|Restore)(Object|Multipart)|^ListBucket(Versions|MultipartUploads)?$/,
  sns: /^Publish/,
  sqs: /^(Delete|Receive|Send)Message/,
};

const sourceIPAddress = "203.0.113.20";

const entityOf = ({ users, roles }: AccountState, principal: Principal): User | Role | undefined => {
  if (principal.type === "root") return undefined;
  return principal.type === "user"
    ? users.get(principal.userName.toLowerCase())
    : roles.get(principal.roleName.toLowerCase());
};

/** Whose call it is; undefined for a user who has no active access key and uses no console. */
const callerOf = (
  { trailIds }: Dispatcher,
  account: AccountState,
  principal: Principal,
  { mfa, now }: { readonly mfa: boolean | undefined; readonly now: Date },
): Caller | undefined => {
  const entity = entityOf(account, principal);
  if (principal.type === "user" && mfa === undefined) {
    const key = entity && "accessKeys" in entity && entity.accessKeys.find(({ status }) => status === "Active");
    return key ? identify(account, principal, key.id) : undefined;
  }
  const session: Session = {
    ...{ accountId: account.id, principal, createdAt: now, mfa: mfa ?? false, chained: false },
    ...{ secret: "", token: "" },
  };
  return identify(account, principal, trailIds.accessKey("ASIA"), session);
};

/** Documents for each node from the root down to the account; undefined where SCPs have no say. */
const serviceControl = (
  { organization }: SandboxState,
  account: AccountState,
  entity: User | Role | undefined,
): PolicyDocument[][] | undefined => {
  const { managementAccountId, rootId, serviceControlPolicies, units } = organization;
  const isFree = account.id === managementAccountId || account.standalone === true;
  if (isFree || entity?.path.startsWith("/aws-service-role/") || serviceControlPolicies.size === 0) return undefined;
  const nodes = [account.id];
  for (let id = account.parentId; id !== rootId; id = units.get(id)?.parentId ?? rootId) nodes.unshift(id);
  return [rootId, ...nodes].map((id) => (serviceControlPolicies.get(id) ?? [fullAccess]).map(readPolicy));
};

/** What everybody is allowed where nobody said otherwise, as JSON. */
export const fullAccess = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

const contextOf = (
  { organization }: SandboxState,
  { account, arn, id, principal, session }: Caller,
  { entity, region, now }: { readonly entity: User | Role | undefined; readonly region: string; readonly now: Date },
) => {
  const context = new Map<string, readonly string[]>([
    ["aws:currenttime", [now.toISOString()]],
    ["aws:epochtime", [String(now.getTime() / 1000)]],
    ["aws:principalaccount", [account.id]],
    ["aws:principalarn", [entity?.arn ?? arn]],
    ["aws:principaltype", [{ root: "Account", user: "User", role: "AssumedRole" }[principal.type]]],
    ["aws:requestedregion", [region]],
    ["aws:securetransport", ["true"]],
    ["aws:sourceip", [sourceIPAddress]],
    ["aws:userid", [id]],
  ]);
  if (principal.type === "user") context.set("aws:username", [principal.userName]);
  if (session) context.set("aws:multifactorauthpresent", [String(session.mfa)]);
  for (const [key, value] of entity?.tags ?? []) context.set(`aws:principaltag/${key.toLowerCase()}`, [value]);
  if (!account.standalone) {
    context.set("aws:principalorgid", [organization.id]);
    context.set("aws:principalorgpaths", [orgPath(organization, account.parentId)]);
  }
  return context;
};

const policyNames: Partial<Record<Layer, string>> = {
  boundary: "permissions boundary",
  identity: "identity-based policy",
  serviceControl: "service control policy",
};

/** Why a call is refused, in AWS's words: for an explicit deny by a managed policy with the ARN. */
const reasonFor = (
  { decision, layer, statement }: Authorization,
  action: string,
  held: readonly HeldPolicy[],
): string => {
  const kind = policyNames[layer];
  if (decision === "implicitDeny") return `because no ${kind} allows the ${action} action`;
  const arn = held.find(({ document }) => statement && document.statements.includes(statement))?.arn;
  return `with an explicit deny in a${layer === "identity" ? "n" : ""} ${kind}${arn === undefined ? "" : `: ${arn}`}`;
};

/** What the policies say of a request; AWS asks the caller's own before the boundary, so they are named first. */
const judge = (
  state: SandboxState,
  account: AccountState,
  entity: User | Role | undefined,
  request: Request,
): string | undefined => {
  const own = entity ? identityPolicies(account, entity) : [{ document: readPolicy(fullAccess) }];
  const boundary = entity && boundaryOf(account, entity);
  const scps = serviceControl(state, account, entity);
  const identity = own.map(({ document }) => document);
  const layers = {
    identity,
    ...(boundary && { boundary: [boundary.document] }),
    ...(scps && { serviceControl: scps }),
  };
  const found = authorize(layers, request);
  if (found.decision === "unknown") {
    throw new Error(`nobody can judge ${request.action}: a policy has an element or operator that does not exist`);
  }
  if (found.decision === "allow") return undefined;
  const ownDecision =
    found.layer === "boundary" && found.decision === "implicitDeny" && authorize({ identity }, request);
  const deciding = ownDecision && ownDecision.decision === "implicitDeny" ? ownDecision : found;
  return reasonFor(deciding, request.action, boundary ? [...own, boundary] : own);
};

/** The error that a service answers with; EC2 alone has words of its own. */
const refusal = (arn: string, { service, resource }: Use, action: string, reason: string): AwsError => {
  const on = resource === undefined ? "" : ` on resource: ${service === "s3" ? `"${resource}"` : resource}`;
  const message = `User: ${arn} is not authorized to perform: ${action}${on} ${reason}`;
  return service === "ec2"
    ? new AwsError("Client.UnauthorizedOperation", `You are not authorized to perform this operation. ${message}`, 403)
    : new AwsError("AccessDenied", message, 403);
};

const asData = ({ detail, ...event }: EventBridgeEvent): EventBridgeEvent => ({
  ...event,
  detail: { ...detail, managementEvent: false, eventCategory: "Data" },
});

/**
 * Has a principal call an action: judged by its policies and those of its groups, its boundary and the SCPs above the
 * account (resources have no policies here), recorded as CloudTrail does, allowed or not, and noted as last use: AWS counts
 * attempts. Data events leave no record unless the account logs them. A user whose keys are all inactive is denied
 * before anybody knows who calls: without record.
 * @throws Error if there is no such principal
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export const use = (
  dispatcher: Dispatcher,
  account: AccountState,
  principal: Principal,
  what: Use,
): "allowed" | "denied" => {
  const { clock, emit, ids, state, trailIds, wallClock } = dispatcher;
  const { service: name, action, resource = "*", region = "us-east-1", eventName = action, mfa } = what;
  const now = new Date(Math.floor(clock.now().getTime() / 1000) * 1000);
  const entity = entityOf(account, principal);
  if (!entity && principal.type !== "root") {
    const wanted = principal.type === "user" ? principal.userName : principal.roleName;
    throw new Error(`account ${account.id} has no ${principal.type} ${wanted}`);
  }
  const caller = callerOf(dispatcher, account, principal, { mfa, now });
  if (!caller) return "denied";
  const qualified = `${name}:${action}`;
  const context = contextOf(state, caller, { entity, region, now });
  const reason = judge(state, account, entity, { action: qualified, resource, context });
  noteUse(caller, { at: now, service: name, operation: action, region });
  const service: Service = {
    name,
    protocol: { type: "query", version: "", namespace: "" },
    operations: {},
    ...(name === "iam" && { recordRegion: "us-east-1" }),
  };
  const call: Call = {
    ...{ service: name, operation: eventName, region, now, clock, wallClock, state, account, caller, ids },
    ...{ sourceIPAddress, userAgent: "aws-sdk-js/3.900.0", resources: [], serviceEvents: [] },
  };
  const error = reason === undefined ? undefined : refusal(caller.arn, what, qualified, reason);
  const events = recordsOf(trailIds, service, call, { input: {}, resources: [], ...(error && { error }) });
  const isData = dataEvents[name]?.test(action) === true;
  if (!isData || account.logsDataEvents) for (const event of events) emit(isData ? asData(event) : event);
  return error === undefined ? "allowed" : "denied";
};
