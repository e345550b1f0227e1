import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createDynamoDbWatchStore } from "../../shared/after-care/dynamodb-watch-store.ts";
import { createDynamoDbExemptionStore } from "../../shared/exemptions/dynamodb-store.ts";
import { createDynamoDbStore } from "../../shared/findings/dynamodb-store.ts";
import { createDynamoDbMarkStore } from "../../shared/marks/dynamodb-mark-store.ts";
import { createDynamoDbOrganizationStore } from "../../shared/organization/dynamodb-store.ts";
import { createDynamoDbBreakerStore } from "../../shared/remediation/dynamodb-breaker-store.ts";
import { createDynamoDbRemediationStore } from "../../shared/remediation/dynamodb-store.ts";
import { noRepairQueue } from "../../shared/remediation/no-queue.ts";
import { createSqsRepairQueue } from "../../shared/remediation/sqs-queue.ts";
import type { Stack } from "../cloudformation/state.ts";
import type { Sandbox } from "../sandbox.ts";

/** The program's own adapters on what a hub's stack made, for whoever looks on: as the hub account's root. */
export const storesOf = (sandbox: Sandbox, hub: Stack, repairQueueUrl: string | undefined) => {
  const config = sandbox.clientConfig(sandbox.credentialsFor(hub.accountId, "root"), { region: hub.region });
  const on = { client: new DynamoDBClient(config), table: hub.outputs.get("FindingsTableName") ?? "" };
  return {
    store: createDynamoDbStore(on),
    exemptions: createDynamoDbExemptionStore(on),
    remediations: createDynamoDbRemediationStore(on),
    breakers: createDynamoDbBreakerStore(on),
    watches: createDynamoDbWatchStore(on),
    marks: createDynamoDbMarkStore(on),
    organizationStore: createDynamoDbOrganizationStore(on),
    repairs:
      repairQueueUrl === undefined
        ? noRepairQueue
        : createSqsRepairQueue({ client: new SQSClient(config), url: repairQueueUrl }),
  };
};
