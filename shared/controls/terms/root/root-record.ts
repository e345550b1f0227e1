import type { Evidence } from "../../../control.ts";
import { type CloudTrailRecord, hasFailed, serviceOf, textField } from "../../../events/record.ts";
import type { Subject } from "../../../subject.ts";

/** EventBridge's documentation and practice spell the detail type of console sign-ins differently: both are matched. */
export const signInDetailTypes = ["AWS Console Signin via CloudTrail", "AWS Console Sign In via CloudTrail"] as const;

/**
 * Root of the account that the record is in. A call into another account is recorded there too, root of any account in the
 * world: that is the caller's root at work, not this account's. An account id that is none (`ANONYMOUS`) tells nothing.
 */
export const isOwnRoot = ({ userIdentity, accountId }: CloudTrailRecord): boolean =>
  userIdentity.type === "Root" &&
  (userIdentity.accountId === undefined ||
    userIdentity.accountId === accountId ||
    !/^\d{12}$/.test(userIdentity.accountId));

/** A sign-in to the console that came to nothing, whoever tried. */
export const isFailedSignIn = (record: CloudTrailRecord): boolean =>
  record.eventSource === "signin.amazonaws.com" && record.eventName === "ConsoleLogin" && hasFailed(record);

/** The root user whose record this is. `root-session` tells central root sessions from root as itself. */
export const rootSubject = (record: CloudTrailRecord, name: "root" | "root-session"): Subject => {
  const region = record.awsRegion ?? "";
  const partition = region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  const account = record.userIdentity.accountId ?? record.accountId ?? "";
  return { kind: "root", name, arn: record.userIdentity.arn ?? `arn:${partition}:iam::${account}:root` };
};

/** Whether MFA was used, as a sign-in (`MFAUsed`: Yes, No, YES) or a session says; `null` if neither does. */
export const usedMfa = (record: CloudTrailRecord): boolean | null => {
  const said =
    textField(record.additionalEventData, "MFAUsed") ??
    record.userIdentity.sessionContext?.attributes?.mfaAuthenticated ??
    "";
  const known: Readonly<Record<string, boolean>> = { yes: true, true: true, no: false, false: false };
  return known[said.toLowerCase()] ?? null;
};

/** What somebody who was woken up by a root record wants to know first. */
export const rootEvidence = (record: CloudTrailRecord): Evidence => ({
  event: `${serviceOf(record.eventSource)}:${record.eventName}`,
  eventId: record.eventId,
  at: record.eventTime.toISOString(),
  outcome: hasFailed(record) ? "failed" : "succeeded",
  error: record.errorCode ?? record.errorMessage ?? null,
  sourceIPAddress: record.sourceIPAddress ?? null,
  userAgent: record.userAgent ?? null,
  region: record.awsRegion ?? null,
  mfaUsed: usedMfa(record),
  accessKeyId: record.userIdentity.accessKeyId ?? null,
  sessionStartedAt: record.userIdentity.sessionContext?.attributes?.creationDate ?? null,
});

/** Where a record says the call came from, for a sentence. */
export const whence = (record: CloudTrailRecord): string => `from ${record.sourceIPAddress ?? "an unknown address"}`;

/** When the session of a record began: for a sign-in, and a call without a session, when it was made. */
export const startOf = (record: CloudTrailRecord): Date => {
  const started = Date.parse(record.userIdentity.sessionContext?.attributes?.creationDate ?? "");
  return Number.isNaN(started) ? record.eventTime : new Date(started);
};

/** The hour of a time, e.g. `2026-11-01T09`: records that share it belong to one episode. */
export const hourOf = (time: Date): string => time.toISOString().slice(0, 13);
