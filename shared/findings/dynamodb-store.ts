import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import { accountKey, answered, refusedCondition } from "./answered.ts";
import { boundSweep } from "./bounds.ts";
import { documentsOf } from "./documents.ts";
import type { Finding } from "./finding.ts";
import {
  findingFromItem,
  findingToItem,
  isActive,
  populationFromItem,
  populationOf,
  reporting,
  sweepFromItem,
  undeliveredSince,
} from "./item.ts";
import type { AccountPopulation, FindingStore, ForgetFindingAt } from "./store.ts";
import { expiring, indexes, lookedUpMs } from "./table.ts";
import { verificationsFromItem, verificationsToItem } from "./verifications-item.ts";
import { putVersion } from "./versioned.ts";

type Item = Record<string, unknown>;

const shards = 8;
/** Base table reads that `undelivered` makes at once. */
const readsAtOnce = 25;

/**
 * Findings in a DynamoDB table made from `findingTableDefinition`, which explains the keys. Throttled calls are retried by
 * the client's own strategy; what still fails is a `ThrottledError` or `StoreError` with the cause.
 * @param options.forgetAt when a finding that is put may be forgotten. Absent: never
 */
export const createDynamoDbStore = (options: {
  client: DynamoDBClient;
  table: string;
  forgetAt?: ForgetFindingAt | undefined;
}): FindingStore => {
  const TableName = options.table;
  const client = documentsOf(options.client);

  async function* query(input: Omit<QueryCommandInput, "TableName">): AsyncGenerator<Item> {
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await answered(() => client.send(new QueryCommand({ TableName, ...input, ExclusiveStartKey })));
      yield* page.Items ?? [];
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }

  const under = (PK: string, prefix: string): Promise<Item[]> =>
    Array.fromAsync(
      query({
        KeyConditionExpression: "PK = :pk AND begins_with(SK, :prefix)",
        ExpressionAttributeValues: { ":pk": PK, ":prefix": prefix },
        ConsistentRead: true,
      }),
    );

  const item = async (PK: string, SK: string): Promise<Item | undefined> =>
    (await answered(() => client.send(new GetCommand({ TableName, Key: { PK, SK }, ConsistentRead: true })))).Item;

  const get = async (PK: string, SK: string): Promise<Finding | undefined> => {
    const stored = await item(PK, SK);
    return stored === undefined ? undefined : findingFromItem(stored);
  };

  const listActive = async (accountId: string): Promise<Finding[]> => {
    const items = query({
      IndexName: indexes.active,
      KeyConditionExpression: "PK = :pk",
      ExpressionAttributeValues: { ":pk": accountKey(accountId) },
      ConsistentRead: true,
    });
    return (await Array.fromAsync(items)).map(findingFromItem);
  };

  const waitingIn = (shard: string): AsyncGenerator<Item> =>
    query({
      IndexName: indexes.undelivered,
      KeyConditionExpression: "undeliveredShard = :shard",
      ExpressionAttributeValues: { ":shard": shard },
    });

  /** Accounts that this process entered already. */
  const entered = new Set<string>();
  /** Before the finding: an account entered for nothing costs one query, one left out would be forgotten once it is gone. */
  const enterAccount = async (accountId: string): Promise<void> => {
    if (entered.has(accountId)) return;
    const Item = { PK: accountsKey, SK: accountKey(accountId) };
    await answered(() => client.send(new PutCommand({ TableName, Item })));
    entered.add(accountId);
  };

  const keepPopulation = async (population: AccountPopulation): Promise<void> => {
    try {
      const put = new PutCommand({
        TableName,
        Item: { ...population, PK: populationsKey, SK: accountKey(population.accountId) },
        ConditionExpression: "attribute_not_exists(PK) OR countedAt < :at",
        ExpressionAttributeValues: { ":at": population.countedAt },
      });
      await answered(() => client.send(put));
    } catch (error) {
      // A later sweep's is there already.
      if (refusedCondition(error) === undefined) throw error;
    }
  };

  return {
    get: (accountId, id) => get(accountKey(accountId), findingKey(id)),
    put: async (finding) => {
      if (finding.status === "open") await enterAccount(finding.account.id);
      const Item = { ...withKeys(finding), ...expiring(await options.forgetAt?.(finding)) };
      await putVersion(client, { TableName, Item }, finding.version, `Finding ${finding.id}`);
    },
    listOpen: async (accountId) => (await listActive(accountId)).filter((finding) => finding.status === "open"),
    listAll: async (accountId) => (await under(accountKey(accountId), findingKey(""))).map(findingFromItem),
    beginningWith: async (accountId, idPrefix) =>
      (await under(accountKey(accountId), findingKey(idPrefix))).map(findingFromItem),
    listActive,
    undelivered: async function* ({ skip, unreadable } = {}) {
      const skipped = new Set([...(skip ?? [])].map(accountKey));
      const keys = merged(Array.from({ length: shards }, (_, shard) => waitingIn(`SHARD#${shard}`)));
      for await (const batch of chunked(keys, readsAtOnce)) {
        const wanted = batch.filter(({ PK }) => !skipped.has(String(PK)));
        const items = await Promise.all(wanted.map(({ PK, SK }) => item(String(PK), String(SK))));
        for (const stored of items) {
          if (stored === undefined) continue;
          const accountId = accountIn(stored.PK);
          const finding = reporting(unreadable, accountId, () => findingFromItem(stored));
          if (finding !== undefined && finding.outbox.length > 0) yield finding;
        }
      }
    },
    accountsWithFindings: async () => (await under(accountsKey, accountKey(""))).map(({ SK }) => accountIn(SK)),
    putSweep: async (sweep) => {
      const Item = {
        ...boundSweep(sweep),
        PK: `RUN#${sweep.runId}`,
        SK: accountKey(sweep.accountId),
        // The digest and the report ask for it, which can be made again for 14 days after the run.
        ...expiring(new Date(Date.parse(sweep.finishedAt) + lookedUpMs)),
      };
      await answered(() => client.send(new PutCommand({ TableName, Item })));
      const population = populationOf(sweep);
      if (population !== undefined) await keepPopulation(population);
    },
    putVerifications: async (verifications) => {
      const Item = {
        ...verificationsToItem(verifications),
        PK: accountKey(verifications.accountId),
        SK: verificationsKey,
        // IAM hands a report out for four hours.
        ...expiring(new Date(verifications.reportAt.getTime() + 24 * 3_600_000)),
      };
      await answered(() => client.send(new PutCommand({ TableName, Item })));
    },
    verifications: async (accountId) => {
      const stored = await item(accountKey(accountId), verificationsKey);
      return stored === undefined ? undefined : verificationsFromItem(stored);
    },
    populations: async () => (await under(populationsKey, accountKey(""))).map(populationFromItem),
    listSweeps: async (runId, { unreadable } = {}) =>
      (await under(`RUN#${runId}`, accountKey(""))).flatMap(
        (stored) => reporting(unreadable, accountIn(stored.SK), () => sweepFromItem(stored)) ?? [],
      ),
  };
};

/** The account that such a key names. */
const accountIn = (key: unknown): string => String(key).slice(accountKey("").length);
const accountsKey = "ACCOUNTS";
const populationsKey = "POPULATIONS";
const verificationsKey = "VERIFICATIONS";
const findingKey = (id: string): string => `FINDING#${id}`;

const withKeys = (finding: Finding): Item => {
  const since = undeliveredSince(finding);
  return {
    ...findingToItem(finding),
    PK: accountKey(finding.account.id),
    SK: findingKey(finding.id),
    ...(isActive(finding) ? { activeId: finding.id } : {}),
    ...(since === undefined
      ? {}
      : { undeliveredShard: `SHARD#${Number.parseInt(finding.id.slice(-4), 16) % shards}`, undeliveredSince: since }),
  };
};

/** Several streams of keys, each in order, as one in order. */
async function* merged(streams: readonly AsyncGenerator<Item>[]): AsyncGenerator<Item> {
  const heads = await Promise.all(streams.map(async (stream) => ({ stream, next: await stream.next() })));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads)
      if (!head.next.done && (first === undefined || since(head.next.value) < since(first.next.value))) first = head;
    if (first === undefined || first.next.done) return;
    yield first.next.value;
    first.next = await first.stream.next();
  }
}

const since = (item: Item | undefined): string => String(item?.undeliveredSince);

async function* chunked<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
