import { parseArn } from "../aws/arn.ts";
import type { Hint } from "../control.ts";
import { type CloudTrailRecord, hasFailed, isObject, textField } from "../events/record.ts";

/** The tag that iam-warden writes on its own audit role, and nothing else that it writes there. */
export const markKey = "iam-warden-mark";

/** The call that leaves a mark. Its record comes by the rule that carries the changes of roles, or not at all. */
export const markEvent: Hint = "iam:TagRole";

/** A mark as it was left: at a time, with a number that nobody could have guessed. */
export interface Mark {
  /** Random, hexadecimal. */
  readonly nonce: string;
  /** ISO 8601 in UTC. */
  readonly markedAt: string;
}

/** The tag's value, e.g. `2026-11-02T06:00:00.000Z/9f0c…`. */
export const markText = ({ markedAt, nonce }: Mark): string => `${markedAt}/${nonce}`;

/** The record of a call that did nothing but leave a mark, or something that looks like one. */
export interface MarkRecord {
  /** What the tag says; empty if it says nothing. */
  readonly text: string;
  /** Whether the session that made the call is one of the audit role, in the account that the record is about. */
  readonly isByAuditRole: boolean;
  /** CloudTrail's time of the call. */
  readonly at: Date;
}

/**
 * Reads a record as that of a mark. `undefined` for every other call, one that also writes another tag or fails among them:
 * it is judged as what it is.
 * @param accountId the account whose event bus sent the record
 * @param auditRoleName without a path
 */
export const markIn = (record: CloudTrailRecord, accountId: string, auditRoleName: string): MarkRecord | undefined => {
  const { eventSource, eventName, requestParameters, userIdentity, eventTime } = record;
  if (eventSource !== "iam.amazonaws.com" || eventName !== "TagRole" || hasFailed(record)) return undefined;
  if (textField(requestParameters, "roleName") !== auditRoleName) return undefined;
  const tags: unknown = requestParameters.tags;
  const [tag, ...others] = Array.isArray(tags) ? tags : [];
  if (!isObject(tag) || others.length > 0 || tag.key !== markKey) return undefined;
  return {
    text: textField(tag, "value") ?? "",
    isByAuditRole: userIdentity.type === "AssumedRole" && isSessionOf(userIdentity.arn, accountId, auditRoleName),
    at: eventTime,
  };
};

/** `arn:aws:sts::111122223333:assumed-role/iam-warden-audit/session`. */
const isSessionOf = (arn: string | undefined, accountId: string, roleName: string): boolean => {
  if (arn === undefined || !arn.startsWith("arn:")) return false;
  const { service, accountId: own, resource } = parseArn(arn);
  const [kind, name] = resource.split("/");
  return service === "sts" && own === accountId && kind === "assumed-role" && name === roleName;
};
