import {
  CreateTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { afterAll, beforeAll } from "vitest";
import { findingTableDefinition } from "../../shared/findings/table.ts";

/** A DynamoDB in this process, in memory, that makes findings tables from the one definition. */
export const startDynamoDb = async () => {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("dynalite listens on no port");
  const createClient = (config: Pick<DynamoDBClientConfig, "maxAttempts"> = {}): DynamoDBClient =>
    new DynamoDBClient({
      region: "eu-central-1",
      endpoint: `http://127.0.0.1:${address.port}`,
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      ...config,
    });
  const client = createClient();
  let tables = 0;
  return {
    client,
    createClient,
    createTable: async (): Promise<string> => {
      tables += 1;
      const TableName = `findings-${tables}`;
      await client.send(new CreateTableCommand({ TableName, ...findingTableDefinition }));
      await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.02, maxDelay: 0.1 }, { TableName });
      return TableName;
    },
    close: async (): Promise<void> => {
      client.destroy();
      await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
    },
  };
};

/** In a file or a `describe`: gives the DynamoDB that runs as long as its tests. */
export const useDynamoDb = () => {
  let running: Awaited<ReturnType<typeof startDynamoDb>> | undefined;
  beforeAll(async () => {
    running = await startDynamoDb();
  });
  afterAll(() => running?.close());
  return () => {
    if (running === undefined) throw new Error("DynamoDB runs only while the tests do");
    return running;
  };
};
