import { type CentralRootSession, type CloudTrailRecord, hasFailed, objectField, textField } from "./record.ts";

/** Sessions that `sts:AssumeRoot` handed out, found by their temporary access key id. */
export type FindRootSession = (accessKeyId: string) => CentralRootSession | undefined;

/**
 * The session that a successful `AssumeRoot` record tells of. It is recorded in the caller's account (management or
 * delegated administrator), not in the member whose root it is.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-track-privileged-tasks.html
 */
export const centralRootSessionOf = (record: CloudTrailRecord): CentralRootSession | undefined => {
  if (record.eventSource !== "sts.amazonaws.com" || record.eventName !== "AssumeRoot" || hasFailed(record)) {
    return undefined;
  }
  const accessKeyId = textField(objectField(record.responseElements, "credentials"), "accessKeyId");
  if (accessKeyId === undefined) return undefined;
  return {
    accessKeyId,
    targetPrincipal: textField(record.requestParameters, "targetPrincipal"),
    taskPolicyArn: textField(objectField(record.requestParameters, "taskPolicyArn"), "arn"),
    callerArn: record.userIdentity.arn,
  };
};

/**
 * The record, marked if its access key id belongs to a known central root session. A session is iam-warden's own only if
 * a role named `iam-warden-…` of `ownAccountId` asked for it: the same name in any other account proves nothing.
 */
export const withCentralRoot = (
  record: CloudTrailRecord,
  find: FindRootSession,
  ownAccountId?: string,
): CloudTrailRecord => {
  const { type, accessKeyId } = record.userIdentity;
  const session = type === "Root" && accessKeyId !== undefined ? find(accessKeyId) : undefined;
  if (session === undefined) return record;
  const caller = session.callerArn?.match(/^arn:[\w-]+:sts::(\d{12}):assumed-role\/iam-warden-[^/]*\//);
  return { ...record, centralRoot: { ...session, own: ownAccountId !== undefined && caller?.[1] === ownAccountId } };
};

/**
 * Remembers the latest sessions in memory. A session lives at most 15 minutes, but its records may come before the one
 * that made it, or to another process: such a record is judged by its own `assumedRoot` alone. Nothing is persisted.
 */
export const createRootSessions = (
  capacity = 10_000,
): { readonly find: FindRootSession; readonly remember: (record: CloudTrailRecord) => void } => {
  const sessions = new Map<string, CentralRootSession>();
  return {
    find: (accessKeyId) => sessions.get(accessKeyId),
    remember: (record) => {
      const session = centralRootSessionOf(record);
      if (session === undefined) return;
      sessions.set(session.accessKeyId, session);
      const [oldest] = sessions.keys();
      if (sessions.size > capacity && oldest !== undefined) sessions.delete(oldest);
    },
  };
};
