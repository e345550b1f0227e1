import { severities } from "../control.ts";
import { controlById } from "../controls/catalogue.ts";
import { MalformedInputError, messageOf } from "../errors.ts";
import type { Finding } from "../findings/finding.ts";
import { isExempt, shownStatus } from "../findings/standing-of.ts";
import type { AccountSweep, FindingStore } from "../findings/store.ts";
import { inOrder } from "../judgement/in-order.ts";
import { byCounts, type ControlLookup, noCounts } from "../notify/notice.ts";
import { byCodeUnit } from "../order.ts";
import { type AccountRef, subjectKey } from "../subject.ts";
import type { SweepPlan } from "../sweep/plan.ts";
import type { AccountCoverage, ReportedFinding, SweepReport } from "./report.ts";

/** Accounts whose findings are read at once. */
const accountsAtOnce = 4;

/**
 * Reads what a run came to, and what is open now in each of its accounts. An account or a result that cannot be read is
 * reported as such, never as one where nothing is open.
 * @throws StoreError, ThrottledError
 */
export const collectReport = async (
  store: Pick<FindingStore, "listSweeps" | "listOpen">,
  { runId, listedAt, accounts }: SweepPlan,
  { now, controls = controlById }: { readonly now: Date; readonly controls?: ControlLookup },
): Promise<SweepReport> => {
  const unreadable = new Map<string, string>();
  const results = await store.listSweeps(runId, { unreadable: (id, error) => unreadable.set(id, messageOf(error)) });
  const resultOf = new Map(results.map((result) => [result.accountId, result]));
  const total = { open: noCounts(), exempt: 0 };
  const byControl = new Map<string, { open: ReturnType<typeof noCounts>; exempt: number }>();
  const coverage: AccountCoverage[] = [];
  const findings: ReportedFinding[] = [];

  const readAccount = async (account: AccountRef) => ({ account, open: await readable(store, account.id) });
  for await (const { account, open: found } of inOrder(accounts, accountsAtOnce, readAccount)) {
    const here = { open: noCounts(), exempt: 0 };
    for (const finding of found ?? []) {
      const ofControl = byControl.get(finding.control) ?? { open: noCounts(), exempt: 0 };
      byControl.set(finding.control, ofControl);
      for (const counts of [here, total, ofControl]) {
        if (isExempt(finding, now)) counts.exempt += 1;
        else counts.open[finding.severity] += 1;
      }
      findings.push(reported(finding, now));
    }
    coverage.push({
      account,
      ...outcomeOf(resultOf.get(account.id), unreadable.get(account.id)),
      open: found === undefined ? null : here.open,
      exempt: here.exempt,
    });
  }
  return {
    version: 1,
    runId,
    listedAt,
    at: now.toISOString(),
    ...total,
    coverage: coverage.sort(byNeed),
    controls: [...byControl]
      .map(([id, counts]) => ({ id, title: controls(id)?.title ?? id, ...counts }))
      .sort((a, b) => byCounts(a.open, b.open) || byCodeUnit(a.id, b.id)),
    findings: findings.sort(byBadness),
  };
};

/** `undefined`: what is stored there cannot be read. */
const readable = async (
  store: Pick<FindingStore, "listOpen">,
  accountId: string,
): Promise<readonly Finding[] | undefined> => {
  try {
    return await store.listOpen(accountId);
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
    return undefined;
  }
};

const outcomeOf = (
  result: AccountSweep | undefined,
  unreadable: string | undefined,
): Pick<AccountCoverage, "status" | "error" | "result"> => {
  if (unreadable !== undefined) return { status: "failed", error: `its result cannot be read: ${unreadable}` };
  if (result === undefined) return { status: "missing", error: "the sweep gave no result" };
  const { status, error, startedAt, finishedAt, verdicts, unknownCauses, gaps, population } = result;
  return {
    status,
    ...(status === "failed" && { error: error ?? "no reason was recorded" }),
    result: { startedAt, finishedAt, verdicts, unknownCauses, gaps, ...(population && { population }) },
  };
};

const reported = (finding: Finding, now: Date): ReportedFinding => {
  const { id, severity, control, account, subject, reason, openedAt, notifiedAt, owners, exemption, repair, actor } =
    finding;
  return {
    ...{ id, severity, control, account: account.id, subject, status: shownStatus(finding, now), reason, openedAt },
    ...(notifiedAt !== undefined && { notifiedAt }),
    ...(owners !== undefined && owners.length > 0 && { owners }),
    ...(exemption !== undefined && isExempt(finding, now) && { exemptUntil: exemption.until }),
    ...(repair && { repair: { state: repair.state, why: repair.why } }),
    ...(actor && {
      actor: { ...(actor.arn !== undefined && { arn: actor.arn }), eventName: actor.eventName, at: actor.at },
    }),
  };
};

const byNeed = (a: AccountCoverage, b: AccountCoverage): number =>
  Number(a.status === "swept") - Number(b.status === "swept") ||
  Number(a.open !== null) - Number(b.open !== null) ||
  byCounts(a.open ?? noCounts(), b.open ?? noCounts()) ||
  byCodeUnit(a.account.id, b.account.id);

const byBadness = (a: ReportedFinding, b: ReportedFinding): number =>
  severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
  byCodeUnit(a.account, b.account) ||
  byCodeUnit(a.control, b.control) ||
  byCodeUnit(subjectKey(a.subject), subjectKey(b.subject));
