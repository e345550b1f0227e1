import type { Activity } from "../control.ts";
import type { CloudTrailRecord } from "../events/record.ts";
import { ownersOfAccount } from "../facts/owners.ts";
import type { Judgement } from "../judgement/judgement.ts";
import type { AccountRef } from "../subject.ts";
import { actorOf } from "./actor.ts";
import { boundActor, cut, episodeLimit, eventIdLimit } from "./bounds.ts";
import { changeFinding } from "./change.ts";
import { exempted, exemptionEnded } from "./exemption-transition.ts";
import { type Actor, type Finding, type FindingExemption, findingId, isViolationNews } from "./finding.ts";
import type { FindingStore } from "./store.ts";
import {
  entered,
  isSuccessor,
  isWorse,
  later,
  opened,
  pending,
  reopened,
  resolved,
  seenAgain,
  type Telling,
  withoutViolationNews,
} from "./transition.ts";

/** How a judgement came about, and what is known already. */
export interface ReconcileOptions extends Telling {
  /**
   * The account's open findings by id, read before the facts were: a sweep then pays only for what changes. A verdict that
   * changes nothing of them is neither read nor written.
   */
  readonly open?: ReadonlyMap<string, Finding>;
  /**
   * Who excuses a subject from a control; `undefined` if nobody does. Absent where nobody could ask: then what is excused
   * stays so, and nothing else is.
   */
  readonly excused?: Excused;
}

/** The exemption that holds for a finding now; `exemption` is the one that did. */
export type Excused = (
  finding: Pick<Finding, "account" | "control" | "subject" | "exemption">,
) => FindingExemption | undefined;

/**
 * Brings the finding of a judgement up to date: opens, updates, escalates, resolves or reopens it, with what has to be told
 * about it in the same write. Gives back the finding as it is now, `undefined` if there is none. However often and by
 * however many it is called for one violation, one finding opens and one notice is due; whoever is given a finding with
 * something in its outbox may deliver it.
 *
 * An unknown verdict changes nothing, and neither does one from facts older than those the finding rests on. The finding
 * of a violation that is just the same is not written, so `observedAt` is the time of the last change.
 */
export const reconcile = async (
  store: FindingStore,
  judgement: Judgement,
  options: ReconcileOptions,
): Promise<Finding | undefined> => {
  const id = findingId(judgement.account.id, judgement.control, judgement.subject);
  const known = options.open && { finding: options.open.get(id) };
  return changeFinding(
    store,
    judgement.account.id,
    id,
    (finding) => excusing(finding, judged(finding, judgement, options), options),
    known,
  );
};

/** What was judged, with the exemption that holds for it: one write, one version. */
export const excusing = (
  before: Finding | undefined,
  finding: Finding | undefined,
  options: Telling & { readonly excused?: Excused },
): Finding | undefined => {
  if (finding?.status !== "open" || options.excused === undefined) return finding;
  const exemption = options.excused(finding);
  const base = { ...finding, version: before?.version ?? 0 };
  const next = exemption ? exempted(base, exemption, options) : exemptionEnded(base, options);
  const changed = next === base ? finding : next;
  // Whoever excuses a violation need not hear that it got worse.
  if (exemption === undefined || !changed.outbox.some(({ kind }) => isViolationNews(kind))) return changed;
  return { ...changed, outbox: withoutViolationNews(changed) };
};

const judged = (finding: Finding | undefined, judgement: Judgement, telling: Telling): Finding | undefined => {
  const { verdict, asOf } = judgement;
  if (verdict.outcome === "unknown") return finding;
  if (finding !== undefined && asOf.getTime() < Date.parse(finding.observedAt)) return finding;
  if (verdict.outcome === "violation") {
    const seen = { ...judgement, reason: verdict.reason, evidence: verdict.evidence };
    if (finding === undefined) return opened(seen, telling);
    const isKnown = finding.status === "open" && !isSuccessor(finding, seen);
    return isKnown ? seenAgain(finding, seen, telling) : reopened(finding, seen, telling);
  }
  if (finding?.status !== "open") return finding;
  const reason = verdict.outcome === "compliant" ? "It complies now." : verdict.reason;
  return resolved(finding, reason, asOf, telling);
};

/**
 * Adds a CloudTrail record to its activity finding. Records of one episode are one finding with a count, told once; a new
 * episode is told as recurred, or as reopened after the finding was resolved; a record that came already counts once. Of an
 * episode that was told and resolved, what had begun by then only counts, unless it is worse than what was told.
 */
export const reconcileActivity = (
  store: FindingStore,
  account: AccountRef,
  control: string,
  activity: Activity,
  record: CloudTrailRecord,
  options: NotingOptions,
): Promise<Finding | undefined> => {
  // A record from the future would keep the finding from ever going quiet.
  const at = new Date(Math.min(record.eventTime.getTime(), options.now.getTime()));
  // A replayed record may lack its id.
  const id = record.eventId || `${record.eventName} at ${at.toISOString()}`;
  return noteActivity(store, account, control, activity, { id, at, usedAt: at, actor: actorOf(record) }, options);
};

interface NotingOptions {
  readonly now: Date;
  readonly excused?: Excused;
}

/** What tells of an activity: a record, or the trace that one would belong to. */
export interface Occurrence {
  /** Tells it from others: what has come already counts once. */
  readonly id: string;
  /** From when the finding's quiet counts. */
  readonly at: Date;
  readonly usedAt: Date;
  readonly actor?: Actor;
}

/** Adds to an activity finding what tells of it, as `reconcileActivity` does a record. */
export const noteActivity = (
  store: FindingStore,
  account: AccountRef,
  control: string,
  activity: Activity,
  { id, at: eventTime, usedAt, actor }: Occurrence,
  options: NotingOptions,
): Promise<Finding | undefined> => {
  const telling: Telling = { now: options.now, delivery: "single", ...(actor && { actor }) };
  const { isAttempt, ...observed } = activity;
  const owners = ownersOfAccount(account);
  // Where the account's tag could not be read, whoever was known as its owner still is.
  const seen = { ...observed, account, control, asOf: eventTime, ...(owners.length > 0 && { owners }) };
  const episode = cut(activity.episode, 200);
  const eventId = cut(id, 100);

  return changeFinding(store, account.id, findingId(account.id, control, activity.subject), (finding) => {
    const before: NonNullable<Finding["activity"]> = finding?.activity ?? {
      count: 0,
      episodes: [],
      lastAt: eventTime.toISOString(),
      eventIds: [],
    };
    if (before.eventIds.includes(eventId)) return finding;
    const isNew = !before.episodes.includes(episode) || isAfterResolution(finding, activity.startedAt);
    const next = active(finding, isNew, { ...seen, telling });
    const restarts = next.status === "open" && finding?.status !== "open";
    const counted: Finding = {
      ...next,
      activity: {
        count: restarts ? 1 : before.count + 1,
        episodes: isNew ? entering(before.episodes, episode) : before.episodes,
        lastAt: later(before.lastAt, eventTime),
        ...lastUse(before.lastUseAt, isAttempt ? undefined : usedAt),
        ...(isAttempt && (restarts || before.onlyAttempts) && { onlyAttempts: true }),
        eventIds: [...before.eventIds, eventId].slice(-eventIdLimit),
      },
    };
    return excusing(finding, counted, { ...telling, excused: options.excused });
  });
};

const lastUse = (before: string | undefined, usedAt: Date | undefined): { readonly lastUseAt?: string } => {
  if (usedAt === undefined) return before === undefined ? {} : { lastUseAt: before };
  return { lastUseAt: before === undefined ? usedAt.toISOString() : later(before, usedAt) };
};

/** Whoever resolved a finding, an acknowledgement above all, has not seen what began later, be it in the same hour. */
const isAfterResolution = (finding: Finding | undefined, startedAt: Date): boolean =>
  finding?.resolvedAt !== undefined && startedAt.getTime() > Date.parse(finding.resolvedAt);

const entering = (episodes: readonly string[], episode: string): readonly string[] =>
  [...episodes.filter((one) => one !== episode), episode].slice(-episodeLimit);

const active = (
  finding: Finding | undefined,
  isNew: boolean,
  seen: Parameters<typeof opened>[0] & { readonly telling: Telling },
): Finding => {
  const { telling, ...observation } = seen;
  if (finding === undefined) return opened(observation, telling);
  const escalates = isWorse(seen.severity, finding.severity);
  if (finding.status === "resolved" && (isNew || escalates)) return reopened(finding, observation, telling);
  if (finding.status === "open" && escalates) return seenAgain(finding, observation, telling);
  const counted: Finding = {
    ...finding,
    observedAt: later(finding.observedAt, seen.asOf),
    version: finding.version + 1,
  };
  if (finding.status === "resolved" || !isNew) return counted;
  // The finding tells of its latest episode, at the severity of the worst.
  const again: Finding = {
    ...seenAgain(counted, { ...observation, severity: finding.severity }, telling),
    actor: telling.actor && boundActor(telling.actor),
    version: counted.version,
  };
  return {
    ...again,
    history: entered(again, {
      at: telling.now.toISOString(),
      what: "recurred",
      reason: again.reason,
      by: telling.actor?.arn,
    }),
    outbox: pending(again, "recurred", again.reason, telling),
  };
};

const quietHours = 24;

/**
 * Resolves an activity finding that saw no record for 24 hours. That is news for the digest, not for the night: nothing was
 * repaired, it only went quiet.
 */
export const resolveQuiet = (
  store: FindingStore,
  { account, id }: Finding,
  now: Date,
  runId?: string,
): Promise<Finding | undefined> =>
  changeFinding(store, account.id, id, (finding) => {
    if (finding?.status !== "open" || finding.activity === undefined) return finding;
    const quietMs = now.getTime() - Date.parse(finding.activity.lastAt);
    if (quietMs < quietHours * 3_600_000) return finding;
    const telling: Telling = { now, delivery: "digest", runId, calm: true };
    return resolved(
      finding,
      `No further activity for ${quietHours} hours.`,
      new Date(finding.activity.lastAt),
      telling,
    );
  });

/**
 * Records that somebody has seen an open finding and takes it on. That resolves an activity finding, and the others are
 * told; the finding of a state that still violates stays open, with the acknowledgement in its history. `undefined` if
 * there is no such finding.
 */
export const acknowledge = (
  store: FindingStore,
  accountId: string,
  id: string,
  by: string,
  now: Date,
): Promise<Finding | undefined> =>
  changeFinding(store, accountId, id, (finding) => {
    if (finding?.status !== "open") return finding;
    const who = cut(by, 300);
    const isKnown = finding.history.some(
      (entry) => entry.what === "acknowledged" && entry.by === who && entry.at >= finding.openedAt,
    );
    if (isKnown && finding.activity === undefined) return finding;
    const history = entered(finding, { at: now.toISOString(), what: "acknowledged", by: who });
    if (finding.activity === undefined) return { ...finding, history, version: finding.version + 1 };
    const telling: Telling = { now, delivery: "single" };
    return resolved({ ...finding, history }, `Acknowledged by ${who}.`, new Date(finding.observedAt), telling);
  });
