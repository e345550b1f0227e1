import { AccessDeniedError, messageOf, ThrottledError, WardenError } from "../errors.ts";

const denials = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthorizationError",
  "AuthorizationErrorException",
  "UnauthorizedOperation",
  "UnauthorizedException",
]);

const throttles = new Set([
  "BandwidthLimitExceeded",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

const unanswered = new Set([
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "InternalFailure",
  "NetworkingError",
  "RequestTimeout",
  "RequestTimeoutException",
  "ServiceFailure",
  "ServiceUnavailable",
  "TimeoutError",
]);

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

/** The service's error code, e.g. `NoSuchEntity`, whether the SDK has a class for it or not. */
export const errorCodeOf = (error: unknown): string => {
  const name = field(error, "name");
  const code = field(error, "Code") ?? field(error, "code");
  return typeof name === "string" && name !== "Error" ? name : typeof code === "string" ? code : "";
};

const httpStatusOf = (error: unknown): number => {
  const status = field(field(error, "$metadata"), "httpStatusCode");
  return typeof status === "number" ? status : 0;
};

/** The SDK names some of IAM's errors `…Exception`, which are without that suffix on the wire. */
export const isCode = (error: unknown, code: string): boolean => {
  const name = errorCodeOf(error);
  return name === code || name === `${code}Exception`;
};

/** The SDK's word for an answer that blames the request: AWS did not do what was asked. */
export const isRefusal = (error: unknown): boolean => field(error, "$fault") === "client";

export const isNoSuchEntity = (error: unknown): boolean => isCode(error, "NoSuchEntity");
export const isLimitExceeded = (error: unknown): boolean => isCode(error, "LimitExceeded");

/**
 * Puts an SDK error into our hierarchy; `undefined` for one that says nothing about permissions or load, which the
 * caller rethrows as it is. A `WardenError` is returned unchanged.
 * @param permission the IAM action of the call, e.g. `iam:ListMFADevices`
 */
export const classify = (error: unknown, permission: string, accountId?: string): WardenError | undefined => {
  if (error instanceof WardenError) return error;
  const where = accountId === undefined ? "" : ` in ${/^\d{12}$/.test(accountId) ? "account " : ""}${accountId}`;
  const code = errorCodeOf(error);
  if (denials.has(code))
    return new AccessDeniedError(permission, `${permission} was denied${where}: ${messageOf(error)}`, { cause: error });
  const socketCode = field(error, "code");
  if (throttles.has(code) || httpStatusOf(error) === 429)
    return new ThrottledError(`${permission} was throttled${where}: ${messageOf(error)}`, { cause: error });
  if (
    unanswered.has(code) ||
    (typeof socketCode === "string" && unanswered.has(socketCode)) ||
    httpStatusOf(error) >= 500
  )
    return new ThrottledError(`${permission} was not answered${where}: ${messageOf(error)}`, { cause: error });
  return undefined;
};

/** AWS failed at this very call (500) however often it was tried, while it may well answer others. */
export const isServiceFault = (error: unknown): boolean =>
  error instanceof ThrottledError && httpStatusOf(error.cause) === 500;

/**
 * Makes a call, and throws what it throws in our own hierarchy.
 * @throws AccessDeniedError | ThrottledError, or the SDK's own error (e.g. `NoSuchEntity`)
 */
export const call = async <T>(permission: string, accountId: string, send: () => Promise<T>): Promise<T> => {
  try {
    return await send();
  } catch (error) {
    throw classify(error, permission, accountId) ?? error;
  }
};
