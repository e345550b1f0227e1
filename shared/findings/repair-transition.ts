import { boundReason, boundRepair, cut, deniedLimit } from "./bounds.ts";
import type { Finding, FindingApproval, OutboxEntry, RepairNews, RepairStanding } from "./finding.ts";
import { entered, later, withoutViolationNews } from "./transition.ts";

// How a finding changes by what is done about it, as `transition.ts` has it for the violation: each function takes a finding
// as it is and gives the next one, or the very same one if nothing changes.

type Repaired = Omit<RepairStanding, "state" | "at">;

/** In characters, of who did something. */
export const byLength = 300;

/**
 * What holds a repair is told in the digest, once for each interlock, and again to whoever approved it meanwhile; what merely
 * changes in the reason is only kept.
 */
export const held = (finding: Finding, standing: Repaired, now: Date, isTold = true): Finding => {
  const before = finding.repair;
  const isSame =
    before?.state === "held" &&
    before.interlock === standing.interlock &&
    before.stage === standing.stage &&
    !(finding.approval !== undefined && Date.parse(before.at) < Date.parse(finding.approval.at));
  const repair = boundRepair({ ...standing, state: "held", at: isSame ? before.at : now.toISOString() });
  if (isSame && before.why === repair.why && before.digest === repair.digest) return finding;
  const next: Finding = { ...finding, repair, version: finding.version + 1 };
  if (isSame) return next;
  return {
    ...next,
    history: entered(next, { at: now.toISOString(), what: "held", reason: repair.why }),
    outbox: isTold ? news(next, "held", repair.why, "digest", now) : next.outbox,
  };
};

/**
 * What held a repair does not any more, and nothing else is known of it: a step of the ladder that is not due yet, say. A
 * repair that was begun is not forgotten.
 * @param options.wroteNothing known of what was begun
 */
export const released = (finding: Finding, { wroteNothing = false } = {}): Finding => {
  const { repair, ...kept } = finding;
  const isForgotten = isMerelyHeld(repair) || (wroteNothing && isUnfinished(repair));
  return isForgotten ? { ...kept, outbox: withoutHeld(kept), version: finding.version + 1 } : finding;
};

/** Whether writes may have been made that nobody has seen to the end: it was begun, or held after that. */
export const isUnfinished = (repair: Finding["repair"]): boolean =>
  repair?.state === "remediating" || (repair?.state === "held" && repair.remediationId !== undefined);

/** Held before anything was begun. */
export const isMerelyHeld = (repair: Finding["repair"]): boolean => repair?.state === "held" && !isUnfinished(repair);

/** What is pending besides the news that a repair is held. */
export const withoutHeld = ({ outbox }: Pick<Finding, "outbox">): readonly OutboxEntry[] =>
  outbox.filter(({ kind }) => kind !== "held");

/** Writes are about to be made: what held them, told or not, holds them no more. */
export const remediating = (finding: Finding, standing: Repaired & { readonly by: string }, now: Date): Finding => {
  const { by, ...rest } = standing;
  const at = now.toISOString();
  const before = finding.repair;
  if (before?.state === "remediating" && before.remediationId === standing.remediationId) return finding;
  const repair = boundRepair({ ...rest, state: "remediating", at });
  const next = { ...finding, repair, outbox: withoutHeld(finding), version: finding.version + 1 };
  return { ...next, history: entered(next, { at, what: "remediating", reason: rest.why, by: cut(by, byLength) }) };
};

/**
 * The writes stand. Where the control agrees the finding is resolved by it; where the repair only contains the violation
 * it stays open.
 * @param outcome.asOf the time of the facts that were seen afterwards
 */
export const repaired = (
  finding: Finding,
  standing: Repaired,
  outcome: { readonly resolves: boolean; readonly asOf: Date; readonly by: string; readonly finishDueAt?: string },
  now: Date,
): Finding => {
  const before = finding.repair;
  // What was judged after the repair was verified is later word.
  const isOver =
    outcome.resolves && finding.status === "open" && outcome.asOf.getTime() >= Date.parse(finding.observedAt);
  if (before?.state === "repaired" && before.remediationId === standing.remediationId && !isOver) return finding;
  const at = now.toISOString();
  const { approval: _approval, finishDueAt: _finishDueAt, ...kept } = finding;
  const next: Finding = {
    ...kept,
    repair: boundRepair({ ...standing, state: "repaired", at }),
    ...(outcome.finishDueAt !== undefined && { finishDueAt: outcome.finishDueAt }),
    ...(isOver
      ? { status: "resolved" as const, resolvedAt: at, observedAt: later(finding.observedAt, outcome.asOf) }
      : {}),
    version: finding.version + 1,
  };
  const history = entered(next, { at, what: "repaired", reason: standing.why, by: cut(outcome.by, byLength) });
  return {
    ...next,
    history:
      next.status === finding.status
        ? history
        : entered({ ...next, history }, { at, what: "resolved", reason: standing.why }),
    // That it was repaired says all that an untold opening or resolution would.
    outbox: news(
      { outbox: next.status === "resolved" ? withoutViolationNews(next) : next.outbox, version: next.version },
      "repaired",
      standing.why,
      "single",
      now,
    ),
  };
};

export const failed = (finding: Finding, standing: Repaired, now: Date): Finding => {
  const at = now.toISOString();
  const next = { ...finding, repair: boundRepair({ ...standing, state: "failed", at }), version: finding.version + 1 };
  return {
    ...next,
    history: entered(next, { at, what: "failed", reason: next.repair.why }),
    outbox: news(next, "failed", next.repair.why, "single", now),
  };
};

/** How the news of an undo that was refused begins. */
export const undoRefusal = (by: string): string => `The undo that ${by} asked for was not made.`;

/**
 * Somebody wanted the repair undone, and that was refused: it stands as it stood. A message that comes again tells no more;
 * whoever asks again a day later hears it again.
 */
export const undoRefused = (finding: Finding, why: string, now: Date): Finding => {
  const reason = cut(boundReason(why), byLength);
  const since = new Date(now.getTime() - 24 * 3_600_000).toISOString();
  if (finding.history.some((entry) => entry.what === "failed" && entry.reason === reason && entry.at > since))
    return finding;
  const next = { ...finding, version: finding.version + 1 };
  return {
    ...next,
    history: entered(next, { at: now.toISOString(), what: "failed", reason }),
    outbox: news(next, "failed", boundReason(why), "single", now),
  };
};

/** What stood there before stands again. The finding is not repaired again until a person approves it. */
export const undone = (finding: Finding, standing: Repaired & { readonly by: string }, now: Date): Finding => {
  const { by, ...rest } = standing;
  if (finding.repair?.state === "undone" && finding.repair.remediationId === standing.remediationId) return finding;
  const at = now.toISOString();
  const { approval: _approval, finishDueAt: _finishDueAt, ...kept } = finding;
  const next = { ...kept, repair: boundRepair({ ...rest, state: "undone", at }), version: finding.version + 1 };
  return {
    ...next,
    history: entered(next, { at, what: "undone", reason: next.repair.why, by: cut(by, byLength) }),
    outbox: news(next, "undone", next.repair.why, "single", now),
  };
};

/** AWS denied the repaired principal an action, because of the repair. Each action is told once. */
export const denied = (
  finding: Finding,
  { remediationId, action }: { readonly remediationId: string; readonly action: string },
  now: Date,
): Finding => {
  const { repair } = finding;
  if (repair?.state !== "repaired" || repair.remediationId !== remediationId) return finding;
  const before = repair.denied ?? [];
  if (before.includes(action) || before.length >= deniedLimit) return finding;
  const actions = [...before, action];
  const next = { ...finding, repair: boundRepair({ ...repair, denied: actions }), version: finding.version + 1 };
  const reason = `Since the repair, AWS denies ${actions.join(", ")} because of it.`;
  return {
    ...next,
    history: entered(next, { at: now.toISOString(), what: "denied", reason: action }),
    outbox: news(next, "denied", reason, "single", now),
  };
};

/** A person lets one plan happen. */
export const approved = (finding: Finding, approval: FindingApproval): Finding => {
  if (finding.status !== "open" && finding.finishDueAt === undefined) return finding;
  const bounded = { ...approval, by: cut(approval.by, byLength), why: boundReason(approval.why) };
  const next = { ...finding, approval: bounded, version: finding.version + 1 };
  return {
    ...next,
    history: entered(next, { at: approval.at, what: "approved", reason: approval.why, by: approval.by }),
  };
};

/** The outbox with one more piece of repair news, in place of an earlier one of its kind. */
export const news = (
  { outbox, version }: Pick<Finding, "outbox" | "version">,
  kind: RepairNews,
  reason: string,
  delivery: OutboxEntry["delivery"],
  now: Date,
  runId?: string,
): readonly OutboxEntry[] => [
  ...outbox.filter((entry) => entry.kind !== kind),
  {
    id: `v${version}-${kind}`,
    kind,
    at: now.toISOString(),
    delivery,
    reason: boundReason(reason),
    ...(runId !== undefined && delivery === "digest" ? { runId } : {}),
  },
];
