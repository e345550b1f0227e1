import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { expiryAttribute, findingTableDefinition } from "../../shared/findings/table.ts";

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
    /** @param options.isForgetful whether it forgets what has expired, as the deployed one does */
    createTable: async ({ isForgetful = false } = {}): Promise<string> => {
      tables += 1;
      const TableName = `findings-${tables}`;
      await client.send(new CreateTableCommand({ TableName, ...findingTableDefinition }));
      const made = [...sandbox.state.tables.entries()].find(([, { name }]) => name === TableName);
      if (made === undefined) throw new Error(`${TableName} was not made`);
      if (isForgetful) sandbox.state.tables.set(made[0], { ...made[1], expiryAttribute });
      return TableName;
    },
  };
};
