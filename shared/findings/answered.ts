import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { messageOf, StoreError, ThrottledError } from "../errors.ts";

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
 * @throws ThrottledError | StoreError with the cause
 */
export const answered = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    const Class = error instanceof Error && throttled.has(error.name) ? ThrottledError : StoreError;
    throw new Class(`The findings table did not answer: ${messageOf(error)}`, { cause: error });
  }
};
