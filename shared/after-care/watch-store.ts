import * as z from "zod";
import { readItem } from "../findings/read-item.ts";

/** A principal that a repair took something away from. */
export interface WatchedPrincipal {
  readonly accountId: string;
  readonly kind: "user" | "role";
  readonly name: string;
}

/** For so long after a repair, what AWS denies its principal because of it is told. */
export const afterCareHours = 24;

/** A repair whose principal is watched: written before the first write of the repair, so that no denial comes before it. */
export interface Watch {
  readonly principal: WatchedPrincipal;
  readonly findingId: string;
  readonly remediationId: string;
  /** ISO 8601 in UTC. */
  readonly until: string;
}

/**
 * Which principals are watched after a repair. Two adapters, memory and DynamoDB, pass one contract suite
 * (`test/after-care/watch-store-contract.ts`). A table that does not answer is a `StoreError` or `ThrottledError`.
 */
export interface WatchStore {
  /** Keeps a watch; one of the same remediation is replaced. */
  put(watch: Watch): Promise<void>;
  /** The watches of a principal that are not over, ordered by remediation. Strongly consistent. */
  of(principal: WatchedPrincipal, now: Date): Promise<readonly Watch[]>;
}

const watchItem = z.object({
  principal: z.object({ accountId: z.string(), kind: z.enum(["user", "role"]), name: z.string() }),
  findingId: z.string(),
  remediationId: z.string(),
  until: z.string(),
});

/** @throws MalformedInputError if what is stored is not a watch */
export const watchFromItem = (item: Readonly<Record<string, unknown>>): Watch => readItem("watch", watchItem, item);

/** Whether a watch is not over. */
export const isOn = ({ until }: Watch, now: Date): boolean => now.getTime() < Date.parse(until);
