import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { accountKey, answered } from "../findings/answered.ts";
import { documentsOf } from "../findings/documents.ts";
import { expiring } from "../findings/table.ts";
import { putVersion } from "../findings/versioned.ts";
import { remediationFromItem, remediationToItem } from "./item.ts";
import type { ForgetRemediationAt, RemediationStore } from "./store.ts";

const remediationKey = (id: string): string => `REMEDIATION#${id}`;

/**
 * Remediations in the findings table, which `findingTableDefinition` explains.
 * @param options.forgetAt when a remediation that is put may be forgotten. Absent: never
 */
export const createDynamoDbRemediationStore = (options: {
  client: DynamoDBClient;
  table: string;
  forgetAt?: ForgetRemediationAt | undefined;
}): RemediationStore => {
  const TableName = options.table;
  const client = documentsOf(options.client);
  return {
    get: async (accountId, id) => {
      const Key = { PK: accountKey(accountId), SK: remediationKey(id) };
      const { Item } = await answered(() => client.send(new GetCommand({ TableName, Key, ConsistentRead: true })));
      return Item === undefined ? undefined : remediationFromItem(Item);
    },
    put: async (remediation) => {
      const { account, id, version } = remediation;
      const Item = {
        ...remediationToItem(remediation),
        PK: accountKey(account.id),
        SK: remediationKey(id),
        ...expiring(options.forgetAt?.(remediation)),
      };
      await putVersion(client, { TableName, Item }, version, `Remediation ${id}`);
    },
    ofFinding: async (accountId, findingId) => {
      const items = await answered(async () => {
        const query = {
          TableName,
          KeyConditionExpression: "PK = :pk AND begins_with(SK, :prefix)",
          ExpressionAttributeValues: { ":pk": accountKey(accountId), ":prefix": remediationKey(`${findingId}-`) },
          ConsistentRead: true,
        };
        const pages = await Array.fromAsync(paginateQuery({ client }, query));
        return pages.flatMap(({ Items = [] }) => Items);
      });
      return items.map(remediationFromItem);
    },
  };
};
