import type { SQSBatchResponse } from "aws-lambda";
import { denialOf } from "../after-care/denial.ts";
import { hearDenial } from "../after-care/hear-denial.ts";
import { DeliveryError, ForgedEventError, messageOf, OutOfTimeError, ThrottledError, WardenError } from "../errors.ts";
import { createRootSessions, withCentralRoot } from "../events/central-root.ts";
import { changesOrganization, organizationChangeOf } from "../events/organization-changes.ts";
import { readExcused } from "../exemptions/excused.ts";
import { hearMark } from "../marks/hear-mark.ts";
import { markIn } from "../marks/mark.ts";
import { affectedBy, sharedChanges } from "./affected.ts";
import type { IntakeDependencies } from "./dependencies.ts";
import { hearOrganization } from "./hear-organization.ts";
import { judgeActivity } from "./judge-activity.ts";
import { groupBySubject, judgeSubject, type SubjectGroup } from "./judge-subject.ts";
import { type Message, type ReceivedEvent, receive } from "./receive.ts";

/**
 * Takes a batch of forwarded EventBridge events: judges the activity in the records themselves, then the live state of
 * every subject they hint at, once per batch however many of its events speak of it; and hears what AWS denies those who
 * were repaired, and the marks that iam-warden left itself, of which nothing is judged. Where the organization changed, it
 * is read anew.
 *
 * A message fails alone: it is reported as a batch item failure, comes back, and after the queue's last try lies in
 * the dead-letter queue, its reason logged every time. A forged event is refused, logged and counted, and not tried
 * again. Accounts are judged side by side: one that throttles its reads holds up nobody else's. What is not done when
 * `outOfTime` settles fails, so that an invocation always answers: one that is cut off would bring all of its messages
 * nearer to the dead-letter queue, whoever's they are. Everything here may happen twice, at once or in any order.
 */
export const createIntake = (
  dependencies: IntakeDependencies,
): ((batch: { readonly Records: readonly Message[] }, outOfTime?: Promise<unknown>) => Promise<SQSBatchResponse>) => {
  const { telemetry, hubAccountId, auditRoleName, accounts: directory, activityQueueArn } = dependencies;
  const rootSessions = createRootSessions();
  const mayTellActivity = ({ message: { eventSourceARN } }: ReceivedEvent): boolean =>
    activityQueueArn === undefined || eventSourceARN === undefined || eventSourceARN === activityQueueArn;

  const receiveAll = (messages: readonly Message[], failed: Set<string>): readonly ReceivedEvent[] =>
    messages.flatMap((message) => {
      try {
        return [receive(message)];
      } catch (error) {
        const { body } = message;
        const fields = { ...about(message, error), bodyLength: body.length, bodyStart: body.slice(0, 200) };
        if (error instanceof ForgedEventError) {
          telemetry.count("EventsRefused");
          telemetry.error(`Refused an event: ${error.message}`, fields);
        } else {
          failed.add(message.messageId);
          telemetry.count("PoisonMessages");
          telemetry.error(`A message is no CloudTrail event: ${messageOf(error)}`, fields);
        }
        return [];
      }
    });

  const reportFailure = ({ message, record, accountId }: ReceivedEvent, error: unknown): void => {
    const { eventId, eventName } = record;
    const fields = { ...about(message, error), eventId, eventName, account: accountId };
    if (error instanceof WardenError && error.retryable) {
      telemetry.count("MessagesRetried");
      telemetry.info(`Tried again later: ${messageOf(error)}`, fields);
    } else {
      telemetry.error(`An event could not be judged: ${messageOf(error)}`, fields);
    }
  };

  return async ({ Records }, outOfTime = new Promise(() => {})) => {
    const failed = new Set<string>();
    const fail = (events: readonly ReceivedEvent[], error: unknown): void => {
      for (const event of events) {
        reportFailure(event, error);
        if (!isLeftToHourlyRun(event.message, error)) failed.add(event.message.messageId);
      }
    };

    const received = receiveAll(Records, failed).map((event) => ({
      event,
      mark: markIn(event.record, event.accountId, auditRoleName),
    }));
    if (received.length === 0) return answer(Records, failed);
    const events = received.flatMap(({ event, mark }) => (mark === undefined ? [event] : []));
    const excused = await readExcused(dependencies);
    // All of a batch first: a session's own records may come before the one that tells who made it.
    for (const { record } of events) {
      rootSessions.remember(record);
      if (changesOrganization(record)) directory.outdate();
    }
    const named = groupBySubject(events);
    const ofSubject = (group: SubjectGroup): Task => ({
      ...group,
      reads: true,
      run: () => judgeSubject({ ...dependencies, excused }, group),
    });
    const tasks: readonly (Task | Search)[] = [
      ...received.flatMap(({ event, mark }) => {
        const { accountId } = event;
        return mark ? [{ accountId, events: [event], run: () => hearMark(dependencies, mark, accountId) }] : [];
      }),
      ...events.filter(mayTellActivity).map((event) => {
        const record = withCentralRoot(event.record, rootSessions.find, hubAccountId);
        return {
          accountId: event.accountId,
          events: [event],
          run: () => judgeActivity({ ...dependencies, excused }, { ...event, record }),
        };
      }),
      ...events.flatMap((event) => {
        const denial = denialOf(event.record);
        const { accountId } = event;
        return denial ? [{ accountId, events: [event], run: () => hearDenial(dependencies, denial, accountId) }] : [];
      }),
      ...named.map(ofSubject),
      ...sharedChanges(events).map((change): Search => {
        const isNamed = (group: SubjectGroup) =>
          named.some(
            ({ accountId, kind, name }) => accountId === group.accountId && kind === group.kind && name === group.name,
          );
        const affected = async () => (await affectedBy(dependencies, change)).filter((group) => !isNamed(group));
        return { ...change, reads: true, search: async () => (await affected()).map(ofSubject) };
      }),
      // The last, as it takes long.
      ...organizationTasks(dependencies, events),
    ];

    const undone = new Set(tasks);
    let isOver = false;
    const inTurn = async (ofAccount: readonly (Task | Search)[]): Promise<void> => {
      // An account that throttles is asked nothing more: whoever uses up what IAM answers there would hold up all others.
      let throttling: { readonly thrown: unknown } | undefined;
      const queue = [...ofAccount];
      for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
        if (isOver) return;
        const done = (task.reads ? throttling : undefined) ?? (await outcomeOf(task));
        if ("thrown" in done && done.thrown instanceof ThrottledError && task.reads) throttling = done;
        // What comes to an end after the answer is told by the answer: not done.
        if (isOver) return;
        undone.delete(task);
        if ("thrown" in done) {
          fail(task.events, done.thrown);
          continue;
        }
        queue.unshift(...done.found);
        for (const found of done.found) undone.add(found);
      }
    };
    const accounts = [...Map.groupBy(tasks, ({ accountId }) => accountId).values()];
    await Promise.race([Promise.all(accounts.map(inTurn)), outOfTime]);
    isOver = true;
    for (const task of undone) {
      fail(task.events, new OutOfTimeError(`Account ${task.accountId} was not judged before the time was up`));
    }

    return answer(Records, failed);
  };
};

const answer = (messages: readonly Message[], failed: ReadonlySet<string>): SQSBatchResponse => ({
  batchItemFailures: messages
    .filter(({ messageId }) => failed.has(messageId))
    .map(({ messageId }) => ({ itemIdentifier: messageId })),
});

/** A piece of a batch's work, in one account; its events come back if it is not done. */
interface Task {
  readonly accountId: string;
  readonly events: readonly ReceivedEvent[];
  /** It asks AWS about the account. */
  readonly reads?: true;
  readonly run: () => Promise<void>;
}

/** One for each account whose records say that the organization changed: the management account's, as a rule. */
const organizationTasks = (dependencies: IntakeDependencies, events: readonly ReceivedEvent[]): readonly Task[] => {
  const changing = events.filter(({ record }) => organizationChangeOf(record) !== undefined);
  return [...Map.groupBy(changing, ({ accountId }) => accountId)].map(([accountId, of]) => ({
    accountId,
    events: of,
    run: () => hearOrganization(dependencies, of),
  }));
};

/** A piece of work that finds out what there is to do. */
interface Search extends Omit<Task, "run"> {
  readonly search: () => Promise<readonly Task[]>;
}

type Outcome = { readonly thrown: unknown } | { readonly found: readonly Task[] };

const outcomeOf = async (work: Task | Search): Promise<Outcome> => {
  try {
    if ("search" in work) return { found: await work.search() };
    await work.run();
    return { found: [] };
  } catch (thrown) {
    return { thrown };
  }
};

/** While the channel is down an event is not worth its last tries: all was judged, and what to tell is kept. */
const triesForNotice = 3;

const isLeftToHourlyRun = ({ attributes }: Message, error: unknown): boolean =>
  error instanceof DeliveryError && error.isKept && Number(attributes.ApproximateReceiveCount) >= triesForNotice;

const about = ({ messageId, attributes }: Message, error: unknown) => ({
  error,
  errorName: error instanceof Error ? error.name : "unknown",
  messageId,
  receiveCount: attributes.ApproximateReceiveCount,
});
