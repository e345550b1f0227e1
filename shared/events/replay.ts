import type { Severity } from "../control.ts";
import { activityControls, stateControls } from "../controls/catalogue.ts";
import { WardenError } from "../errors.ts";
import { contextFor } from "../settings/context.ts";
import { defaultSettings, type Settings } from "../settings/settings.ts";
import type { SubjectKind } from "../subject.ts";
import { createRootSessions, withCentralRoot } from "./central-root.ts";
import { parseEnvelope, parseRecord } from "./envelope.ts";
import { logRecords, type UnreadableText } from "./log-records.ts";
import { readText } from "./log-text.ts";
import { matches } from "./matcher.ts";
import { eventPatterns } from "./patterns.ts";
import { type CloudTrailRecord, isObject, serviceOf } from "./record.ts";
import { hintsOf } from "./subjects.ts";

/** What a deployed iam-warden would have made of one record: a line of `warden replay --format json`. */
export interface ReplayedRecord {
  /** `null` if the record has none. */
  readonly eventId: string | null;
  readonly eventName: string;
  /** One of the derived event patterns matches, so the record would have reached iam-warden. */
  readonly delivered: boolean;
  readonly hints: readonly {
    readonly control: string;
    readonly subject: { readonly kind: SubjectKind; readonly account: string | null; readonly name: string };
  }[];
  readonly activity: readonly { readonly control: string; readonly severity: Severity; readonly reason: string }[];
}

export type ReplayRecord = (value: unknown) => ReplayedRecord;

/**
 * Makes the function that judges single records, as log files or EventBridge hold them, by the controls that the
 * settings leave on. It remembers `AssumeRoot` records: the sessions that they made are told from root in the records
 * after them. The same records in the same order give the same result; the only clock is theirs.
 *
 * The function throws MalformedInputError for what is no record, ForgedEventError for an envelope that contradicts its
 * record.
 */
export const createReplayer = (settings: Settings = defaultSettings()): ReplayRecord => {
  const patterns = eventPatterns().map(({ pattern }) => pattern);
  const sessions = createRootSessions();
  return (value) => {
    const isEvent = isObject(value) && Object.hasOwn(value, "detail") && Object.hasOwn(value, "detail-type");
    const parsed = isEvent ? parseEnvelope(value, { allowPlaceholders: true }).record : parseRecord(value);
    sessions.remember(parsed);
    const record = withCentralRoot(parsed, sessions.find);
    const event = isEvent ? value : envelopeOf(record, value);
    const now = record.eventTime;
    // A log does not tell in which OU its account is.
    const account = { id: record.accountId ?? "" };
    const isOn = (control: Parameters<typeof contextFor>[1]) =>
      contextFor(settings, control, account, now) !== undefined;
    return {
      eventId: record.eventId || null,
      eventName: record.eventName,
      delivered: patterns.some((pattern) => matches(pattern, event)),
      hints: hintsOf(record, stateControls.filter(isOn)).map(({ control, subject: { kind, name } }) => ({
        control,
        subject: { kind, account: record.accountId ?? null, name },
      })),
      activity: activityControls.flatMap((control) => {
        const context = contextFor(settings, control, account, now);
        const activity = context && control.judge(record, context);
        return activity ? [{ control: control.id, severity: activity.severity, reason: activity.reason }] : [];
      }),
    };
  };
};

/**
 * Replays a log: JSON Lines of records or EventBridge events, or CloudTrail's `{"Records": […]}`, on one line or many,
 * plain or gzipped. What cannot be read is told with its line and costs no other record.
 */
export async function* replayLog(
  bytes: AsyncIterable<Uint8Array>,
  replayRecord: ReplayRecord,
): AsyncGenerator<ReplayedRecord | UnreadableText> {
  for await (const found of logRecords(readText(bytes))) {
    yield "error" in found ? found : replayOr(replayRecord, found.value, found.line);
  }
}

const replayOr = (replayRecord: ReplayRecord, record: unknown, line: number): ReplayedRecord | UnreadableText => {
  try {
    return replayRecord(record);
  } catch (error) {
    if (!(error instanceof WardenError)) throw error;
    return { error: error.message, line };
  }
};

/** The event that EventBridge makes of a bare record. Exports write an empty `errorCode` where CloudTrail has none. */
const envelopeOf = (record: CloudTrailRecord, raw: unknown): unknown => ({
  version: "0",
  id: record.eventId,
  "detail-type": detailTypeOf(record),
  source: `aws.${serviceOf(record.eventSource)}`,
  account: record.accountId,
  time: record.eventTime.toISOString(),
  region: record.awsRegion,
  resources: [],
  detail:
    record.errorCode === undefined && isObject(raw)
      ? Object.fromEntries(Object.entries(raw).filter(([field]) => field !== "errorCode"))
      : raw,
});

const detailTypes: Readonly<Record<string, string>> = {
  awsapicall: "AWS API Call via CloudTrail",
  awsconsoleaction: "AWS Console Action via CloudTrail",
  awsconsolesignin: "AWS Console Sign In via CloudTrail",
  awsserviceevent: "AWS Service Event via CloudTrail",
};

/** By the event type, which records spell `AwsConsoleSignIn` or `AwsConsoleSignin`; without one, by the source. */
const detailTypeOf = ({ eventType, eventSource }: CloudTrailRecord): string => {
  const known = detailTypes[eventType?.toLowerCase() ?? ""];
  if (eventType !== undefined) return known ?? `${eventType} via CloudTrail`;
  return eventSource === "signin.amazonaws.com" ? "AWS Console Sign In via CloudTrail" : "AWS API Call via CloudTrail";
};
