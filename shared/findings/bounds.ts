import type { Evidence, Json } from "../control.ts";
import type { Actor, HistoryEntry, RepairStanding } from "./finding.ts";
import type { AccountSweep } from "./store.ts";

// An item of the table may have 400 KB and is charged by the KB. What comes from AWS is small, but nothing promises it.

/** Entries of a finding's history. */
export const historyLimit = 50;
/** Event ids of an activity finding: a duplicate that arrives after this many other records counts twice. */
export const eventIdLimit = 100;
export const episodeLimit = 20;
/** Actions that a repaired finding names as denied since. */
export const deniedLimit = 20;
const lossLimit = 50;
const evidenceBytes = 16_384;

/** `text` with at most `limit` UTF-16 units, cut between characters and marked where it was cut. */
export const cut = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  const end = text.codePointAt(limit - 2);
  return `${text.slice(0, end !== undefined && end > 0xffff ? limit - 2 : limit - 1)}…`;
};

/** A reason as it is stored: at most 1,000 characters. */
export const boundReason = (reason: string): string => cut(reason, 1_000);

/**
 * Evidence as plain JSON of at most 16 KB. What is too long is cut, what then does not fit is left out, and
 * `evidenceTruncated: true` says so.
 */
export const boundEvidence = (evidence: Evidence): Evidence => {
  const text = JSON.stringify(evidence);
  if (Buffer.byteLength(text) <= evidenceBytes) return JSON.parse(text);
  const kept: Record<string, Json> = {};
  let size = 100;
  for (const [key, value] of Object.entries(evidence)) {
    const short = shorten(value, 3);
    const length = Buffer.byteLength(JSON.stringify({ [key]: short }));
    if (size + length > evidenceBytes) continue;
    size += length;
    kept[key] = short;
  }
  return { ...kept, evidenceTruncated: true };
};

const shorten = (value: Json | undefined, depth: number): Json => {
  if (typeof value === "string") return cut(value, 500);
  if (value === null || typeof value !== "object") return value ?? null;
  if (depth === 0) return "…";
  if (Array.isArray(value)) {
    const items = value.slice(0, 20).map((item) => shorten(item, depth - 1));
    return value.length > 20 ? [...items, `… and ${value.length - 20} more`] : items;
  }
  const entries = Object.entries(value).slice(0, 20);
  return Object.fromEntries(entries.map(([key, item]) => [cut(key, 200), shorten(item, depth - 1)]));
};

/** What people decided and what was done: whoever breaks and mends something by turns must not push it out. */
const lasting: ReadonlySet<HistoryEntry["what"]> = new Set([
  "acknowledged",
  "approved",
  "exempted",
  "exemptionEnded",
  "repaired",
  "undone",
]);
/** So many of those outlast whatever else comes. */
const lastingLimit = 20;

/**
 * The first entry and the latest, and before those the latest of what people decided and of what was done; with reasons of at
 * most 300 characters.
 */
export const boundHistory = (history: readonly HistoryEntry[]): readonly HistoryEntry[] => {
  const [first, ...rest] = history;
  const proof = new Set(rest.filter(({ what }) => lasting.has(what)).slice(-lastingLimit));
  const room = historyLimit - 1 - proof.size;
  const latest = new Set(rest.filter((entry) => !proof.has(entry)).slice(-room));
  const kept = first === undefined ? [] : [first, ...rest.filter((entry) => proof.has(entry) || latest.has(entry))];
  return kept.map((entry) => ({
    ...entry,
    ...(entry.reason === undefined ? {} : { reason: cut(entry.reason, 300) }),
    ...(entry.by === undefined ? {} : { by: cut(entry.by, 300) }),
  }));
};

/** An actor whose every field has at most 500 characters (a user agent is the caller's to choose). */
export const boundActor = (actor: Actor): Actor => {
  const { eventName, eventId, at, ...rest } = actor;
  const optional = Object.entries(rest).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, cut(value, 500)] as const],
  );
  return { ...Object.fromEntries(optional), eventName: cut(eventName, 500), eventId: cut(eventId, 500), at };
};

/** The standing of a repair with at most 50 losses and 20 denied actions. */
export const boundRepair = (repair: RepairStanding): RepairStanding => ({
  ...repair,
  why: boundReason(repair.why),
  ...(repair.losses && { losses: repair.losses.slice(0, lossLimit) }),
  ...(repair.denied && { denied: repair.denied.slice(0, deniedLimit).map((action) => cut(action, 130)) }),
});

/** A sweep's result with at most 50 causes and 50 gaps of 500 characters each; what was left out is counted in the last. */
export const boundSweep = (sweep: AccountSweep): AccountSweep => {
  const { error, ...rest } = sweep;
  const others = sweep.unknownCauses.slice(49);
  const causes =
    others.length <= 1
      ? sweep.unknownCauses
      : [
          ...sweep.unknownCauses.slice(0, 49),
          { cause: `${others.length} other causes`, count: others.reduce((sum, { count }) => sum + count, 0) },
        ];
  const gaps =
    sweep.gaps.length <= 50
      ? sweep.gaps
      : [...sweep.gaps.slice(0, 49), `and ${sweep.gaps.length - 49} more reads that failed`];
  return {
    ...rest,
    ...(error === undefined ? {} : { error: cut(error, 2_000) }),
    unknownCauses: causes.map(({ cause, count }) => ({ cause: cut(cause, 500), count })),
    gaps: gaps.map((gap) => cut(gap, 500)),
  };
};
