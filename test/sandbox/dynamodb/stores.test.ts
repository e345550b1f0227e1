import { describe } from "vitest";
import { createDynamoDbWatchStore } from "../../../shared/after-care/dynamodb-watch-store.ts";
import { createDynamoDbExemptionStore } from "../../../shared/exemptions/dynamodb-store.ts";
import { createDynamoDbStore } from "../../../shared/findings/dynamodb-store.ts";
import { createDynamoDbBreakerStore } from "../../../shared/remediation/dynamodb-breaker-store.ts";
import { createDynamoDbRemediationStore } from "../../../shared/remediation/dynamodb-store.ts";
import { describeWatchStore } from "../../after-care/watch-store-contract.ts";
import { describeExemptionStore } from "../../exemptions/store-contract.ts";
import { describeStore } from "../../findings/store-contract.ts";
import { describeBreakerStore } from "../../remediation/breaker-store-contract.ts";
import { describeRemediationStore } from "../../remediation/store-contract.ts";
import { sandboxDynamoDb } from "../../support/sandbox-table.ts";

// The program's own adapters, held to their contracts on the sandbox's DynamoDB as on dynalite.

const { client, createTable } = sandboxDynamoDb();
const on =
  <T>(create: (options: { client: typeof client; table: string }) => T) =>
  async () =>
    create({ client, table: await createTable() });

describe("findings", () => describeStore(on(createDynamoDbStore)));
describe("exemptions", () => describeExemptionStore(on(createDynamoDbExemptionStore)));
describe("remediations", () => describeRemediationStore(on(createDynamoDbRemediationStore)));
describe("breakers", () => describeBreakerStore(on(createDynamoDbBreakerStore)));
describe("watches", () => describeWatchStore(on(createDynamoDbWatchStore)));
