import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommand, UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { VersionConflictError } from "../errors.ts";
import { accountKey, answered, refusedCondition } from "../findings/answered.ts";
import { documentsOf } from "../findings/documents.ts";
import { readItem } from "../findings/read-item.ts";
import { expiring, expiryAttribute, lookedUpMs } from "../findings/table.ts";
import type { SubjectKind } from "../subject.ts";
import { type BreakerWindow, endOf, type Trip } from "./breaker.ts";
import { type BreakerStore, checkAllowance, type Take, tellingMs } from "./breaker-store.ts";

const keyOf = ({ scope, hour }: BreakerWindow) => ({
  PK: scope === "organization" ? "ORGANIZATION" : accountKey(scope.account),
  SK: `BREAKER#${hour}`,
});

/** In seconds since 1970. Once its hour is over a window holds nothing; that it tripped and who resumed is still told by it. */
const forgottenAt = ({ hour }: BreakerWindow): number | undefined =>
  expiring(new Date(Date.parse(endOf(hour)) + lookedUpMs))[expiryAttribute];

/** The attribute that counts the slots of a kind. */
const counters = {
  user: "users",
  accessKey: "accessKeys",
  role: "roles",
  root: "roots",
  account: "accounts",
  group: "groups",
  policy: "policies",
  oidcProvider: "oidcProviders",
  samlProvider: "samlProviders",
  serverCertificate: "serverCertificates",
  resource: "resources",
} as const satisfies Readonly<Record<SubjectKind, string>>;

/** The attribute that counts them all. */
const slots = "slots";
const count = z.int().nonnegative().default(0);

const windowItem = z.object({
  takers: z.set(z.string()).default(new Set()),
  trippedAt: z.string().optional(),
  trippedBy: z.string().default(""),
  slots: count,
  users: count,
  accessKeys: count,
  roles: count,
  roots: count,
  accounts: count,
  groups: count,
  policies: count,
  oidcProviders: count,
  samlProviders: count,
  serverCertificates: count,
  resources: count,
});

/** What a window's item says. */
interface Stored {
  readonly takers: ReadonlySet<string>;
  readonly trip: Trip | undefined;
  readonly total: number;
  ofKind(kind: SubjectKind): number;
}

/** Each try meets a write of somebody else's: a resume between our refusal and our trip. */
const maxTries = 5;

/** Circuit breakers in the findings table, which `findingTableDefinition` explains. Needs `dynamodb:UpdateItem`. */
export const createDynamoDbBreakerStore = (options: { client: DynamoDBClient; table: string }): BreakerStore => {
  const TableName = options.table;
  const client = documentsOf(options.client);

  /** Whether the condition held, and so the update was made. */
  const update = async (window: BreakerWindow, change: Partial<UpdateCommandInput>): Promise<boolean> => {
    try {
      await answered(() => client.send(new UpdateCommand({ ...change, TableName, Key: keyOf(window) })));
      return true;
    } catch (error) {
      if (refusedCondition(error) === undefined) throw error;
      return false;
    }
  };

  const read = async (window: BreakerWindow): Promise<Stored> => {
    const Key = keyOf(window);
    const { Item = {} } = await answered(() => client.send(new GetCommand({ TableName, Key, ConsistentRead: true })));
    const { takers, trippedAt, trippedBy, ...taken } = readItem("breaker", windowItem, { ...Item, ...Key });
    const trip = trippedAt === undefined ? undefined : { window, at: trippedAt, remediationId: trippedBy };
    return { takers, trip, total: taken[slots], ofKind: (kind) => taken[counters[kind]] };
  };

  /** Trips a window that has no room; `undefined` if somebody else changed it meanwhile. */
  const trip = async ({ window, remediationId, kind, allowance, at }: Take): Promise<Trip | undefined> => {
    const trippedAt = at.toISOString();
    const tripped = await update(window, {
      UpdateExpression: "SET trippedAt = :at, trippedBy = :id, #expiry = :expiry",
      ConditionExpression: "attribute_not_exists(trippedAt) AND (#total >= :total OR #kind >= :ofKind)",
      ExpressionAttributeNames: { "#kind": counters[kind], "#total": slots, "#expiry": expiryAttribute },
      ExpressionAttributeValues: {
        ":total": allowance.total,
        ":ofKind": allowance.ofKind,
        ":expiry": forgottenAt(window),
        ":at": trippedAt,
        ":id": remediationId,
      },
    });
    return tripped ? { window, at: trippedAt, remediationId } : undefined;
  };
  const keptChanging = ({ window, remediationId }: Take): VersionConflictError => {
    const { PK, SK } = keyOf(window);
    return new VersionConflictError(`The breaker ${PK} ${SK} kept changing while ${remediationId} asked for a slot`);
  };

  return {
    take: async (take) => {
      const { window, remediationId, kind, allowance } = take;
      checkAllowance(allowance);
      for (let tries = 0; tries < maxTries; tries++) {
        const taken = await update(window, {
          UpdateExpression: "ADD takers :id, #total :one, #kind :one SET #expiry = :expiry",
          ConditionExpression:
            "attribute_not_exists(trippedAt) AND (attribute_not_exists(takers) OR NOT contains(takers, :own)) AND (attribute_not_exists(#total) OR #total < :total) AND (attribute_not_exists(#kind) OR #kind < :ofKind)",
          ExpressionAttributeNames: { "#kind": counters[kind], "#total": slots, "#expiry": expiryAttribute },
          ExpressionAttributeValues: {
            ":total": allowance.total,
            ":ofKind": allowance.ofKind,
            ":expiry": forgottenAt(window),
            ":id": new Set([remediationId]),
            ":own": remediationId,
            ":one": 1,
          },
        });
        if (taken) return { outcome: "taken" };
        // The SDK repeats a write whose answer was lost: the slot that refuses it may be its own.
        const stored = await read(window);
        if (stored.takers.has(remediationId)) return { outcome: "taken" };
        const tripped = stored.trip ?? (await trip(take));
        if (tripped) return { outcome: "tripped", trip: tripped };
      }
      throw keptChanging(take);
    },
    look: async (take) => {
      const { window, remediationId, kind, allowance } = take;
      checkAllowance(allowance);
      for (let tries = 0; tries < maxTries; tries++) {
        const stored = await read(window);
        if (stored.takers.has(remediationId)) return { outcome: "room" };
        const hasRoom = stored.total < allowance.total && stored.ofKind(kind) < allowance.ofKind;
        if (stored.trip === undefined && hasRoom) return { outcome: "room" };
        const tripped = stored.trip ?? (await trip(take));
        if (tripped) return { outcome: "tripped", trip: tripped };
      }
      throw keptChanging(take);
    },
    claimTelling: ({ window, at }, now) =>
      update(window, {
        UpdateExpression: "SET claimedAt = :now",
        ConditionExpression:
          "trippedAt = :at AND attribute_not_exists(toldAt) AND (attribute_not_exists(claimedAt) OR claimedAt <= :lapsed)",
        ExpressionAttributeValues: {
          ":at": at,
          ":now": now.toISOString(),
          ":lapsed": new Date(now.getTime() - tellingMs).toISOString(),
        },
      }),
    markTold: async ({ window, at }, now) => {
      // Refused where an operator has resumed meanwhile: then there is nothing left to mark.
      await update(window, {
        UpdateExpression: "SET toldAt = :now",
        ConditionExpression: "trippedAt = :at",
        ExpressionAttributeValues: { ":at": at, ":now": now.toISOString() },
      });
    },
    tripOf: async (window) => (await read(window)).trip,
    resume: ({ window, at }, by, now) => {
      const names = Object.values(counters);
      return update(window, {
        UpdateExpression: `SET resumedBy = :by, resumedAt = :now REMOVE trippedAt, trippedBy, claimedAt, toldAt, #total, ${names.map((_, index) => `#k${index}`).join(", ")}`,
        ConditionExpression: "trippedAt = :at",
        ExpressionAttributeNames: {
          "#total": slots,
          ...Object.fromEntries(names.map((name, index) => [`#k${index}`, name])),
        },
        ExpressionAttributeValues: { ":at": at, ":by": by, ":now": now.toISOString() },
      });
    },
  };
};
