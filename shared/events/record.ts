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
    readonly assumedRoot?: string;
    readonly attributes?: { readonly creationDate?: string; readonly mfaAuthenticated?: string };
    readonly sessionIssuer?: {
      readonly type?: string;
      readonly arn?: string;
      readonly userName?: string;
      readonly accountId?: string;
    };
  };
}

/** One CloudTrail record, normalized: what real records leave out is absent, what they spell oddly is mended. */
export interface CloudTrailRecord {
  readonly eventId: string;
  readonly eventName: string;
  /** With its domain, e.g. `iam.amazonaws.com`. */
  readonly eventSource: string;
  readonly eventTime: Date;
  readonly eventType?: string;
  readonly awsRegion?: string;
  /** The account the record is about: `recipientAccountId`, else the caller's. */
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
}
