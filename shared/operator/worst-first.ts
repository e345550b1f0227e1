import * as z from "zod";
import { severities } from "../control.ts";
import { MalformedInputError, MalformedRequestError } from "../errors.ts";
import type { Finding } from "../findings/finding.ts";
import type { FindingStore } from "../findings/store.ts";
import { byCodeUnit } from "../order.ts";

/** Behind a finding of an account: its severity's rank, when it opened, its id. Behind the whole account: its id alone. */
const placeSchema = z.union([
  z.tuple([z.string()]),
  z.tuple([z.string(), z.int().nonnegative(), z.string(), z.string()]),
]);
type Place = z.output<typeof placeSchema>;

/** Where a list goes on, as text that only `readCursor` has to understand. */
export const writeCursor = (place: Place): string => Buffer.from(JSON.stringify(place)).toString("base64url");

/** @throws MalformedRequestError */
const readCursor = (cursor: string): Place => {
  try {
    return placeSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch (cause) {
    throw new MalformedRequestError("cursor: is none; write what an earlier answer gave, or leave it out", { cause });
  }
};

export interface Walk {
  /** Absent: every account that ever had a finding. */
  readonly accounts?: readonly string[];
  /** What is read of an account: what is open; with that, what has something left to be done; or all that ever was. */
  readonly read: "open" | "active" | "all";
  readonly wanted: (finding: Finding) => boolean;
  readonly cursor?: string;
}

export interface Step {
  readonly place: Place;
  /** Absent where an account is done. */
  readonly finding?: Finding;
  /** Findings that were read so far, wanted or not. */
  readonly read: number;
  /** Why an account's findings could not be read, of which one is not what this version knows. */
  readonly unreadable?: { readonly account: string; readonly why: string };
}

/**
 * Walks through findings account by account, in each the worst first, then the oldest. Each account is read as a whole when
 * it is reached, also to go on within it. What changes between two walks may be missed by the second, or seen twice.
 */
export async function* worstFirst(store: FindingStore, walk: Walk): AsyncGenerator<Step> {
  const after = walk.cursor === undefined ? undefined : readCursor(walk.cursor);
  const all = await store.accountsWithFindings();
  const accounts = walk.accounts === undefined ? all : all.filter((id) => walk.accounts?.includes(id));
  let read = 0;
  for (const account of accounts) {
    if (after && (account < after[0] || (account === after[0] && after.length === 1))) continue;
    let findings: readonly Finding[] = [];
    let unreadable: Step["unreadable"];
    try {
      findings = await listed(store, walk, account);
    } catch (error) {
      if (!(error instanceof MalformedInputError)) throw error;
      unreadable = { account, why: error.message };
    }
    read += findings.length;
    const places = findings
      .filter(walk.wanted)
      .map((finding) => ({ finding, place: placeOf(finding) }))
      .sort((a, b) => inOrder(a.place, b.place));
    for (const { finding, place } of places) {
      if (after?.length === 4 && account === after[0] && inOrder(place, after) <= 0) continue;
      yield { place, finding, read };
    }
    yield { place: [account], read, ...(unreadable && { unreadable }) };
  }
}

const listed = (store: FindingStore, { read }: Walk, account: string): Promise<readonly Finding[]> => {
  if (read === "all") return store.listAll(account);
  return read === "active" ? store.listActive(account) : store.listOpen(account);
};

type FindingPlace = Extract<Place, { readonly length: 4 }>;

const placeOf = ({ account, severity, openedAt, id }: Finding): FindingPlace => [
  account.id,
  severities.indexOf(severity),
  openedAt,
  id,
];

const inOrder = (a: FindingPlace, b: FindingPlace): number =>
  a[1] - b[1] || byCodeUnit(a[2], b[2]) || byCodeUnit(a[3], b[3]);
