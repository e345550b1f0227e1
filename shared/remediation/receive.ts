import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { DeliveryError, messageOf, OutOfTimeError, WardenError } from "../errors.ts";
import { once } from "../once.ts";
import type { RepairDependencies } from "./dependencies.ts";
import { mostTries, parseRepairMessage } from "./queue.ts";
import { runRepair } from "./run-repair.ts";
import { runUndo, undoGivenUp } from "./run-undo.ts";

/** What the repairing function needs of an SQS message. */
export type RepairDelivery = Pick<SQSRecord, "messageId" | "body"> & {
  readonly attributes?: Pick<SQSRecord["attributes"], "ApproximateReceiveCount">;
};

/** The longest that one repair takes: what is looked at until it is seen, with throttled calls in between. */
const neededMs = 120_000;

/**
 * Takes a batch of repairs and undos, one after the other: what breakers count and accounts are listed for is asked in one
 * order. A message fails alone, comes back, and after the queue's last try lies in the dead-letter queue, its reason logged
 * every time. Of the last one people hear: the log as an error, and, where it is an undo, whoever asked for it; a repair is
 * asked for again by the hourly run. What time is too short for is not begun.
 */
export const createRepairs = (dependencies: RepairDependencies) => {
  const accounts = forAMinute(dependencies);
  return async (messages: readonly RepairDelivery[], remainingMs: () => number): Promise<SQSBatchResponse> => {
    const ofBatch = { ...dependencies, listAccounts: once(accounts) };
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const { messageId, body, attributes } of messages) {
      try {
        if (remainingMs() < neededMs) throw new OutOfTimeError("The time is too short to begin it");
        const message = parseRepairMessage(body);
        if (message.kind === "repair") await runRepair(ofBatch, message);
        else await runUndo(ofBatch, message);
      } catch (error) {
        batchItemFailures.push({ itemIdentifier: messageId });
        const isLater = error instanceof WardenError && error.retryable;
        const isLast = Number(attributes?.ApproximateReceiveCount) >= mostTries;
        const fields = { error, messageId, body: body.slice(0, 300) };
        if (isLast) await giveUp(dependencies, body, error);
        if (isLast && isLater) dependencies.telemetry.error(`Not tried again: ${messageOf(error)}`, fields);
        else if (isLater) dependencies.telemetry.info(`Tried again later: ${messageOf(error)}`, fields);
        else dependencies.telemetry.error(`A repair could not be handled: ${messageOf(error)}`, fields);
        dependencies.telemetry.count(isLater && !isLast ? "RepairsRetried" : "RepairsBroken");
      }
    }
    return { batchItemFailures };
  };
};

const minuteMs = 60_000;

/**
 * Lists the accounts at most once a minute, however many repairs come one after the other: Organizations limits the calls of
 * the whole organization. A listing that fails is asked for again by the next repair.
 */
const forAMinute = ({ listAccounts, clock }: Pick<RepairDependencies, "listAccounts" | "clock">) => {
  let latest: { readonly at: number; readonly list: RepairDependencies["listAccounts"] } | undefined;
  return (): ReturnType<typeof listAccounts> => {
    const now = clock().getTime();
    if (latest === undefined || now - latest.at >= minuteMs || now < latest.at)
      latest = { at: now, list: once(listAccounts) };
    return latest.list();
  };
};

/** Says on the finding that an undo has not come to an end; what cannot be said either is for the log. */
const giveUp = async (dependencies: RepairDependencies, body: string, error: unknown): Promise<void> => {
  try {
    const message = parseRepairMessage(body);
    // What could not be told is in the outbox, and the hourly run tells it.
    if (message.kind === "undo" && !(error instanceof DeliveryError)) await undoGivenUp(dependencies, message, error);
  } catch (cause) {
    dependencies.telemetry.error(`Nobody could be told of an undo that was given up: ${messageOf(cause)}`, { cause });
  }
};
