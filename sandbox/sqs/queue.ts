import * as z from "zod";
import type { Ids } from "../random.ts";
import type { SandboxState } from "../state.ts";
import type { Queue, QueuedMessage } from "./state.ts";

const redriveSchema = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int().min(1) });

export const queueArn = (accountId: string, region: string, name: string): string =>
  `arn:aws:sqs:${region}:${accountId}:${name}`;

const defaults: Readonly<Record<string, string>> = {
  DelaySeconds: "0",
  VisibilityTimeout: "30",
  MessageRetentionPeriod: "345600",
  MaximumMessageSize: "1048576",
  ReceiveMessageWaitTimeSeconds: "0",
  SqsManagedSseEnabled: "true",
};

/** An attribute as it was set, else SQS's default. */
export const attributeOf = ({ attributes }: Queue, name: string): string | undefined =>
  attributes.get(name) ?? defaults[name];

/** An attribute that is a number, of seconds or bytes. */
export const numberOf = (queue: Queue, name: keyof typeof defaults): number => Number(attributeOf(queue, name));

/** All attributes that have a value. */
export const attributesOf = (queue: Queue): Readonly<Record<string, string>> => ({
  ...defaults,
  ...Object.fromEntries(queue.attributes),
});

/** Where messages go that were received too often; undefined where they stay. */
export const redriveOf = (queue: Queue) => {
  const policy = queue.attributes.get("RedrivePolicy");
  return policy === undefined ? undefined : redriveSchema.parse(JSON.parse(policy));
};

/** Adds an empty queue to the state. @throws Error if there is one of that name */
export const addQueue = (
  state: SandboxState,
  of: {
    accountId: string;
    region: string;
    name: string;
    createdAt: Date;
    attributes?: Readonly<Record<string, string>>;
  },
): Queue => {
  const { accountId, region, name, createdAt, attributes = {} } = of;
  const arn = queueArn(accountId, region, name);
  if (state.queues.has(arn)) throw new Error(`queue ${arn} exists already`);
  const url = `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;
  const queue = { arn, name, url, createdAt, attributes: new Map(Object.entries(attributes)) };
  const empty: Queue = { ...queue, messages: [], receivedOf: new Map() };
  state.queues.set(arn, empty);
  return empty;
};

/** Puts a message on a queue; it may be received after the queue's delay, or its own. */
export const sendTo = (
  queue: Queue,
  { ids, now }: { readonly ids: Pick<Ids, "uuid">; readonly now: Date },
  {
    body,
    attributes = {},
    groupId,
    delaySeconds = numberOf(queue, "DelaySeconds"),
  }: {
    readonly body: string;
    readonly attributes?: Readonly<Record<string, string>>;
    readonly groupId?: string | undefined;
    readonly delaySeconds?: number;
  },
): QueuedMessage => {
  const visibleAt = now.getTime() + delaySeconds * 1000;
  const message: QueuedMessage = {
    ...{ id: ids.uuid(), body, attributes, sentAt: now, receiveCount: 0, visibleAt },
    ...(groupId !== undefined && { groupId }),
  };
  queue.messages.push(message);
  return message;
};

const remove = (queue: Queue, gone: ReadonlySet<QueuedMessage>): void => {
  if (gone.size === 0) return;
  queue.messages.splice(0, queue.messages.length, ...queue.messages.filter((message) => !gone.has(message)));
};

/** Forgets what was kept too long, and lays aside in the dead-letter queue what was received too often. */
const tidy = (state: SandboxState, queue: Queue, now: Date): void => {
  const oldest = now.getTime() - numberOf(queue, "MessageRetentionPeriod") * 1000;
  remove(queue, new Set(queue.messages.filter(({ sentAt }) => sentAt.getTime() < oldest)));
  const redrive = redriveOf(queue);
  const deadLetters = redrive && state.queues.get(redrive.deadLetterTargetArn);
  if (redrive === undefined || deadLetters === undefined) return;
  const exhausted = queue.messages.filter(
    ({ visibleAt, receiveCount }) => visibleAt <= now.getTime() && receiveCount >= redrive.maxReceiveCount,
  );
  remove(queue, new Set(exhausted));
  for (const { receipt: _, ...message } of exhausted)
    deadLetters.messages.push({
      ...message,
      visibleAt: now.getTime(),
      deadLetterSource: queue.arn,
    });
};

/**
 * The groups that keep more than their share of whoever works on the queue. SQS goes by messages in flight and by the time that they
 * take, approximately: here each takes as long as any other.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
const noisyGroups = ({ receivedOf }: Queue): ReadonlySet<string | undefined> => {
  const all = receivedOf.values().reduce((sum, count) => sum + count, 0);
  return new Set([...receivedOf].flatMap(([groupId, count]) => (count >= 30 && count > all / 10 ? [groupId] : [])));
};

/** Receives what is visible, oldest first and of noisy groups last, and hides it for the visibility timeout. */
export const receiveFrom = (
  state: SandboxState,
  queue: Queue,
  { ids, now }: { readonly ids: Pick<Ids, "uuid">; readonly now: Date },
  {
    most,
    visibilityTimeout = numberOf(queue, "VisibilityTimeout"),
  }: {
    readonly most: number;
    readonly visibilityTimeout?: number;
  },
): readonly QueuedMessage[] => {
  tidy(state, queue, now);
  const visible = queue.messages.filter(({ visibleAt }) => visibleAt <= now.getTime());
  if (visible.length === 0) queue.receivedOf.clear();
  const noisy = noisyGroups(queue);
  const isNoisy = ({ groupId }: QueuedMessage): boolean => noisy.has(groupId);
  const received = [...visible.filter((one) => !isNoisy(one)), ...visible.filter(isNoisy)].slice(0, most);
  for (const message of received) {
    const { groupId } = message;
    if (groupId !== undefined) queue.receivedOf.set(groupId, (queue.receivedOf.get(groupId) ?? 0) + 1);
    message.receiveCount += 1;
    message.visibleAt = now.getTime() + visibilityTimeout * 1000;
    message.receipt = ids.uuid();
  }
  return received;
};

/** Whoever has the latest receipt may delete the message; with an older one nothing happens. */
export const deleteFrom = (queue: Queue, receipt: string): void => {
  remove(queue, new Set(queue.messages.filter((message) => message.receipt === receipt)));
};
