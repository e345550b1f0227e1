import type * as z from "zod";
import { parseArn } from "../aws/arn.ts";
import { ForgedEventError, MalformedInputError } from "../errors.ts";
import { findingDetailType, findingSource } from "./analyzer-finding.ts";
import { type CloudTrailRecord, isObject, serviceOf } from "./record.ts";
import { envelopeSchema, findingEnvelopeSchema, recordSchema, tooDeep } from "./record-schema.ts";

/** A CloudTrail record, or a finding of IAM Access Analyzer, as EventBridge delivered it. */
export interface ParsedEvent {
  readonly record: CloudTrailRecord;
  /** The account whose bus sent the event. A CloudTrail record is about the same one, a finding not always. */
  readonly envelopeAccount: string;
  readonly source: string;
  readonly detailType: string;
  /** EventBridge's id, which a redelivery keeps. */
  readonly id: string;
  readonly region?: string;
}

/**
 * Reads a CloudTrail record, or a finding of IAM Access Analyzer, inside an EventBridge envelope. `allowPlaceholders` accepts account ids that are not twelve
 * digits and records without a usable time, as sanitized logs have them: for replay, never for live events.
 * @throws MalformedInputError if it is not such an event
 * @throws ForgedEventError if the envelope and the record disagree about the account or the service
 */
export const parseEnvelope = (value: unknown, { allowPlaceholders = false } = {}): ParsedEvent => {
  if (isObject(value) && value["detail-type"] === findingDetailType) return parseFinding(value, allowPlaceholders);
  const envelope = read(envelopeSchema, value, "event");
  const { source } = envelope;
  const account = accountOf(envelope.account, allowPlaceholders);
  refuseForeignAccount(account, envelope.detail);
  refuseForeignSource(source, envelope.detail.eventSource);
  const fallback = allowPlaceholders ? placeholders : undefined;
  return {
    record: toRecord(envelope.detail, {
      eventId: envelope.id,
      eventTime: readTime(envelope.time) ?? fallback?.eventTime,
      accountId: account,
    }),
    envelopeAccount: account,
    source,
    detailType: envelope["detail-type"],
    id: envelope.id,
    region: envelope.region,
  };
};

const accountOf = (account: string | undefined, allowPlaceholders: boolean, field = "account"): string => {
  if (account === undefined) throw new MalformedInputError(`event: ${field}: missing; it has an account id`);
  if (!allowPlaceholders && !/^\d{12}$/.test(account))
    throw new MalformedInputError(`event: ${field}: ${quoted(account)} is not twelve digits`);
  return account;
};

/**
 * Reads a finding of IAM Access Analyzer inside an EventBridge envelope, as a record of nobody's call. An analyzer of an
 * organization tells of resources in other accounts than its own: the record is about the one that has the resource.
 */
const parseFinding = (value: unknown, allowPlaceholders: boolean): ParsedEvent => {
  const { id, source, region, time, resources, detail, ...envelope } = read(findingEnvelopeSchema, value, "event");
  const detailType = envelope["detail-type"];
  if (source !== findingSource)
    throw new ForgedEventError(`event from source ${quoted(source)} says that it is a finding of Access Analyzer`);
  const account = accountOf(envelope.account, allowPlaceholders);
  const owner = accountOf(detail.accountId, allowPlaceholders, "detail.accountId");
  const [analyzer = ""] = resources;
  const made = parseArn(analyzer);
  if (made.service !== "access-analyzer" || made.accountId !== account)
    throw new ForgedEventError(`event from account ${account} says that its analyzer is ${quoted(analyzer)}`);
  const { accountId: ofResource } = parseArn(detail.resource);
  if (ofResource !== "" && ofResource !== owner)
    throw new ForgedEventError(`event about account ${owner} says detail.resource is ${quoted(detail.resource)}`);
  const eventTime = readTime(time) ?? (allowPlaceholders ? placeholders.eventTime : undefined);
  if (eventTime === undefined) throw new MalformedInputError("event: time: not a time");
  const record: CloudTrailRecord = {
    ...{ eventId: id, eventName: detailType, eventSource: `${serviceSent(source)}.amazonaws.com`, eventTime },
    ...{ awsRegion: region, accountId: owner, userIdentity: {} },
    requestParameters: { resource: detail.resource, resourceType: detail.resourceType },
    ...{ responseElements: {}, additionalEventData: {}, serviceEventDetails: {} },
  };
  return { record, envelopeAccount: account, source, detailType, id, region };
};

/**
 * Reads a bare CloudTrail record, as a log file holds it. What a sanitized log leaves out is filled in: no event id is
 * an empty one, no readable time is 1970.
 * @throws MalformedInputError if it is not a record
 */
export const parseRecord = (value: unknown): CloudTrailRecord =>
  toRecord(read(recordSchema, value, "record"), placeholders);

const placeholders = { eventId: "", eventTime: new Date(0) };

const read = <Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> => {
  const problem = tooDeep(value);
  if (problem !== undefined) throw new MalformedInputError(`${what}: ${problem}`);
  let result: z.ZodSafeParseResult<z.output<Schema>>;
  try {
    result = schema.safeParse(value);
  } catch (error) {
    // zod compares the length of whatever has one, before it says that it is no text.
    throw new MalformedInputError(`${what}: an object stands where text belongs`, { cause: error });
  }
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => [what, ...path.map(String), message].join(": "));
  throw new MalformedInputError(problems.slice(0, 3).join("; "));
};

const toRecord = (
  raw: z.output<typeof recordSchema>,
  fallback: { readonly eventId: string; readonly eventTime?: Date; readonly accountId?: string },
): CloudTrailRecord => {
  const { eventID, eventTime, recipientAccountId, userIdentity, ...rest } = raw;
  const time = readTime(eventTime) ?? fallback.eventTime;
  if (time === undefined) throw new MalformedInputError("record: eventTime: not a time, and the event has none either");
  const session = userIdentity?.sessionContext;
  return {
    ...rest,
    eventId: eventID ?? fallback.eventId,
    eventTime: time,
    accountId: recipientAccountId ?? fallback.accountId ?? userIdentity?.accountId,
    userIdentity: {
      ...userIdentity,
      sessionContext: session
        ? {
            ...session,
            attributes: session.attributes ?? undefined,
            sessionIssuer: session.sessionIssuer ?? undefined,
          }
        : undefined,
    },
  };
};

/**
 * `2023-01-03T01:52:07Z`, and as exports have it: a blank for the `T`, fractions down to nanoseconds, no zone (it is UTC).
 */
const readTime = (value: string | undefined): Date | undefined => {
  const match = value?.match(/^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/);
  if (!match) return undefined;
  const [, day, clock, fraction = "0", zone = "Z"] = match;
  const offset = zone.length > 3 ? zone.replace(/(\d\d):?(\d\d)$/, "$1:$2") : "Z";
  const time = new Date(`${day}T${clock}.${fraction.slice(0, 3).padEnd(3, "0")}${offset}`);
  return Number.isNaN(time.getTime()) ? undefined : time;
};

/** A record without a recipient (before version 1.02) may only speak of its caller's own account. */
const refuseForeignAccount = (account: string, detail: z.output<typeof recordSchema>): void => {
  const claimed = detail.recipientAccountId ?? detail.userIdentity?.accountId;
  if (claimed === undefined || claimed === account) return;
  const field = detail.recipientAccountId === undefined ? "detail.userIdentity.accountId" : "detail.recipientAccountId";
  throw new ForgedEventError(`event from account ${account} says ${field} is ${quoted(claimed)}`);
};

/**
 * Services whose records decide something: here the source has to be exactly the service's. Nobody but AWS can send an
 * `aws.` source, and some services' source is not their event source's first label, so for root activity anywhere else
 * refusing a mismatch would only lose events.
 */
const decidingServices = ["access-analyzer", "iam", "organizations", "signin", "sts"];

const refuseForeignSource = (source: string, eventSource: string): void => {
  const service = serviceOf(eventSource);
  const sent = serviceSent(source);
  const exact = [service, sent].some((name) => name !== undefined && decidingServices.includes(name));
  if (sent !== undefined && (sent === service || !exact)) return;
  throw new ForgedEventError(`event from source ${quoted(source)} says detail.eventSource is ${quoted(eventSource)}`);
};

/** `iam` of `aws.iam`. */
const serviceSent = (source: string): string | undefined =>
  source.startsWith("aws.") ? source.slice("aws.".length) : undefined;

/** What a stranger wrote, short enough for a log line. */
const quoted = (value: string): string => JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
