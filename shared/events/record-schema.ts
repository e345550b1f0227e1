import * as z from "zod";
import { isObject } from "./record.ts";

/** Records are at most six or seven levels deep; free-form request parameters add some. */
const maxDepth = 128;

/**
 * What is wrong with the shape of a value before anything recurses into it: levels beyond a limit, which would
 * overflow the stack of whatever prints it later. Walks with its own stack, so that depth cannot hurt it.
 */
export const tooDeep = (value: unknown): string | undefined => {
  const pending: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.depth >= maxDepth) return `nested deeper than ${maxDepth} levels`;
    for (const child of Object.values(next.value)) pending.push({ value: child, depth: next.depth + 1 });
  }
  return undefined;
};

const prototypeKeys = ["__proto__", "constructor", "prototype"];

/**
 * An object whose fields are read by name. Keys that reach a prototype have no business here and are refused; in
 * free-form fields they may be somebody's own tag or variable name, and refusing those would let a caller hide a call.
 */
const object = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .custom<object>(
      (value) => typeof value === "object" && value !== null && !Array.isArray(value),
      "expected an object",
    )
    .refine((value) => !prototypeKeys.some((key) => Object.hasOwn(value, key)), "a key that reaches the prototype")
    .pipe(z.object(shape));

/** Text, absent if null, missing or empty. */
const text = z
  .string()
  .nullish()
  .transform((value) => value || undefined);

/** `"true"`/`"false"` in lower case: records hold strings, once `"False"`, exports booleans. */
const flag = z
  .union([z.string(), z.boolean()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? undefined : String(value).toLowerCase() || undefined));

/** Account ids are strings; exports turn them into numbers, which lose leading zeros. */
const accountId = z
  .union([z.string(), z.int().nonnegative()])
  .nullish()
  .transform((value) => (typeof value === "number" ? String(value).padStart(12, "0") : value || undefined));

/**
 * Request parameters and the like: an object. Null, missing and `"null"` are an empty one, and so is a string that is not
 * an object in JSON (some exports hold these fields as JSON text).
 */
const freeForm = z
  .unknown()
  .optional()
  .transform((value, context): Readonly<Record<string, unknown>> => {
    const read = typeof value === "string" ? readText(value) : value;
    if (read === null || read === undefined) return {};
    if (isObject(read)) {
      const problem = tooDeep(read);
      if (problem === undefined) return read;
      context.addIssue(problem);
      return z.NEVER;
    }
    context.addIssue(`expected an object, null or text, received ${Array.isArray(read) ? "a list" : typeof read}`);
    return z.NEVER;
  });

const readText = (value: string): unknown => {
  if (!value.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    // Cut short by CloudTrail's size limit, or prose: there is nothing in it to go by.
    return undefined;
  }
};

const userIdentity = object({
  type: text,
  principalId: text,
  arn: text,
  accountId,
  accessKeyId: text,
  userName: text,
  invokedBy: text,
  sessionContext: object({
    assumedRoot: flag,
    attributes: object({ creationDate: text, mfaAuthenticated: flag }).nullish(),
    sessionIssuer: object({ type: text, arn: text, userName: text, accountId }).nullish(),
  }).nullish(),
});

/** A CloudTrail record as it arrives. Fields that nothing reads are dropped unseen, whatever their type. */
export const recordSchema = object({
  eventID: text,
  eventName: z.string().min(1),
  eventSource: z.string().min(1),
  eventTime: text,
  eventType: text,
  awsRegion: text,
  recipientAccountId: accountId,
  sourceIPAddress: text,
  userAgent: text,
  errorCode: text,
  errorMessage: text,
  userIdentity: userIdentity.nullish(),
  requestParameters: freeForm,
  responseElements: freeForm,
  additionalEventData: freeForm,
  serviceEventDetails: freeForm,
});

const envelope = {
  id: z.string().min(1),
  account: accountId,
  source: z.string().min(1),
  "detail-type": z.string().min(1),
  region: text,
  time: text,
};

/** An EventBridge event whose detail is a CloudTrail record. */
export const envelopeSchema = object({ ...envelope, detail: recordSchema });

/** No ARN is longer. */
const arn = z.string().min(1).max(2_048);

/** An EventBridge event whose detail is a finding of IAM Access Analyzer: of that no more than what it is about is read. */
export const findingEnvelopeSchema = object({
  ...envelope,
  /** One, the analyzer. */
  resources: z.array(arn).length(1, "expected the analyzer's ARN alone"),
  detail: object({ accountId, resource: arn, resourceType: z.string().min(1).max(128) }),
});
