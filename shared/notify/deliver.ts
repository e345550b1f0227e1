import { controlById } from "../controls/catalogue.ts";
import { DeliveryError, MalformedInputError, messageOf } from "../errors.ts";
import { type Finding, isViolationNews, type OutboxEntry } from "../findings/finding.ts";
import { clearOutbox } from "../findings/outbox.ts";
import { isExempt } from "../findings/standing-of.ts";
import type { AccountSweep, FindingStore, ReportUnreadable } from "../findings/store.ts";
import type { AccountRef } from "../subject.ts";
import { coverageOf, createDigestBuilder } from "./digest.ts";
import { type ControlLookup, type Digest, type Notifier, toldIn } from "./notice.ts";

// Everything here publishes first and clears the outbox then. A crash between the two, or two deliveries at once, repeats a
// notice; nothing loses one. If publishing fails, the outbox stays as it is and the error is retryable.

export interface DeliverOptions {
  readonly now: Date;
  /** Default: the catalogue. */
  readonly controls?: ControlLookup;
}

/**
 * Tells what a finding has to be told of alone and at once; entries of a digest stay. Looks at the finding as it is stored
 * now: what somebody else told already is not told again. Gives back the finding as it then is.
 * @throws DeliveryError if the notice was not published
 */
export const deliverFinding = async (
  store: FindingStore,
  notifier: Notifier,
  finding: Finding,
  { now, controls = controlById }: DeliverOptions,
): Promise<Finding> => {
  if (!finding.outbox.some(isSingle)) return finding;
  const told = new Set<string>();
  let current = await store.get(finding.account.id, finding.id);
  for (;;) {
    // Each entry goes out with the finding as it is by then; what an earlier notice was merged into, or overtaken by, too.
    const entry = current?.outbox.find((one) => isSingle(one) && !told.has(one.id));
    if (current === undefined || entry === undefined) return current ?? finding;
    await notifier.publish({ kind: entry.kind, finding: current, entry, control: controls(current.control) });
    told.add(entry.id);
    current = await clearOutbox(store, current, entry, now);
  }
};

/** A sweep and its digest take no longer; what is older was left behind by a digest that failed. */
const digestOverdueMs = 6 * 3_600_000;
/** So many failures one after the other mean that the channel is down; a notice that it refuses says that it is not. */
const failuresInARow = 5;

/**
 * Tells what is still pending in all accounts, for the hourly run: single notices one by one, and, as one digest, what
 * a digest should have told more than six hours ago. A notice that fails does not keep the others.
 * @throws DeliveryError at the end, if something could not be told; it stays pending
 */
export const deliverUndelivered = async (
  store: FindingStore,
  notifier: Notifier,
  options: DeliverOptions,
): Promise<{ readonly told: number; readonly digest?: Digest }> => {
  let told = 0;
  let inARow = 0;
  const failures: unknown[] = [];
  const overdue = new Set<string>();
  const unreadable = new Map<string, string>();
  for await (const finding of store.undelivered({ unreadable: noting(unreadable) })) {
    if (finding.outbox.some((entry) => isOverdue(entry, options.now))) overdue.add(finding.account.id);
    if (!finding.outbox.some(isSingle)) continue;
    try {
      await deliverFinding(store, notifier, finding, options);
      told += 1;
      inARow = 0;
    } catch (error) {
      failures.push(error);
      inARow = error instanceof DeliveryError && error.refused ? 0 : inARow + 1;
      if (inARow === failuresInARow) break;
    }
  }
  let digest: Digest | undefined;
  if (overdue.size > 0 && inARow < failuresInARow)
    try {
      digest = await tellDigest(store, notifier, options, {
        accounts: [...overdue].sort(),
        sweeps: [],
        unreadable,
        isDue: (entry) => isOverdue(entry, options.now),
      });
    } catch (error) {
      failures.push(error);
    }
  failures.push(...unreadable.values());
  if (failures.length > 0)
    throw new DeliveryError(`Notices that could not be told: ${failures.length}, first: ${messageOf(failures[0])}`, {
      cause: failures[0],
    });
  return digest === undefined ? { told } : { told, digest };
};

/**
 * Tells a sweep run's one digest: what it found and resolved, what is open, what it could not see; with it goes whatever
 * earlier digests failed to tell. It is told even if there is no news: a digest that does not come means that nobody looked.
 * @param options.expected the accounts that the run set out to sweep: one without a result is told as not swept
 * @param options.departed other accounts whose findings the run resolved
 * @param options.report where the run's report will be
 * @throws DeliveryError if it was not published
 */
export const deliverDigest = async (
  store: FindingStore,
  notifier: Notifier,
  runId: string,
  options: DeliverOptions & {
    readonly expected?: readonly AccountRef[];
    readonly departed?: readonly string[];
    readonly report?: string | undefined;
  },
): Promise<Digest> => {
  const unreadableSweeps = new Map<string, string>();
  const sweeps = await store.listSweeps(runId, { unreadable: noting(unreadableSweeps) });
  // The accounts of the run are asked themselves, strongly consistently; the index adds what others left behind.
  const accounts = new Set([
    ...sweeps.map(({ accountId }) => accountId),
    ...unreadableSweeps.keys(),
    ...(options.expected ?? []).map(({ id }) => id),
    ...(options.departed ?? []),
  ]);
  const unreadable = new Map<string, string>();
  for await (const finding of store.undelivered({ skip: new Set(accounts), unreadable: noting(unreadable) }))
    if (finding.outbox.some((entry) => !isSingle(entry))) accounts.add(finding.account.id);
  return tellDigest(store, notifier, options, {
    accounts: [...accounts].sort(),
    runId,
    sweeps,
    unreadableSweeps,
    expected: options.expected,
    report: options.report,
    unreadable,
    isDue: (entry) => !isSingle(entry),
  });
};

const accountsAtOnce = 4;
const clearedAtOnce = 16;

const tellDigest = async (
  store: FindingStore,
  notifier: Notifier,
  { now, controls = controlById }: DeliverOptions,
  run: {
    readonly accounts: readonly string[];
    readonly runId?: string;
    readonly sweeps: readonly AccountSweep[];
    /** Accounts whose result in the run cannot be read, by id, and why. */
    readonly unreadableSweeps?: ReadonlyMap<string, string>;
    readonly expected?: readonly AccountRef[];
    readonly report?: string | undefined;
    /** Accounts whose findings cannot be read, by id, and why: those known so far. What else is found is added. */
    readonly unreadable: Map<string, string>;
    readonly isDue: (entry: OutboxEntry) => boolean;
  },
): Promise<Digest> => {
  const since = run.sweeps.map(({ startedAt }) => startedAt).sort()[0];
  const builder = createDigestBuilder(controls, now);
  const due: { readonly finding: Pick<Finding, "account" | "id">; readonly entries: readonly OutboxEntry[] }[] = [];
  await inParallel(run.accounts, accountsAtOnce, async (accountId) => {
    for (const finding of await readable(store, accountId, noting(run.unreadable))) {
      const entries = finding.outbox.filter(run.isDue);
      if (entries.length > 0) due.push({ finding: { account: { id: accountId }, id: finding.id }, entries });
      // What is over, and waits to be told singly or to be finished, is none of the digest's unless it is held.
      if (entries.length === 0 && finding.status !== "open" && finding.repair?.state !== "held") continue;
      const isNew =
        since !== undefined &&
        finding.severity === "critical" &&
        finding.status === "open" &&
        finding.openedAt >= since &&
        !isExempt(finding, now);
      builder.add(finding, entries, { alone: isNew && !entries.some(({ kind }) => isViolationNews(kind)) });
    }
  });
  const coverage = coverageOf(run.sweeps, run);
  const digest = builder.digest({ runId: run.runId, at: now.toISOString(), report: run.report, coverage });
  if (run.runId === undefined && toldIn(digest) === 0) return digest;
  await notifier.publish({ kind: "digest", digest });
  await inParallel(due, clearedAtOnce, async ({ finding, entries }) => {
    for (const entry of entries) await clearOutbox(store, finding, entry, now);
  });
  return digest;
};

const noting =
  (unreadable: Map<string, string>): ReportUnreadable =>
  (accountId, error) => {
    unreadable.set(accountId, messageOf(error));
  };

/** One finding that cannot be read is no reason to keep the news of all other accounts from everybody. */
const readable = async (
  store: FindingStore,
  accountId: string,
  note: ReportUnreadable,
): Promise<readonly Finding[]> => {
  try {
    return await store.listActive(accountId);
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
    note(accountId, error);
    return [];
  }
};

const isSingle = (entry: OutboxEntry): boolean => entry.delivery === "single";

const isOverdue = (entry: OutboxEntry, now: Date): boolean =>
  entry.delivery === "digest" && now.getTime() - Date.parse(entry.at) > digestOverdueMs;

const inParallel = async <T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> => {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of rest) await work(item);
    }),
  );
};
