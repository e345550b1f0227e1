import { rootArn } from "./callers.ts";
import { jsonCode } from "./protocol/json.ts";
import { timestamp } from "./protocol/query.ts";
import type { AwsError, Call, Caller, Output, Service, TrailResource } from "./protocol/service.ts";
import type { Ids } from "./random.ts";
import type { AccountState } from "./state.ts";

/** A CloudTrail record as CloudTrail writes it. */
export type TrailRecord = Readonly<Record<string, unknown>>;

/** What EventBridge delivers: a CloudTrail record in its envelope, or what a service itself tells. */
export interface EventBridgeEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  /** `aws.` and the service, e.g. `aws.iam`. */
  readonly source: string;
  readonly account: string;
  /** ISO 8601. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: TrailRecord;
}

const iso = timestamp;

/** Puts a record into the envelope in which the default bus of the account that it is about delivers it. */
export const envelope = (ids: Ids, account: string, detailType: string, detail: TrailRecord): EventBridgeEvent => ({
  version: "0",
  id: ids.uuid(),
  "detail-type": detailType,
  source: `aws.${String(detail.eventSource).split(".")[0]}`,
  account,
  time: String(detail.eventTime),
  region: String(detail.awsRegion),
  resources: [],
  detail,
});

const identityOf = ({ account, principal, arn, id, accessKeyId, session }: Caller): TrailRecord => {
  const role = principal.type === "role" ? account.roles.get(principal.roleName.toLowerCase()) : undefined;
  return {
    type: { root: "Root", user: "IAMUser", role: "AssumedRole" }[principal.type],
    principalId: id,
    arn,
    accountId: account.id,
    accessKeyId,
    ...(principal.type === "user" && { userName: principal.userName }),
    ...(session && {
      sessionContext: {
        ...(session.assumedRoot && { assumedRoot: "true" }),
        ...(role && {
          sessionIssuer: {
            type: "Role",
            principalId: role.id,
            arn: role.arn,
            accountId: account.id,
            userName: role.name,
          },
        }),
        attributes: { creationDate: iso(session.createdAt), mfaAuthenticated: String(session.mfa) },
      },
    }),
  };
};

const javaDate = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

/** Secrets, which CloudTrail leaves out. Of a session's credentials the expiration too: it is in the client's time. */
const withheld = new Set(
  "Password OldPassword NewPassword ServicePassword ServiceCredentialSecret PrivateKey SecretAccessKey Base32StringSeed QRCodePNG AuthenticationCode1 AuthenticationCode2 Expiration".split(
    " ",
  ),
);

/** Inputs and outputs as CloudTrail writes them: names begin in lower case, dates read as Java prints them. */
const parameters = (value: unknown, masked: readonly string[]): unknown => {
  // Java puts a narrow space before AM and PM; whether Node does depends on how it was built.
  if (value instanceof Date) return javaDate.format(value).replace(/\s(?=[AP]M$)/, "\u202f");
  if (value instanceof Map) return Object.fromEntries(value);
  if (Array.isArray(value)) return value.map((item) => parameters(item, masked));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, item]) => item !== undefined && !withheld.has(name))
      .map(([name, item]) => [
        name.charAt(0).toLowerCase() + name.slice(1),
        masked.includes(name) ? "****" : parameters(item, masked),
      ]),
  );
};

/** The same of a whole input or output; CloudTrail writes `null` for one that is empty. */
export const parametersOrNull = (value: object | undefined, masked: readonly string[] = []): unknown =>
  value && Object.keys(value).length > 0 ? parameters(value, masked) : null;

/** CloudTrail spells codes by their exception's name, those of the Query services with exceptions. */
const errorCodeOf = ({ name, protocol }: Service, code: string): string => {
  if (protocol.type === "json") return jsonCode(code);
  if (code === "ValidationError") return "ValidationException";
  return name === "iam" && code !== "AccessDenied" ? `${code}Exception` : code;
};

/** AssumeRole and its like count as reads, too. */
const isReadOnly = (operation: string): boolean => /^(Get|List|Describe|Simulate|Assume|Generate)/.test(operation);

/** The records of one call, successful or not: the caller's account's, then that of each other account concerned. */
export const recordsOf = (
  ids: Ids,
  service: Service,
  call: Call,
  result: { input: object; output?: Output | undefined; error?: AwsError; resources: readonly TrailResource[] },
): EventBridgeEvent[] => {
  const { caller } = call;
  const { input, output, error, resources } = result;
  const readOnly = isReadOnly(call.operation);
  const recipients = error
    ? [caller.account.id]
    : [...new Set([caller.account.id, ...resources.map((resource) => resource.accountId)])];
  const requestID = ids.uuid();
  const sharedEventID = ids.uuid();
  return recipients.map((recipientAccountId) => {
    const own = recipientAccountId === caller.account.id;
    return envelope(ids, recipientAccountId, "AWS API Call via CloudTrail", {
      eventVersion: "1.11",
      userIdentity: own
        ? identityOf(caller)
        : { type: "AWSAccount", principalId: caller.id, accountId: caller.account.id },
      eventTime: iso(call.now),
      eventSource: `${service.name}.amazonaws.com`,
      eventName: call.operation,
      awsRegion: service.recordRegion ?? call.region,
      sourceIPAddress: call.sourceIPAddress,
      userAgent: call.userAgent,
      ...(error && { errorCode: errorCodeOf(service, error.code), errorMessage: error.message }),
      requestParameters:
        error && /^(AccessDenied|AuthorizationError)/.test(error.code) ? null : parametersOrNull(input, service.masked),
      responseElements: readOnly && service.name !== "sts" ? null : parametersOrNull(output, service.masked),
      requestID,
      eventID: ids.uuid(),
      readOnly,
      ...(resources.length > 0 && { resources }),
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId,
      ...(recipients.length > 1 && { sharedEventID }),
      eventCategory: "Management",
    });
  });
};

/** The record of what a service did by itself, e.g. that it made the account which a call asked for. */
export const serviceEventRecord = (
  ids: Ids,
  service: Service,
  call: Call,
  { name, details }: Call["serviceEvents"][number],
): EventBridgeEvent =>
  envelope(ids, call.account.id, "AWS Service Event via CloudTrail", {
    eventVersion: "1.11",
    userIdentity: { accountId: call.account.id, invokedBy: "AWS Internal" },
    eventTime: iso(call.now),
    eventSource: `${service.name}.amazonaws.com`,
    eventName: name,
    awsRegion: service.recordRegion ?? call.region,
    sourceIPAddress: "AWS Internal",
    userAgent: "AWS Internal",
    requestParameters: null,
    responseElements: null,
    eventID: ids.uuid(),
    readOnly: false,
    eventType: "AwsServiceEvent",
    managementEvent: true,
    recipientAccountId: call.account.id,
    serviceEventDetails: parametersOrNull(details, service.masked),
    eventCategory: "Management",
  });

/** The record of an attempt to sign in to the console. */
export const signInRecord = (
  ids: Ids,
  account: AccountState,
  who: "root" | { readonly user: string },
  how: { now: Date; mfa: boolean; success: boolean; sourceIPAddress: string },
): EventBridgeEvent => {
  const user = who === "root" ? undefined : account.users.get(who.user.toLowerCase());
  const identity =
    who === "root"
      ? { type: "Root", principalId: account.id, arn: rootArn(account.id), accountId: account.id, accessKeyId: "" }
      : {
          type: "IAMUser",
          ...(user && how.success && { principalId: user.id, arn: user.arn }),
          accountId: account.id,
          accessKeyId: "",
          userName: user?.name ?? "HIDDEN_DUE_TO_SECURITY_REASONS",
        };
  return envelope(ids, account.id, "AWS Console Sign In via CloudTrail", {
    eventVersion: "1.11",
    userIdentity: identity,
    eventTime: iso(how.now),
    eventSource: "signin.amazonaws.com",
    eventName: "ConsoleLogin",
    awsRegion: "us-east-1",
    sourceIPAddress: how.sourceIPAddress,
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ...(!how.success && {
      errorMessage: user || who === "root" ? "Failed authentication" : "No username found in supplied account",
    }),
    requestParameters: null,
    responseElements: { ConsoleLogin: how.success ? "Success" : "Failure" },
    additionalEventData: {
      LoginTo: "https://console.aws.amazon.com/console/home",
      MobileVersion: "No",
      MFAUsed: how.mfa ? "Yes" : "No",
    },
    eventID: ids.uuid(),
    readOnly: false,
    eventType: "AwsConsoleSignIn",
    managementEvent: true,
    recipientAccountId: account.id,
    eventCategory: "Management",
  });
};

/**
 * The record that somebody came to the MFA check when signing in as root, or set root's password anew by email: of the account itself,
 * without a session.
 */
export const rootSignInRecord = (
  ids: Ids,
  account: AccountState,
  eventName: "CheckMfa" | "PasswordRecoveryCompleted",
  now: Date,
): EventBridgeEvent =>
  envelope(ids, account.id, "AWS Console Sign In via CloudTrail", {
    eventVersion: "1.11",
    userIdentity: {
      ...{ type: "Root", principalId: account.id, arn: rootArn(account.id), accountId: account.id },
      accessKeyId: "",
    },
    eventTime: iso(now),
    eventSource: "signin.amazonaws.com",
    eventName,
    awsRegion: "us-east-1",
    sourceIPAddress: "203.0.113.10",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    requestParameters: null,
    responseElements: { [eventName]: "Success" },
    eventID: ids.uuid(),
    readOnly: false,
    eventType: "AwsConsoleSignIn",
    managementEvent: true,
    recipientAccountId: account.id,
    eventCategory: "Management",
  });
