import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { AccessDeniedError, messageOf, StoreError, ThrottledError } from "../errors.ts";

/** The partition of the findings table that an account's items are in. */
export const accountKey = (accountId: string): string => `ACCOUNT#${accountId}`;

/** Why a conditional write was refused; `undefined` if that is not what went wrong. */
export const refusedCondition = (error: unknown): ConditionalCheckFailedException | undefined =>
  error instanceof StoreError && error.cause instanceof ConditionalCheckFailedException ? error.cause : undefined;

const throttled = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "TimeoutError",
]);

/**
 * Makes a call to the findings table.
 * @throws ThrottledError | StoreError with the cause; AccessDeniedError, which no other try mends
 */
export const answered = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && error.name === "AccessDeniedException") {
      const [, permission = "dynamodb"] = /to perform: (dynamodb:\w+)/.exec(error.message) ?? [];
      throw new AccessDeniedError(permission, `The findings table was denied: ${messageOf(error)}`, { cause: error });
    }
    const Class = error instanceof Error && throttled.has(error.name) ? ThrottledError : StoreError;
    throw new Class(`The findings table did not answer: ${messageOf(error)}`, { cause: error });
  }
};
