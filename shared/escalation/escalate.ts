import { messageOf } from "../errors.ts";
import { readExcused } from "../exemptions/excused.ts";
import { markAgain, tellBlind } from "../marks/tell-blind.ts";
import type { AccountRef } from "../subject.ts";
import { tellLeftOver } from "../sweep/tell-digest.ts";
import { within } from "../within.ts";
import { announceExemptions } from "./announce-exemptions.ts";
import type { EscalationDependencies } from "./dependencies.ts";
import { type Asking, askInTurn, escalateAccount, escalateDeparted } from "./escalate-account.ts";

/** Time that is kept back to answer. */
const marginMs = 20_000;
/** Time that is kept back to tell of blind accounts and to mark them. */
const markingMs = 120_000;
/** The longest that a channel which does not answer keeps everything else waiting. */
const tellingMs = 240_000;
const announcingMs = 60_000;
/** Time that is kept back to ask for the repairs that all accounts are due. */
const askingMs = 30_000;
/** The longest that one account keeps the others waiting; what is left in it is the next run's. */
const accountMs = 180_000;

/**
 * The hourly run: tells what is still untold, announces exemptions that are about to end, and then account by account ends
 * those that are over, reminds people of repairs, and asks for what is due; then tells which accounts are blind, and marks those
 * whose next mark should not wait for the sweep. Each part is tried even if another fails, or does not end in its time; what
 * fails is due still, and the next run's.
 * @throws the first error, once all has been tried
 */
export const escalate = async (dependencies: EscalationDependencies, remainingMs: () => number): Promise<void> => {
  const { store, listAccounts, telemetry, clock } = dependencies;
  const errors: unknown[] = [];
  /** Tries a part for as long as it may take, and as is left before what is kept back for those after it. */
  const attempt = async (
    what: string,
    { mostMs, keptMs }: { readonly mostMs?: number; readonly keptMs: number },
    run: () => Promise<void>,
  ): Promise<void> => {
    try {
      await within(Math.min(mostMs ?? Number.POSITIVE_INFINITY, remainingMs() - keptMs), run);
    } catch (error) {
      errors.push(error);
      telemetry.error(`${what} failed: ${messageOf(error)}`, { error });
    }
  };

  const keptMs = marginMs + markingMs;
  await attempt("Telling what was left over", { mostMs: tellingMs, keptMs }, () => tellLeftOver(dependencies));
  await attempt("Announcing exemptions that end", { mostMs: announcingMs, keptMs }, () =>
    announceExemptions(dependencies),
  );
  let listed: readonly AccountRef[] | undefined;
  await attempt("Escalating", { keptMs }, async () => {
    const all = await listAccounts();
    listed = all;
    const members = new Map(all.map((account) => [account.id, account]));
    const unplaced = [...members.values()].filter(({ ouPath }) => ouPath === undefined).length;
    if (unplaced > 0) telemetry.error("Nothing is repaired where the OU is not known", { accounts: unplaced });
    const excused = await readExcused(dependencies);
    const accounts = await store.accountsWithFindings();
    // Should the time be too short for all, another account is the first in the next hour.
    const first = accounts.length === 0 ? 0 : Math.floor(clock().getTime() / 3_600_000) % accounts.length;
    const inTurn = [...accounts.slice(first), ...accounts.slice(0, first)];
    const waiting: Asking[] = [];
    for (const [index, id] of inTurn.entries()) {
      const begunMs = remainingMs();
      if (begunMs < keptMs + askingMs) {
        telemetry.warn("The time was too short to escalate in every account", { left: inTurn.length - index });
        break;
      }
      const member = members.get(id);
      const isTimeUp = (): boolean => begunMs - remainingMs() > accountMs || remainingMs() < keptMs + askingMs;
      await attempt(`Escalating in account ${id}`, { mostMs: accountMs, keptMs: keptMs + askingMs }, () =>
        member
          ? escalateAccount(dependencies, member, { excused, waiting, isTimeUp })
          : escalateDeparted(dependencies, id, isTimeUp),
      );
    }
    await attempt("Asking for repairs", { keptMs }, () => askInTurn(dependencies, waiting));
  });
  if (listed !== undefined) {
    const accounts = listed;
    await attempt("Telling which accounts are blind", { keptMs: marginMs + markingMs / 2 }, () =>
      tellBlind(dependencies, accounts),
    );
    await attempt("Marking accounts", { keptMs: marginMs / 2 }, () =>
      markAgain(dependencies, accounts, () => remainingMs() < marginMs),
    );
  }
  if (errors.length > 0) throw errors[0];
};
