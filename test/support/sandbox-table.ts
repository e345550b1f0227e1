import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { findingTableDefinition } from "../../shared/findings/table.ts";

/** The sandbox's DynamoDB, with findings tables from the one definition. */
export const sandboxDynamoDb = () => {
  const sandbox = createSandbox();
  const { managementAccountId } = sandbox.state.organization;
  const client = new DynamoDBClient({
    ...sandbox.clientConfig(sandbox.credentialsFor(managementAccountId, "root")),
    maxAttempts: 1,
  });
  let tables = 0;
  return {
    sandbox,
    client,
    createTable: async (): Promise<string> => {
      tables += 1;
      const TableName = `findings-${tables}`;
      await client.send(new CreateTableCommand({ TableName, ...findingTableDefinition }));
      return TableName;
    },
  };
};
