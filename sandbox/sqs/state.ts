/** What SQS keeps, as plain data in the sandbox's state. */
export interface Queue {
  readonly arn: string;
  readonly name: string;
  readonly url: string;
  readonly createdAt: Date;
  /** As `SetQueueAttributes` takes them: seconds as text, `Policy` and `RedrivePolicy` as JSON. */
  readonly attributes: Map<string, string>;
  /** Oldest first; those on their way to somebody included. */
  readonly messages: QueuedMessage[];
  /** How many messages of each group were received since nothing waited any more. */
  readonly receivedOf: Map<string, number>;
}

export interface QueuedMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Whose it is, in a queue that many share. */
  readonly groupId?: string;
  readonly sentAt: Date;
  receiveCount: number;
  /** When it may be received (again), in milliseconds of virtual time. */
  visibleAt: number;
  /** What whoever received it last can delete it with. */
  receipt?: string;
  /** The queue in which it failed too often. */
  deadLetterSource?: string;
}
