import { createReadStream } from "node:fs";
import { MalformedInputError, messageOf } from "../../shared/errors.ts";
import { parseRecord } from "../../shared/events/envelope.ts";
import { type LogRecord, logRecords } from "../../shared/events/log-records.ts";
import { readText } from "../../shared/events/log-text.ts";
import { type CloudTrailRecord, hasFailed, isObject } from "../../shared/events/record.ts";
import { isRefusal } from "../../shared/explain/refusal.ts";
import { CommandError } from "../command-error.ts";
import { nameOfInput, standardInput } from "../standard-input.ts";

export interface RefusedCall {
  readonly record: CloudTrailRecord;
  /** As it stands in the file. */
  readonly raw: unknown;
}

/**
 * The records within a value: itself, an EventBridge event's detail, or what `aws cloudtrail lookup-events` and
 * `aws logs filter-log-events` print.
 */
const recordsWithin = (value: unknown): readonly unknown[] => {
  if (!isObject(value)) return [value];
  if (Array.isArray(value.Events)) return value.Events.flatMap(recordsWithin);
  if (typeof value.CloudTrailEvent === "string") return [JSON.parse(value.CloudTrailEvent)];
  if (Array.isArray(value.events)) return value.events.flatMap(recordsWithin);
  if (typeof value.message === "string" && value.eventName === undefined) return [JSON.parse(value.message)];
  return [isObject(value.detail) ? value.detail : value];
};

/** One value that holds no record costs no other. */
const readInto = (found: RefusedCall[], problems: string[], { value, line }: LogRecord): void => {
  try {
    for (const raw of recordsWithin(value)) found.push({ record: parseRecord(raw), raw });
  } catch (error) {
    if (!(error instanceof MalformedInputError || error instanceof SyntaxError)) throw error;
    problems.push(`line ${line}: ${error.message}`);
  }
};

export interface RefusedCalls {
  readonly calls: readonly RefusedCall[];
  /** How many others failed, for what no policy decides. */
  readonly failedOtherwise: number;
}

/**
 * The refused calls of a file: one record or a whole log.
 * @param file `-` is standard input
 * @throws CommandError if it cannot be read, or holds no refused call
 */
export const readRefusedCalls = async (file: string): Promise<RefusedCalls> => {
  const found: RefusedCall[] = [];
  const problems: string[] = [];
  const name = nameOfInput(file);
  try {
    const bytes: AsyncIterable<Uint8Array> = file === "-" ? standardInput() : createReadStream(file);
    for await (const each of logRecords(readText(bytes))) {
      if ("error" in each) problems.push(`line ${each.line}: ${each.error}`);
      else readInto(found, problems, each);
    }
  } catch (cause) {
    throw new CommandError(`Cannot read a CloudTrail record from ${name}: ${messageOf(cause)}`, { cause });
  }
  const failed = found.filter(({ record }) => hasFailed(record));
  const calls = failed.filter(({ record }) => isRefusal(record.errorCode, record.errorMessage));
  if (calls.length > 0) return { calls, failedOtherwise: failed.length - calls.length };
  const codes = [...new Set(failed.map(({ record }) => record.errorCode ?? record.errorMessage ?? "no code"))];
  if (failed.length > 0)
    throw new CommandError(
      `${name} holds ${failed.length} failed calls, none of which a policy refused: ${codes.slice(0, 3).join(", ")}`,
    );
  if (found.length > 0)
    throw new CommandError(`${name} holds ${found.length} records, none of a refused call: one has an errorCode`);
  throw new CommandError(
    problems.length > 0
      ? `${name} holds no CloudTrail record: ${problems.slice(0, 3).join("; ")}`
      : `${name} is empty; ${file === "-" ? "pipe a CloudTrail record into it" : "name a file with a CloudTrail record"}`,
  );
};
