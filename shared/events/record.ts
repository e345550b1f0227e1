/** Who made a call, as far as the record says. */
export interface UserIdentity {
  readonly type?: string;
  readonly principalId?: string;
  readonly arn?: string;
  readonly accountId?: string;
  readonly accessKeyId?: string;
  readonly userName?: string;
  readonly invokedBy?: string;
  readonly sessionContext?: {
    /** `"true"` in a session that `sts:AssumeRoot` made. */
    readonly assumedRoot?: string;
    /** `mfaAuthenticated` in lower case. */
    readonly attributes?: { readonly creationDate?: string; readonly mfaAuthenticated?: string };
    readonly sessionIssuer?: {
      readonly type?: string;
      readonly arn?: string;
      readonly userName?: string;
      readonly accountId?: string;
    };
  };
}

/** The `sts:AssumeRoot` call that handed out the credentials of a central root session. */
export interface CentralRootSession {
  /** The temporary access key id that the session's own records carry. */
  readonly accessKeyId: string;
  /** Whose root: an account id or the root's ARN. */
  readonly targetPrincipal?: string;
  readonly taskPolicyArn?: string;
  /** Who asked for the session. */
  readonly callerArn?: string;
}

/** One CloudTrail record, normalized: what real records leave out is absent, what they spell oddly is mended. */
export interface CloudTrailRecord {
  /** Empty only for a replayed record that lacks it. */
  readonly eventId: string;
  readonly eventName: string;
  /** With its domain, e.g. `iam.amazonaws.com`. */
  readonly eventSource: string;
  readonly eventTime: Date;
  readonly eventType?: string;
  readonly awsRegion?: string;
  /** The account the record is about: `recipientAccountId`, else the envelope's, else the caller's. */
  readonly accountId?: string;
  readonly sourceIPAddress?: string;
  readonly userAgent?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly userIdentity: UserIdentity;
  /** An empty object where the record has `null`, `"null"` or nothing. */
  readonly requestParameters: Readonly<Record<string, unknown>>;
  readonly responseElements: Readonly<Record<string, unknown>>;
  readonly additionalEventData: Readonly<Record<string, unknown>>;
  readonly serviceEventDetails: Readonly<Record<string, unknown>>;
  /** Never read from the record: what correlation by access key id found (`central-root.ts`). */
  readonly centralRoot?: CentralRootSession & { readonly own: boolean };
}

/** The service in an event source: `iam` for `iam.amazonaws.com`. */
export const serviceOf = (eventSource: string): string => eventSource.replace(/\.amazonaws\.com(\.cn)?$/, "");

/**
 * The call was refused or did not succeed. Sign-in events have no `errorCode`: they say `Failure` under their own name,
 * with or without an `errorMessage`.
 */
export const hasFailed = (record: CloudTrailRecord): boolean => {
  const said = textField(record.responseElements, record.eventName);
  return record.errorCode !== undefined || record.errorMessage !== undefined || said?.toLowerCase() === "failure";
};

/** A free-form field that holds an object; empty if it does not. */
export const objectField = (
  from: Readonly<Record<string, unknown>>,
  key: string,
): Readonly<Record<string, unknown>> => {
  const value = Object.hasOwn(from, key) ? from[key] : undefined;
  return isObject(value) ? value : {};
};

/** A free-form field that holds text; undefined if it does not, or if the text is empty. */
export const textField = (from: Readonly<Record<string, unknown>>, key: string): string | undefined => {
  const value = Object.hasOwn(from, key) ? from[key] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** An object, and not a list. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
