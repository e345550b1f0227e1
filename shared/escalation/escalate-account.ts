import { changeFinding } from "../findings/change.ts";
import type { Finding, RepairStanding } from "../findings/finding.ts";
import { type Excused, excusing } from "../findings/reconcile.ts";
import { reminded, unwarned, warned } from "../findings/warning-transition.ts";
import { repairingLadder } from "../ladder/announced.ts";
import { notDue, reminderDue, repairDue } from "../ladder/ladder.ts";
import type { ReminderItem } from "../notify/notice.ts";
import { tell } from "../notify/tell.ts";
import { byCodeUnit } from "../order.ts";
import { longestRunMs, type Stage } from "../remediation/remediation.ts";
import type { Ladder } from "../settings/settings.ts";
import type { AccountRef } from "../subject.ts";
import type { EscalationDependencies } from "./dependencies.ts";
import { eachOf } from "./each-of.ts";

/**
 * What is due in one account: exemptions that are over end on their findings, people are told and reminded of what will be
 * repaired, and repairs whose time has come are asked for. Whether one may be made is decided where it is made. What was
 * begun is seen to the end whatever the settings say by now: somebody has to say what became of it. What fails of one finding
 * keeps no other from its turn.
 * @param account as the organization lists it now
 * @param options.waiting gets the repairs that are due and that nobody approved, for `askInTurn`; what people approved is asked for
 * @param options.isTimeUp then the rest of the account is left to the next run
 * @throws the first error, once all has been tried
 */
export const escalateAccount = async (
  dependencies: EscalationDependencies,
  account: AccountRef,
  {
    excused,
    waiting,
    isTimeUp,
  }: { readonly excused: Excused; readonly waiting: Asking[]; readonly isTimeUp: () => boolean },
): Promise<void> => {
  const { store } = dependencies;
  const isHeld = dependencies.settings.repairs.held !== undefined;
  const reminders: ReminderItem[] = [];
  const due: Asking[] = [];
  const look = async (listed: Finding): Promise<void> => {
    const finding = await inForce(dependencies, { ...listed, account: { ...listed.account, ...account } }, excused);
    if (finding.repair?.state === "remediating") {
      await askIfLeftBehind(dependencies, finding);
      return;
    }
    // Where the OU is not known just now, or all repairs are held, nothing is due, and nobody's warning is forgotten for it.
    if (finding.exemption !== undefined || account.ouPath === undefined || isHeld) return;
    const ladder = repairingLadder(dependencies.settings, finding.control, account);
    if (ladder === undefined) {
      // Most findings: what would change nothing is not read once more.
      if (unwarned(finding) !== finding) await change(dependencies, finding, unwarned);
      return;
    }
    const asking = dueStage(dependencies, finding, ladder);
    if (asking?.isApproved) await ask(dependencies, finding, asking.stage);
    else if (asking !== undefined) due.push(asking);
    const reminder = reminderOf(dependencies, finding, ladder);
    if (reminder !== undefined) reminders.push(reminder);
  };
  const active = await store.listActive(account.id);
  const choose = async (): Promise<void> => {
    waiting.push(...oldestFirst(due).slice(0, 2 * dependencies.settings.breaker.perAccount.count));
  };
  const parts = [() => eachOf(active, look, isTimeUp), choose, () => remind(dependencies, account, reminders)];
  await eachOf(parts, (part) => part());
};

/**
 * What was begun in an account that is no active member any more is asked for too: whoever repairs then says that it is not
 * finished. Nothing else is done there.
 * @throws the first error, once all has been tried
 */
export const escalateDeparted = async (
  dependencies: EscalationDependencies,
  accountId: string,
  isTimeUp: () => boolean,
): Promise<void> =>
  eachOf(await dependencies.store.listActive(accountId), (finding) => askIfLeftBehind(dependencies, finding), isTimeUp);

/** A repair to be asked for. */
export interface Asking {
  readonly finding: Finding;
  readonly stage: Stage;
  /** A person waits for it. */
  readonly isApproved: boolean;
}

const since = ({ finding: { repair, warnedAt = "", id } }: Asking): string => `${repair?.at ?? warnedAt} ${id}`;
const oldestFirst = (due: readonly Asking[]): readonly Asking[] =>
  due.toSorted((a, b) => byCodeUnit(since(a), since(b)));

/**
 * Asks for what has waited longest. In one hour that is twice what the circuit breakers let through, an account's and the
 * organization's: the rest would cost as many reads and be held, and whoever asks for an undo would wait behind it. Every
 * account has its turn before any has a second.
 * @throws the first error, once all has been tried
 */
export const askInTurn = async (dependencies: EscalationDependencies, waiting: readonly Asking[]): Promise<void> => {
  const { organization } = dependencies.settings.breaker;
  const inTurn = [...Map.groupBy(waiting, ({ finding }) => finding.account.id).values()]
    .flatMap((ofAccount) => oldestFirst(ofAccount).map((asking, turn) => ({ asking, turn })))
    .sort((a, b) => a.turn - b.turn || byCodeUnit(since(a.asking), since(b.asking)))
    .slice(0, 2 * organization.count);
  await eachOf(inTurn, ({ asking: { finding, stage } }) => ask(dependencies, finding, stage));
};

const askIfLeftBehind = async (dependencies: EscalationDependencies, finding: Finding): Promise<void> => {
  const { repair } = finding;
  if (repair?.state === "remediating" && isLeftBehind(repair, dependencies.clock()))
    await ask(dependencies, finding, repair.stage);
};

/** Before that a repair that is under way is left to the run that makes it. */
const isLeftBehind = ({ at }: RepairStanding, now: Date): boolean => now.getTime() - Date.parse(at) > longestRunMs;

const change = async (
  { store }: EscalationDependencies,
  { account, id }: Finding,
  transition: (finding: Finding) => Finding,
): Promise<Finding | undefined> => changeFinding(store, account.id, id, (one) => one && transition(one));

/** The finding with the exemption that holds for it now. */
const inForce = async (dependencies: EscalationDependencies, finding: Finding, excused: Excused): Promise<Finding> => {
  const now = dependencies.clock();
  const exemption = excused(finding);
  if (exemption?.id === finding.exemption?.id && exemption?.until === finding.exemption?.until) return finding;
  const after = await change(
    dependencies,
    finding,
    (one) =>
      excusing(one, one, { now, delivery: "digest", excused: () => excused({ ...one, account: finding.account }) }) ??
      one,
  );
  return after === undefined ? finding : tell(dependencies, after, now);
};

/** What has to be asked for in this hour; `undefined` if nothing. */
const dueStage = (
  { settings, clock }: EscalationDependencies,
  finding: Finding,
  ladder: Ladder,
): Asking | undefined => {
  const now = clock();
  const { repair, approval } = finding;
  const { remindBeforeHours } = settings.repairs;
  const isAnswered = approval !== undefined && repair !== undefined && repair.at >= approval.at;
  const holdsBreaker = repair?.state === "held" && repair.interlock === "withinBreaker";
  // An approval whose message was lost is still there to be followed, and one that only a breaker kept from happening.
  if (approval !== undefined && (!isAnswered || (holdsBreaker && repair.stage === approval.stage)))
    return { finding, stage: approval.stage, isApproved: true };
  const stage: Stage = finding.status === "open" ? "repair" : "final";
  if (notDue(ladder, finding, stage, { now, remindBeforeHours }) !== undefined) return undefined;
  if (repair?.state === "undone") return undefined;
  const isPatient = repair?.stage === stage && !holdsBreaker;
  return isPatient && !isItsHour(finding, now) ? undefined : { finding, stage, isApproved: false };
};

/**
 * What is held or has failed, and what a repair contains, is looked at once a day, each finding in an hour of its own: every
 * look costs reads in its account.
 */
const isItsHour = ({ id }: Finding, now: Date): boolean =>
  Number.parseInt(id.slice(0, 4), 16) % 24 === now.getUTCHours();

const ask = async ({ repairs, telemetry }: EscalationDependencies, finding: Finding, stage: Stage): Promise<void> => {
  await repairs.send({ kind: "repair", accountId: finding.account.id, findingId: finding.id, stage });
  telemetry.count("RepairsAsked");
};

const reminderOf = (
  { settings, clock }: EscalationDependencies,
  finding: Finding,
  ladder: Ladder,
): ReminderItem | undefined => {
  if (finding.status !== "open" || finding.notifiedAt === undefined) return undefined;
  // What waits for a person anyway is not about to be repaired.
  if (finding.repair?.state === "undone" || finding.repair?.state === "repaired") return undefined;
  const now = clock();
  const { remindBeforeHours } = settings.repairs;
  if (finding.warnedAt === undefined) {
    // It was told while nothing was to be repaired: from this notice on people have as long as for a new one.
    const due = repairDue(ladder, { warnedAt: now.toISOString() }, remindBeforeHours);
    return due && { finding, dueAt: due.dueAt.toISOString(), isFirst: true };
  }
  const due = reminderDue(ladder, finding, { now, remindBeforeHours });
  return due && { finding, dueAt: due.dueAt, isFirst: false };
};

/** Whoever tags principals names their owners: with more names than this one could bury every other notice. */
const mostReminders = 20;

/** By who owns it, the most first; what is left over goes together, under the first of its owners. */
const byOwners = (items: readonly ReminderItem[]): readonly (readonly ReminderItem[])[] => {
  const groups = [...Map.groupBy(items, ({ finding }) => JSON.stringify(finding.owners ?? [])).values()];
  if (groups.length <= mostReminders) return groups;
  const largestFirst = groups.sort((a, b) => b.length - a.length);
  return [...largestFirst.slice(0, mostReminders - 1), largestFirst.slice(mostReminders - 1).flat()];
};

/** One notice for everything that the same people own. It is published first and noted then: dying in between repeats it. */
const remind = async (
  dependencies: EscalationDependencies,
  account: AccountRef,
  items: readonly ReminderItem[],
): Promise<void> => {
  const { notifier, telemetry, clock } = dependencies;
  await eachOf(byOwners(items), async (ofOwners) => {
    const owners = [...new Set(ofOwners.flatMap(({ finding }) => finding.owners ?? []))].slice(0, mostReminders);
    await notifier.publish({ kind: "reminder", at: clock().toISOString(), account, owners, items: ofOwners });
    telemetry.count("RemindersTold", ofOwners.length);
    const now = clock();
    for (const { finding, dueAt, isFirst } of ofOwners)
      await change(dependencies, finding, (one) => (isFirst ? warned(one, now) : reminded(one, dueAt, now)));
  });
};
