import { type Severity, severities } from "../control.ts";
import {
  type Finding,
  isViolationNews,
  type NoticeKind,
  type OutboxEntry,
  type RepairNews,
  repairNews,
} from "../findings/finding.ts";
import { isExempt } from "../findings/standing-of.ts";
import type { AccountSweep } from "../findings/store.ts";
import { byCodeUnit } from "../order.ts";
import { type AccountRef, subjectKey } from "../subject.ts";
import { byCounts, type ControlLookup, type Coverage, type Digest, type DigestItem, noCounts } from "./notice.ts";

/** How many single findings a digest can show; the rest is in its numbers. */
const itemLimit = 200;

type Counts = ReturnType<typeof noCounts>;

/** Collects a digest finding by finding, without keeping them: an organization's first sweep may find a hundred thousand. */
export const createDigestBuilder = (controls: ControlLookup, now: Date) => {
  const news = noCounts();
  const open = noCounts();
  const exempt = noCounts();
  let held = 0;
  let toldAlone = 0;
  let resolved = 0;
  const items = worstOf(itemLimit);
  const resolvedItems = worstOf(itemLimit);
  const repairItems = worstOf(itemLimit);
  const repairs = new Map<RepairNews, Counts>();
  const ahead = new Map<string, { readonly control: string; readonly afterHours: number; count: number }>();
  const byControl = new Map<string, Omit<Digest["controls"][number], "id" | "title">>();
  const byAccount = new Map<string, Digest["accounts"][number] & { readonly news: Counts; readonly open: Counts }>();

  return {
    /**
     * Adds a finding, once: with the entries that are to be told.
     * @param told.alone it is new, and was told in a notice of its own
     */
    add: (finding: Finding, entries: readonly OutboxEntry[], told: { readonly alone: boolean }): void => {
      const { id, severity, control, account, subject } = finding;
      const isHeld = finding.repair?.state === "held";
      const isOpen = finding.status === "open";
      const excused = isOpen && isExempt(finding, now);
      const item = { finding: id, severity, control, account, subject, toldAlone: false };
      const counts = { news: 0, resolved: 0 };

      for (const { kind, reason, repairAfterHours: afterHours } of entries) {
        // What was undone waits for a person, whatever the ladder says.
        if (afterHours !== undefined && isOpen && finding.repair?.state !== "undone")
          upsert(ahead, `${afterHours} ${control}`, () => ({ control, afterHours, count: 0 })).count += 1;
        if (kind === "resolved") {
          counts.resolved += 1;
          resolvedItems.add({ ...item, kind, reason });
        } else if (isViolationNews(kind)) {
          counts.news += 1;
          items.add({ ...item, kind, reason: finding.reason });
        } else {
          upsert(repairs, kind, noCounts)[severity] += 1;
          repairItems.add({ ...item, kind, reason });
        }
      }
      if (told.alone) {
        toldAlone += 1;
        counts.news += 1;
        items.add({ ...item, kind: "opened", reason: finding.reason, toldAlone: true });
      }

      news[severity] += counts.news;
      resolved += counts.resolved;
      if (excused) exempt[severity] += 1;
      else if (isOpen) open[severity] += 1;
      if (isHeld && !excused) held += 1;
      const one = { open: isOpen && !excused ? 1 : 0, exempt: excused ? 1 : 0, held: isHeld && !excused ? 1 : 0 };

      const ofControl = upsert(byControl, control, () => ({
        severity,
        news: 0,
        resolved: 0,
        open: 0,
        exempt: 0,
        held: 0,
      }));
      byControl.set(control, {
        severity: severities.indexOf(severity) < severities.indexOf(ofControl.severity) ? severity : ofControl.severity,
        news: ofControl.news + counts.news,
        resolved: ofControl.resolved + counts.resolved,
        open: ofControl.open + one.open,
        exempt: ofControl.exempt + one.exempt,
        held: ofControl.held + one.held,
      });
      const ofAccount = upsert(byAccount, account.id, () => ({
        account,
        news: noCounts(),
        resolved: 0,
        open: noCounts(),
        exempt: 0,
        held: 0,
      }));
      ofAccount.news[severity] += counts.news;
      ofAccount.open[severity] += one.open;
      byAccount.set(account.id, {
        ...ofAccount,
        resolved: ofAccount.resolved + counts.resolved,
        exempt: ofAccount.exempt + one.exempt,
        held: ofAccount.held + one.held,
      });
    },

    digest: (of: Pick<Digest, "runId" | "at" | "report" | "coverage">): Digest => ({
      ...of,
      news,
      toldAlone,
      resolved,
      open,
      exempt,
      held,
      repairNews: repairNews.flatMap((kind) => {
        const counts = repairs.get(kind);
        return counts === undefined ? [] : [{ kind, counts }];
      }),
      toBeRepaired: [...ahead.values()].sort((a, b) => a.afterHours - b.afterHours || byCodeUnit(a.control, b.control)),
      controls: [...byControl]
        .map(([id, counts]) => ({ id, title: controls(id)?.title ?? id, ...counts }))
        .sort((a, b) => bySeverityOf(a, b) || b.news - a.news || b.open - a.open || byCodeUnit(a.id, b.id)),
      accounts: [...byAccount.values()].sort(
        (a, b) =>
          byCounts(a.news, b.news) ||
          byCounts(a.open, b.open) ||
          b.resolved - a.resolved ||
          byCodeUnit(a.account.id, b.account.id),
      ),
      items: items.list(),
      repairItems: repairItems.list(),
      resolvedItems: resolvedItems.list(),
    }),
  };
};

/**
 * What the accounts' results say the run could not see.
 * @param run.expected the accounts that the run set out to sweep
 * @param run.unreadable accounts whose findings cannot be read, by id, and why
 * @param run.unreadableSweeps accounts whose result cannot be read, likewise
 */
export const coverageOf = (
  sweeps: readonly AccountSweep[],
  run: {
    readonly expected?: readonly AccountRef[];
    readonly unreadable: ReadonlyMap<string, string>;
    readonly unreadableSweeps?: ReadonlyMap<string, string>;
  },
): Coverage => {
  const { expected = [], unreadable, unreadableSweeps = new Map<string, string>() } = run;
  const seen = new Set([...sweeps.map(({ accountId }) => accountId), ...unreadableSweeps.keys()]);
  const refOf = (id: string): AccountRef => expected.find((account) => account.id === id) ?? { id };
  const causes = new Map<string, { count: number; accounts: number }>();
  const gaps = new Map<string, { accounts: number }>();
  for (const sweep of sweeps) {
    for (const { cause, count } of sweep.unknownCauses) {
      const known = upsert(causes, cause, () => ({ count: 0, accounts: 0 }));
      known.count += count;
      known.accounts += 1;
    }
    for (const gap of new Set(sweep.gaps)) upsert(gaps, gap, () => ({ accounts: 0 })).accounts += 1;
  }
  return {
    swept: sweeps.filter(({ status }) => status === "swept").length,
    failed: [
      ...sweeps
        .filter(({ status }) => status === "failed")
        .map(({ accountId, accountName, ouPath, error }) => ({
          account: { id: accountId, name: accountName, ouPath },
          error: error ?? "no reason was recorded",
        })),
      ...[...unreadableSweeps].map(([id, error]) => ({
        account: refOf(id),
        error: `its result cannot be read: ${error}`,
        isUnreadable: true,
      })),
    ].sort((a, b) => byCodeUnit(a.account.id, b.account.id)),
    missing: expected.filter(({ id }) => !seen.has(id)),
    unreadable: [...unreadable]
      .map(([id, error]) => ({ account: refOf(id), error }))
      .sort((a, b) => byCodeUnit(a.account.id, b.account.id)),
    unknownVerdicts: sweeps.reduce((sum, { verdicts }) => sum + verdicts.unknown, 0),
    unknownCauses: [...causes]
      .map(([cause, counts]) => ({ cause, ...counts }))
      .sort((a, b) => b.count - a.count || byCodeUnit(a.cause, b.cause)),
    gaps: [...gaps]
      .map(([gap, counts]) => ({ gap, ...counts }))
      .sort((a, b) => b.accounts - a.accounts || byCodeUnit(a.gap, b.gap)),
  };
};

/** The worst items of however many come by. */
const worstOf = (limit: number) => {
  let kept: DigestItem[] = [];
  const prune = (): void => {
    kept = kept.sort(byBadness).slice(0, limit);
  };
  return {
    add: (item: DigestItem): void => {
      kept.push(item);
      if (kept.length > limit * 4) prune();
    },
    list: (): readonly DigestItem[] => {
      prune();
      return kept;
    },
  };
};

const kinds: readonly NoticeKind[] = repairNews;

const byBadness = (a: DigestItem, b: DigestItem): number =>
  bySeverityOf(a, b) ||
  kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
  byCodeUnit(a.account.id, b.account.id) ||
  byCodeUnit(a.control, b.control) ||
  byCodeUnit(subjectKey(a.subject), subjectKey(b.subject));

const bySeverityOf = (a: { readonly severity: Severity }, b: { readonly severity: Severity }): number =>
  severities.indexOf(a.severity) - severities.indexOf(b.severity);

const upsert = <K, V>(map: Map<K, V>, key: K, create: () => V): V => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = create();
  map.set(key, made);
  return made;
};
