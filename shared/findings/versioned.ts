import { type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { VersionConflictError } from "../errors.ts";
import { answered, refusedCondition } from "./answered.ts";

/**
 * Puts an item whose version is one more than the stored one's (1: it must not exist yet) into the findings table.
 * @param what the item is called, in the message
 * @throws VersionConflictError if another version stands there; ThrottledError | StoreError
 */
export const putVersion = async (
  client: DynamoDBDocumentClient,
  { TableName, Item }: { readonly TableName: string; readonly Item: Record<string, unknown> },
  version: number,
  what: string,
): Promise<void> => {
  const previous = version - 1;
  const condition =
    previous === 0
      ? { ConditionExpression: "attribute_not_exists(PK)" }
      : { ConditionExpression: "version = :previous", ExpressionAttributeValues: { ":previous": previous } };
  try {
    await answered(() => client.send(new PutCommand({ TableName, Item, ...condition })));
  } catch (error) {
    const cause = refusedCondition(error);
    if (cause === undefined) throw error;
    throw new VersionConflictError(`${what} is not at version ${previous}; version ${version} cannot follow`, {
      cause,
    });
  }
};
