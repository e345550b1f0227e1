/** What SNS keeps, as plain data in the sandbox's state. */
export interface Topic {
  readonly arn: string;
  readonly name: string;
  /** As `SetTopicAttributes` set them. */
  readonly attributes: Map<string, string>;
  readonly tags: Map<string, string>;
  /** By ARN, in the order in which they were made. */
  readonly subscriptions: Map<string, Subscription>;
}

export interface Subscription {
  readonly arn: string;
  /** The account that subscribed. */
  readonly ownerId: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes: Map<string, string>;
  /** What confirms it, while that has not happened. */
  pendingToken?: string;
}

/** One message as one subscription received it. */
export interface SnsDelivery {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** Virtual time. */
  readonly at: Date;
  readonly subject?: string;
  /** The text for this protocol: its own key of a `MessageStructure: json` message, else `default`. */
  readonly message: string;
  /** What was sent over the wire: SNS's JSON envelope around the message, unless the subscription wants it raw. */
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
}

export interface MessageAttribute {
  /** `String`, `String.Array`, `Number` or `Binary`. */
  readonly type: string;
  /** Base64 for `Binary`. */
  readonly value: string;
}
