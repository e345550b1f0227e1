import { setTimeout as sleep } from "node:timers/promises";
import type { HistoryEntry } from "../../shared/findings/finding.ts";
import { isIrreversible } from "../../shared/notify/actions.ts";
import type { Shown } from "../../shared/operator/show.ts";
import { type ExitCode, exitCodes } from "../command-error.ts";
import { createProgress } from "../output.ts";
import type { Ask } from "./client.ts";
import { shortId, stopWords } from "./words.ts";

/** What came of what was asked for. */
export interface Came {
  readonly exitCode: ExitCode;
  /** A sentence. */
  readonly what: string;
}

const pollMs = 2_000;

/**
 * Looks at a finding until something came of what was asked for, or the time is up.
 * @param seconds false: does not wait at all
 * @param cameOf what came of it, by how the finding stands now; `undefined` as long as nothing did
 */
export const waitFor = async (
  ask: Ask,
  id: string,
  seconds: number | false,
  cameOf: (shown: Shown) => Came | undefined,
): Promise<Came> => {
  if (seconds === false)
    return { exitCode: exitCodes.ok, what: `Asked for; \`warden show ${id}\` tells what comes of it.` };
  const progress = createProgress();
  const until = Date.now() + seconds * 1_000;
  for (;;) {
    const came = cameOf(await ask("show", { id }));
    const leftMs = until - Date.now();
    if (came !== undefined || leftMs <= 0) {
      progress.clear();
      return came ?? notYet(id, seconds);
    }
    progress.show(`waiting, at most ${Math.ceil(leftMs / 1_000)} s more`);
    await sleep(Math.min(pollMs, leftMs));
  }
};

const notYet = (id: string, seconds: number): Came => ({
  exitCode: exitCodes.incomplete,
  what: `Not done within ${seconds} s. It was asked for and may still be done; \`warden show ${id}\` tells.`,
});

/** What came of a repair since a look before it was asked for. */
export const repairCame =
  (before: Shown, stage: "repair" | "final") =>
  (now: Shown): Came | undefined => {
    const known = new Map(before.remediations.map((one) => [one.id, JSON.stringify(one)]));
    const latest = now.remediations.findLast((one) => one.stage === stage);
    const isNews = latest !== undefined && known.get(latest.id) !== JSON.stringify(latest);
    const undoing = isIrreversible(now.finding)
      ? "Nothing can undo this."
      : `Undo it with: warden undo ${shortId(now.finding.id)} --why "…"`;
    if (isNews && latest.state === "verified")
      return { exitCode: exitCodes.ok, what: `Repaired (${latest.id}). ${latest.verification ?? ""} ${undoing}` };
    if (isNews && latest.state === "failed")
      return {
        exitCode: exitCodes.refused,
        what: `The repair failed (${latest.id}): ${latest.failure ?? "it does not say why"}`,
      };
    const { repair } = now.finding;
    const isHeldAnew = repair?.state === "held" && JSON.stringify(repair) !== JSON.stringify(before.finding.repair);
    return isHeldAnew
      ? {
          exitCode: exitCodes.incomplete,
          what: `It is held by ${stopWords(repair.interlock ?? "plan")}: ${repair.why}`,
        }
      : undefined;
  };

/** What came of an undo since a look before it was asked for. */
export const undoCame =
  (before: Shown, remediationId: string) =>
  (now: Shown): Came | undefined => {
    const meant = now.remediations.find(({ id }) => id === remediationId);
    if (meant?.state === "undone")
      return { exitCode: exitCodes.ok, what: `Undone (${remediationId}): what stood there before stands again.` };
    const failure = lastFailure(now);
    if (failure === undefined || failure.at === lastFailure(before)?.at) return undefined;
    return { exitCode: exitCodes.refused, what: failure.reason ?? "The undo was refused; it is not said why." };
  };

/** A refused undo leaves the repair as it stands: the history alone tells of it. */
const lastFailure = ({ finding }: Shown): HistoryEntry | undefined =>
  finding.history.findLast(({ what }) => what === "failed");
