import { excuseOf } from "../exemptions/excused.ts";
import { type Exemption, isOver } from "../exemptions/exemption.ts";
import { exemptionFor } from "../exemptions/match.ts";
import { changeFinding } from "../findings/change.ts";
import { exempted, exemptionEnded } from "../findings/exemption-transition.ts";
import type { Finding } from "../findings/finding.ts";
import type { Telling } from "../findings/transition.ts";
import { tell } from "../notify/tell.ts";
import { isWithin } from "../settings/resolve.ts";
import type { AccountRef } from "../subject.ts";
import type { OperatorDependencies } from "./dependencies.ts";

/** After so long, what is not marked yet is left to the hourly run and the sweep. */
const longestMs = 15_000;

export interface Marked {
  /** Findings that are excused now, or no more. */
  readonly findings: number;
  /** Whether there was time for all; the rest follows within an hour. */
  readonly isWhole: boolean;
}

/**
 * Brings the findings that an exemption is about up to date with all exemptions, which have to be stored by then: excused by
 * the one that lasts longest, or excused no more. Killed on the way, another call goes on; a finding that is as it should be is
 * not written. A single one is told at once, more in the next digest.
 * @param members the organization's accounts as they are now
 * @param by who ends it
 */
export const markFindings = async (
  dependencies: OperatorDependencies,
  about: Exemption,
  members: readonly AccountRef[],
  by?: string,
): Promise<Marked> => {
  const { store, exemptions, clock } = dependencies;
  const now = clock();
  const until = now.getTime() + longestMs;
  const all = await exemptions.list();
  const present = new Map(members.map((account) => [account.id, account]));
  const excuse = (finding: Finding): Exemption | undefined =>
    exemptionFor(all, { ...finding, account: present.get(finding.account.id) ?? { id: finding.account.id } }, now);
  // One that is over is about those whom it excused, wherever their account is now.
  const isAbout = (finding: Finding): boolean =>
    finding.exemption?.id === about.id || (!isOver(about, now) && excuse(finding)?.id === about.id);

  const due: Finding[] = [];
  let isWhole = true;
  for (const accountId of await accountsOf(dependencies, about, present, now)) {
    if (!isWhole) break;
    due.push(...(await store.listOpen(accountId)).filter(isAbout));
    isWhole = clock().getTime() <= until;
  }
  const telling: Telling = { now, delivery: due.length === 1 ? "single" : "digest" };
  let findings = 0;
  for (const { account, id } of due) {
    if (clock().getTime() > until) return { findings, isWhole: false };
    const marked = await changeFinding(store, account.id, id, (finding) => {
      if (finding?.status !== "open" || !isAbout(finding)) return finding;
      const excused = excuse(finding);
      return excused ? exempted(finding, excuseOf(excused), telling) : exemptionEnded(finding, telling, by);
    });
    if (marked === undefined) continue;
    findings += 1;
    // What cannot be told stays in the finding's outbox.
    await tell(dependencies, marked, now);
  }
  return { findings, isWhole };
};

const accountsOf = async (
  { store }: OperatorDependencies,
  about: Exemption,
  present: ReadonlyMap<string, AccountRef>,
  now: Date,
): Promise<readonly string[]> => {
  const { scope } = about;
  if ("account" in scope) return [scope.account];
  const all = await store.accountsWithFindings();
  if (!("ou" in scope) || isOver(about, now)) return all;
  return all.filter((id) => {
    const ouPath = present.get(id)?.ouPath;
    return ouPath !== undefined && isWithin(ouPath, scope.ou);
  });
};
