import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { useDynamoDb } from "../../support/findings-table.ts";
import { sandboxDynamoDb } from "../../support/sandbox-table.ts";

// The same requests to the sandbox and to dynalite: the same answers, or a refusal of the same name.

const dynalite = useDynamoDb();
const sandbox = sandboxDynamoDb();

const text = fc.constantFrom("a", "b", "ab", "A#1", "é");
const number = fc.integer({ min: -3, max: 12 }).map(String);
const scalar: fc.Arbitrary<AttributeValue> = fc.oneof(
  text.map((S) => ({ S })),
  number.map((N) => ({ N })),
  // To dynalite, but not to DynamoDB, false is in no list.
  fc.constant({ BOOL: true }),
  fc.constant({ NULL: true as const }),
);
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.array(scalar, { maxLength: 3 }).map((L) => ({ L })),
  fc.dictionary(fc.constantFrom("x", "y"), scalar).map((M) => ({ M })),
  fc.uniqueArray(text, { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
  fc.uniqueArray(number, { minLength: 1, maxLength: 3 }).map((NS) => ({ NS })),
);
const name = fc.constantFrom("p", "q", "r");
const path = fc.oneof(
  { weight: 4, arbitrary: name },
  name.map((one) => `${one}.x`),
  name.map((one) => `${one}[0]`),
);
const given = fc.constantFrom(":v", ":w");
const comparison = fc.oneof(
  fc.tuple(path, fc.constantFrom("=", "<>", "<", "<=", ">", ">="), given).map((parts) => parts.join(" ")),
  path.map((one) => `attribute_exists(${one})`),
  path.map((one) => `attribute_not_exists(${one})`),
  fc.tuple(path, given).map(([one, of]) => `contains(${one}, ${of})`),
  path.map((one) => `${one} IN (:v, :w)`),
  path.map((one) => `size(${one}) > :n`),
);
const condition: fc.Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { weight: 3, arbitrary: comparison },
    tie("any").map((one) => `NOT (${one})`),
    fc.tuple(tie("any"), fc.constantFrom("AND", "OR"), tie("any")).map(([a, word, b]) => `(${a}) ${word} ${b}`),
  ),
})).any;
const assignment = fc.oneof(
  fc.tuple(path, given).map(([one, of]) => `${one} = ${of}`),
  fc.tuple(path, path).map(([one, of]) => `${one} = ${of}`),
  fc.tuple(name, fc.constantFrom("+", "-")).map(([one, sign]) => `${one} = ${one} ${sign} :n`),
  fc.tuple(name, path, given).map(([one, of, other]) => `${one} = if_not_exists(${of}, ${other})`),
  fc.tuple(name, given).map(([one, of]) => `${one} = list_append(${one}, ${of})`),
);
const clauses = [
  assignment.map((one) => `SET ${one}`),
  path.map((one) => `REMOVE ${one}`),
  fc.tuple(name, given).map(([one, of]) => `ADD ${one} ${of}`),
  fc.tuple(name, given).map(([one, of]) => `DELETE ${one} ${of}`),
];
const update = fc
  .tuple(fc.subarray([0, 1, 2, 3], { minLength: 1, maxLength: 2 }), ...clauses)
  .map(([which, ...all]) => which.map((index) => all[index]).join(" "));

const Key = { PK: { S: "partition" }, SK: { S: "item" } };
/** Only what an expression names, since more is an error. */
const valuesIn = (expressions: string, values: Record<string, AttributeValue>) => {
  const used = Object.entries(values).filter(([one]) => new RegExp(`${one}\\b`).test(expressions));
  return used.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(used) };
};

type Answer = { readonly error: string } | Record<string, unknown>;
const answerOf = async (call: Promise<object>): Promise<Answer> => {
  try {
    const { $metadata, ...answer } = (await call) as Record<string, unknown>;
    return answer;
  } catch (error) {
    return { error: Object(error).name };
  }
};
/** Sets have no order, and DynamoDB writes numbers in a form of its own. */
const plain = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (key, one) => (key === "SS" || key === "NS" ? one.toSorted() : one));

const both = async (ask: (client: DynamoDBClient, table: string) => Promise<object>): Promise<void> => {
  const ours = await answerOf(ask(sandbox.client, await ourTable));
  const theirs = await answerOf(ask(dynalite().client, await theirTable()));
  expect(plain(ours)).toEqual(plain(theirs));
};
const ourTable = sandbox.createTable();
let made: Promise<string> | undefined;
const theirTable = (): Promise<string> => {
  made ??= dynalite().createTable();
  return made;
};
const put = (Item: Record<string, AttributeValue>) =>
  both((client, TableName) => client.send(new PutItemCommand({ TableName, Item: { ...Item, ...Key } })));
const attributes = fc.dictionary(name, value);
const operands = fc.record({ ":v": value, ":w": scalar, ":n": number.map((N) => ({ N })) });

describe("the sandbox's DynamoDB answers as dynalite does", () => {
  it("to puts under conditions", { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(attributes, condition, operands, async (before, ConditionExpression, values) => {
        await put(before);
        const Item = { ...Key, after: { BOOL: true } };
        const input = { Item, ConditionExpression, ...valuesIn(ConditionExpression, values) };
        await both((client, TableName) => client.send(new PutItemCommand({ TableName, ...input })));
      }),
      { numRuns: 100 },
    ),
  );

  it("to updates", { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(attributes, update, operands, async (before, UpdateExpression, values) => {
        await put(before);
        const input = {
          Key,
          UpdateExpression,
          ReturnValues: "ALL_NEW" as const,
          ...valuesIn(UpdateExpression, values),
        };
        await both((client, TableName) => client.send(new UpdateItemCommand({ TableName, ...input })));
        await both((client, TableName) => client.send(new GetItemCommand({ TableName, Key })));
      }),
      { numRuns: 100 },
    ),
  );

  let run = 0;
  // What has the same range key in an index has no order there.
  const row = fc.record(
    {
      SK: fc.constantFrom("a", "ab", "b", "B", "é", "z"),
      activeId: text,
      undeliveredShard: fc.constantFrom("s", "t"),
      undeliveredSince: text,
    },
    { requiredKeys: ["SK"] },
  );
  const queries = fc.record(
    {
      KeyConditionExpression: fc.constantFrom(
        "PK = :pk",
        "PK = :pk AND begins_with(SK, :sk)",
        "PK = :pk AND SK > :sk",

        "SK = :sk",
        "PK = :pk AND SK BETWEEN :sk AND :top",
        "PK = :pk AND activeId = :sk",
        "undeliveredShard = :s",
      ),
      IndexName: fc.constantFrom("active", "undelivered", "nothing"),
      ScanIndexForward: fc.boolean(),
      Limit: fc.integer({ min: 1, max: 4 }),
      ConsistentRead: fc.boolean(),
    },
    { requiredKeys: ["KeyConditionExpression"] },
  );

  it("to queries, page by page", { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(fc.uniqueArray(row, { selector: ({ SK }) => SK }), queries, async (rows, ask) => {
        run += 1;
        const PK = { S: `partition-${run}` };
        for (const one of rows) {
          const Item = {
            PK,
            ...Object.fromEntries(
              Object.entries(one).map(([key, S]) => [
                key,
                { S: /^activeId|Since$/.test(key) ? `${S}${one.SK}` : String(S) },
              ]),
            ),
          };
          await both((client, TableName) => client.send(new PutItemCommand({ TableName, Item })));
        }
        const all = { ":pk": PK, ":sk": { S: "a" }, ":top": { S: "z" }, ":s": { S: "s" } };
        const input = { ...ask, ...valuesIn(ask.KeyConditionExpression, all) } as Omit<QueryCommandInput, "TableName">;
        await both((client, TableName) => client.send(new QueryCommand({ TableName, ...input })));
        const pages = async (client: DynamoDBClient, TableName: string) => {
          const found: unknown[] = [];
          let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
          do {
            const page = await client.send(new QueryCommand({ TableName, ...input, ExclusiveStartKey }));
            found.push(...(page.Items ?? []));
            ExclusiveStartKey = page.LastEvaluatedKey;
          } while (ExclusiveStartKey !== undefined);
          return { found };
        };
        await both(pages);
        for (const { SK } of rows)
          await both((client, TableName) =>
            client.send(new DeleteItemCommand({ TableName, Key: { PK, SK: { S: SK } } })),
          );
      }),
      { numRuns: 40 },
    ),
  );

  const refused: Record<string, (client: DynamoDBClient, TableName: string) => Promise<object>> = {
    "a key too few": (client, TableName) => client.send(new GetItemCommand({ TableName, Key: { PK: { S: "x" } } })),
    "a key of another type": (client, TableName) =>
      client.send(new GetItemCommand({ TableName, Key: { PK: { N: "1" }, SK: { S: "x" } } })),
    "an item without its key": (client, TableName) =>
      client.send(new PutItemCommand({ TableName, Item: { PK: { S: "x" } } })),
    "a table that is not there": (client) => client.send(new GetItemCommand({ TableName: "nothing", Key })),
    "an item that is too large": (client, TableName) =>
      client.send(new PutItemCommand({ TableName, Item: { ...Key, p: { S: "x".repeat(410_000) } } })),
    "an expression that is none": (client, TableName) =>
      client.send(new PutItemCommand({ TableName, Item: Key, ConditionExpression: "p = = :v" })),
    "an update of a key": (client, TableName) =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: "SET SK = :v",
          ExpressionAttributeValues: { ":v": { S: "y" } },
        }),
      ),
  };
  it.each(Object.entries(refused))("to %s", async (_, ask) => {
    await both(ask);
    expect(await answerOf(ask(sandbox.client, await ourTable))).toHaveProperty("error");
  });
});

describe("the sandbox's DynamoDB", () => {
  it("refuses what it does not know instead of passing over it", async () => {
    const TableName = await ourTable;
    const ask = sandbox.client.send(new GetItemCommand({ TableName, Key, ProjectionExpression: "p" }));
    await expect(ask).rejects.toThrow("the sandbox does not know ProjectionExpression here");
  });
});
