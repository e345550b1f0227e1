import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/** The indexes of the findings table. */
export const indexes = { active: "active", undelivered: "undelivered" } as const;

/**
 * The attribute that says when DynamoDB may forget an item, in seconds since 1970; only what has it is forgotten, within a few
 * days of that time. Until then readers show it, unless what it says is itself over (a watch).
 */
export const expiryAttribute = "expiresAt";

/** That an item may be forgotten then; `undefined`, or no time at all: never. */
export const expiring = (at: Date | undefined): { readonly [expiryAttribute]?: number } =>
  at === undefined || Number.isNaN(at.getTime()) ? {} : { [expiryAttribute]: Math.ceil(at.getTime() / 1000) };

/**
 * So long after it is over, in milliseconds, what no function asks for any more can still be looked up by a person: as long as
 * the functions' logs and the sweeps' runs, which tell the rest of it.
 */
export const lookedUpMs = 90 * 24 * 3_600_000;

/**
 * The findings table, as `CreateTable` takes it: infrastructure and tests make theirs from this one definition.
 *
 * | item | PK | SK | activeId | undeliveredShard | undeliveredSince |
 * |---|---|---|---|---|---|
 * | finding | `ACCOUNT#<account>` | `FINDING#<id>` | `<id>`, while open, untold or to be finished | `SHARD#<0…7>`, while untold | `<at>#<account>#<id>`, while untold |
 * | account that ever had an open finding | `ACCOUNTS` | `ACCOUNT#<account>` | | | |
 * | remediation of a finding | `ACCOUNT#<account>` | `REMEDIATION#<finding id>-<number>` | | | |
 * | principal watched after a repair | `ACCOUNT#<account>` | `AFTERCARE#<kind>/<name>#<remediation>` | | | |
 * | circuit breaker of an account in an hour | `ACCOUNT#<account>` | `BREAKER#<hour>` | | | |
 * | circuit breaker of the organization in an hour | `ORGANIZATION` | `BREAKER#<hour>` | | | |
 * | which reading of the organization is the latest whole one | `ORGANIZATION` | `READING` | | | |
 * | when somebody began to read the organization anew | `ORGANIZATION` | `READING-CLAIM` | | | |
 * | part of a reading of the organization | `ORGANIZATION#<reading>` | `PART#<number>` | | | |
 * | what was verified against an account's credential report | `ACCOUNT#<account>` | `VERIFICATIONS` | | | |
 * | exemption | `EXEMPTIONS` | `EXEMPTION#<id>` | | | |
 * | what was last counted in an account | `POPULATIONS` | `ACCOUNT#<account>` | | | |
 * | marks of an account | `MARKS` | `ACCOUNT#<account>` | | | |
 * | sweep of an account | `RUN#<run>` | `ACCOUNT#<account>` | | | |
 *
 * Forgotten are findings and their remediations if the settings say so (`shared/history/`), watches and verifications when they
 * are over, and exemptions, breakers and sweeps three months later.
 *
 * `active` is a local index, because only those can be read strongly consistently: the sweep that asks what is open in an
 * account sees what was opened a moment ago, and pays for what is open, not for everything that ever was. (It has to exist
 * from the table's creation, and limits one account's items to 10 GB: at 3 KB each, some three million.) `undelivered` spans
 * accounts, so it is global and lags by seconds; it holds keys alone, in shards so that a sweep of the organization does not
 * write one partition, and what it names is then read from the base table.
 */
export const findingTableDefinition = {
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: [
    { AttributeName: "PK", KeyType: "HASH" },
    { AttributeName: "SK", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "PK", AttributeType: "S" },
    { AttributeName: "SK", AttributeType: "S" },
    { AttributeName: "activeId", AttributeType: "S" },
    { AttributeName: "undeliveredShard", AttributeType: "S" },
    { AttributeName: "undeliveredSince", AttributeType: "S" },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: indexes.active,
      KeySchema: [
        { AttributeName: "PK", KeyType: "HASH" },
        { AttributeName: "activeId", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: indexes.undelivered,
      KeySchema: [
        { AttributeName: "undeliveredShard", KeyType: "HASH" },
        { AttributeName: "undeliveredSince", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
} satisfies Omit<CreateTableCommandInput, "TableName">;
