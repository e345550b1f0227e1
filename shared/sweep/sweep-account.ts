import { controlById } from "../controls/catalogue.ts";
import { AccessDeniedError, MalformedInputError, messageOf } from "../errors.ts";
import { readExcused } from "../exemptions/excused.ts";
import type { ExemptionStore } from "../exemptions/store.ts";
import type { AccountSnapshot } from "../facts/facts.ts";
import type { Sleep } from "../facts/fetch-report.ts";
import { freshForMs } from "../facts/fetch-report.ts";
import { findingId } from "../findings/finding.ts";
import { type Excused, reconcile, resolveQuiet } from "../findings/reconcile.ts";
import { resolveGone, resolveOff } from "../findings/resolve.ts";
import type { AccountSweep, FindingStore, SubjectCounts } from "../findings/store.ts";
import { judgeAccount } from "../judgement/judge-account.ts";
import type { Judgement } from "../judgement/judgement.ts";
import { createVerificationMemory, type VerificationMemory } from "../judgement/verifications.ts";
import { announcedHours } from "../ladder/announced.ts";
import { leaveMark, type MarkDependencies } from "../marks/leave-mark.ts";
import type { Notifier } from "../notify/notice.ts";
import { tell } from "../notify/tell.ts";
import type { OrganizationViews } from "../organization/stored-views.ts";
import { contextFor } from "../settings/context.ts";
import { type Settings, whyNotKnown } from "../settings/settings.ts";
import { readListening } from "./listening.ts";
import { noteUnheardRoot } from "./note-unheard-root.ts";
import type { SweepAnswer, SweepRequest } from "./requests.ts";
import { createTally, type Tally } from "./tally.ts";

export interface SweepDependencies extends MarkDependencies {
  readonly store: FindingStore;
  readonly exemptions: ExemptionStore;
  readonly notifier: Notifier;
  readonly organization: Pick<OrganizationViews, "of">;
  readonly settings: Settings;
  /** Waits between polls of the credential report. */
  readonly sleep: Sleep;
}

/** Time that is kept back to write down what was judged and to answer. */
const marginMs = 20_000;
/**
 * How long one read of the account is judged by. Who repairs something meanwhile is seen by the event path, which keeps
 * nothing of what complies: a later conviction by the old facts would stand until the next day.
 */
const turnMs = freshForMs;
/**
 * An account of thousands of users takes an hour. One that takes longer than this, as whoever administers it can make it by
 * using up what IAM answers there, is given up: the digest waits for every account.
 */
const patienceHours = 4;
/** Findings written at once. */
const width = 16;

/**
 * Sweeps one account, or the rest of it: leaves a mark there first, judges every subject, brings the findings up to date, and stops with a cursor
 * before its time is up, or after five minutes' judging, when what was read has to be read again. At the end, what is no longer there is resolved and the account's result kept for the digest.
 *
 * An account that cannot be read is kept as failed, with the reason, and its findings stay as they are.
 * @param remainingMs how long this invocation may still run
 * @throws ThrottledError and whatever else another try may mend; the account counts as failed until one does
 */
export const sweepAccount = async (
  dependencies: SweepDependencies,
  request: SweepRequest,
  remainingMs: () => number,
): Promise<SweepAnswer> => {
  const { store, telemetry, clock } = dependencies;
  const { runId, account, cursor } = request;
  const startedAt = cursor?.startedAt ?? clock().toISOString();
  const tally = createTally(cursor);
  const keep = (result: Pick<AccountSweep, "status" | "error" | "gaps" | "population">): Promise<void> =>
    store.putSweep({
      runId,
      accountId: account.id,
      accountName: account.name,
      ouPath: account.ouPath,
      startedAt,
      finishedAt: clock().toISOString(),
      ...tally.total(),
      ...result,
    });
  const finish = (status: "swept" | "failed"): SweepAnswer => ({
    done: true,
    runId,
    account,
    status,
    verdicts: tally.total().verdicts,
  });

  if (cursor === undefined) await leaveMark(dependencies, account.id);
  if (clock().getTime() - Date.parse(startedAt) > patienceHours * 3_600_000) {
    const error = `It was not swept within ${patienceHours} hours: IAM answers too slowly there.`;
    telemetry.count("AccountsFailed");
    telemetry.error(`An account was given up: ${error}`, { account: account.id, runId });
    await keep({ status: "failed", error, gaps: [] });
    return finish("failed");
  }
  try {
    const outcome = await judgeRest(dependencies, request, { tally, remainingMs });
    const { snapshot, excused } = outcome;
    const { since, gaps: unheard } = await readListening(dependencies, account.id);
    // Not at the end alone, which not every sweep comes to.
    await noteUnheardRoot(dependencies, snapshot, { since, excused });
    if ("after" in outcome) {
      return { done: false, runId, account, cursor: { after: outcome.after, startedAt, ...tally.total() } };
    }
    await resolveRest(dependencies, request, outcome);
    const gaps = [...snapshot.gaps, ...unheard];
    await keep({ status: "swept", gaps, population: populationOf(snapshot) });
    const { verdicts } = tally.total();
    if (verdicts.unknown > 0) telemetry.count("UnknownVerdicts", verdicts.unknown);
    const fields = { account: account.id, runId, verdicts, gaps };
    if (gaps.length > 0) telemetry.warn("Swept an account, but could read it only in part", fields);
    else telemetry.info("Swept an account", fields);
    return finish("swept");
  } catch (error) {
    telemetry.count("AccountsFailed");
    telemetry.error(`An account could not be swept: ${messageOf(error)}`, { error, account: account.id, runId });
    await keep({ status: "failed", error: messageOf(error), gaps: [] });
    // No other try gets in where the role is missing or denied; anything else is for the state machine to retry.
    if (error instanceof AccessDeniedError) return finish("failed");
    throw error;
  }
};

const populationOf = ({ users, roles }: AccountSnapshot): SubjectCounts => ({
  users: users.length,
  roles: roles.length,
  accessKeys: users.reduce((sum, { accessKeys }) => sum + (accessKeys.known ? accessKeys.value.length : 0), 0),
});

/** How far one invocation came: to a subject, or through, with what was read and whom. */
type Outcome = { readonly snapshot: AccountSnapshot; readonly excused: Excused } & (
  | { readonly after: string }
  | {
      /** Ids of the findings whose subjects exist. */
      readonly judged: ReadonlySet<string>;
    }
);

/** What cannot be read is only what would have spared calls: the sweep reads again. */
const readVerified = async (
  { store, telemetry }: SweepDependencies,
  accountId: string,
): Promise<VerificationMemory> => {
  try {
    return createVerificationMemory(accountId, await store.verifications(accountId));
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
    telemetry.warn(`Whom earlier sweeps verified is forgotten: ${error.message}`, { account: accountId });
    return createVerificationMemory(accountId);
  }
};

const judgeRest = async (
  dependencies: SweepDependencies,
  { account, runId, cursor }: SweepRequest,
  { tally, remainingMs }: { readonly tally: Tally; readonly remainingMs: () => number },
): Promise<Outcome> => {
  const { aws, store, settings, clock, sleep } = dependencies;
  const before = await store.listOpen(account.id);
  const excused = await readExcused(dependencies);
  const verified = await readVerified(dependencies, account.id);
  const open = new Map(before.map((finding) => [finding.id, finding]));
  const judged = new Set<string>();

  const write = async (judgement: Judgement): Promise<void> => {
    const now = clock();
    const finding = await reconcile(store, judgement, {
      now,
      delivery: "digest",
      runId,
      open,
      excused,
      repairAfterHours: announcedHours(settings, judgement.control, account),
    });
    if (finding !== undefined) await tell(dependencies, finding, now);
  };

  const { promise: reading, resolve: onRead } = Promise.withResolvers<AccountSnapshot>();
  const judging = judgeAccount({
    ...{ aws, account, settings, clock, sleep, verified, onRead },
    open: before,
    organization: await dependencies.organization.of(account.id),
    after: cursor?.after,
  });
  /** After the findings: verifications that are lost, or whose findings are not written yet, only make for more reads. */
  const keepVerified = async (): Promise<void> => {
    const verifications = verified.changed();
    if (verifications !== undefined) await store.putVerifications(verifications);
  };
  let pending: Judgement[] = [];
  let begunAt: number | undefined;
  for await (const { subject, judgements } of judging) {
    for (const judgement of judgements) {
      tally.add(judgement.verdict);
      judged.add(findingId(account.id, judgement.control, judgement.subject));
    }
    pending.push(...judgements);
    begunAt ??= clock().getTime();
    const isTimeUp = remainingMs() < marginMs || clock().getTime() - begunAt >= turnMs;
    if (isTimeUp || pending.length >= width) {
      await Promise.all(pending.map(write));
      pending = [];
    }
    if (isTimeUp) {
      await keepVerified();
      return { snapshot: await reading, excused, after: subject };
    }
  }
  await Promise.all(pending.map(write));
  await keepVerified();
  return { snapshot: await reading, excused, judged };
};

/** What no judgement reaches: subjects that are gone, controls that were turned off, activity that ceased. */
const resolveRest = async (
  dependencies: SweepDependencies,
  { account, runId }: SweepRequest,
  { snapshot, judged }: Exclude<Outcome, { after: string }>,
): Promise<void> => {
  const { store, settings, clock } = dependencies;
  const now = clock();
  const isOn = (id: string): boolean => {
    const control = controlById(id);
    return control !== undefined && contextFor(settings, control, account, now) !== undefined;
  };
  const resolved = [
    ...(await resolveGone(store, snapshot, { now, delivery: "digest", runId, judged })),
    // Somebody may have turned a control on since: then it would be told as resolved today, and anew tomorrow.
    ...(whyNotKnown(settings) === undefined ? await resolveOff(store, account.id, isOn, { now, runId }) : []),
  ];
  const open = await store.listOpen(account.id);
  for (const finding of open.filter(({ activity }) => activity !== undefined)) {
    const after = await resolveQuiet(store, finding, now, runId);
    if (after?.status === "resolved") resolved.push(after);
  }
  for (const finding of resolved) await tell(dependencies, finding, now);
};
