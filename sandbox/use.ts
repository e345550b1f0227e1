import { contextOf } from "./authorization/context.ts";
import { judge } from "./authorization/judge.ts";
import { entityOf } from "./authorization/layers.ts";
import { reasonFor } from "./authorization/refusal.ts";
import { identify, noteUse } from "./callers.ts";
import { type EventBridgeEvent, recordsOf } from "./cloudtrail.ts";
import type { Dispatcher } from "./protocol/dispatch.ts";
import { AwsError, type Call, type Caller, type Service } from "./protocol/service.ts";
import type { AccountState, Principal, SandboxState, Session } from "./state.ts";

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

/** Why a call is refused, if it is. Resources have no policies here, and are the caller's account's. */
const reasonAgainst = (
  state: SandboxState,
  caller: Caller,
  { action, resource, region, now }: { action: string; resource: string; region: string; now: Date },
): string | undefined => {
  const resourceAccountId = caller.account.id;
  const context = () => contextOf(state, caller, { region, now, sourceIPAddress, resourceAccountId });
  const judgement = judge(state, caller, { action, resource, resourceAccountId, context });
  if (judgement.decision === "unknown")
    throw new Error(`nobody can judge ${action}: a policy has an element or operator that does not exist`);
  return judgement.decision === "allow" ? undefined : reasonFor(judgement);
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
  const reason = reasonAgainst(state, caller, { action: qualified, resource, region, now });
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
