import type { FindingExemption } from "../findings/finding.ts";
import type { Excused } from "../findings/reconcile.ts";
import type { Telemetry } from "../telemetry.ts";
import { type Exemption, isOver } from "./exemption.ts";
import { exemptionFor } from "./match.ts";
import type { ExemptionStore } from "./store.ts";

/** All exemptions that can be read; each of the others is logged and counted. */
export const readableExemptions = (exemptions: ExemptionStore, telemetry: Telemetry): Promise<readonly Exemption[]> =>
  exemptions.list({
    unreadable: (id, error) => {
      telemetry.count("ExemptionsUnreadable");
      telemetry.error(`An exemption cannot be read and excuses nobody: ${error.message}`, { exemption: id });
    },
  });

/** An exemption as the findings that it excuses keep it. */
export const excuseOf = ({ id, by, reason, until }: Exemption): FindingExemption => ({ id, by, reason, until });

/**
 * Who is excused, for judging and telling: all exemptions in one read. One that cannot be read excuses nobody here: people
 * are told of too much rather than of too little. (Whoever writes holds instead.) What an OU's exemption excused stays so
 * while nobody can tell the account's OU: that is no news that it is over.
 */
export const readExcused = async ({
  exemptions,
  telemetry,
  clock,
}: {
  readonly exemptions: ExemptionStore;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
}): Promise<Excused> => {
  const all = await readableExemptions(exemptions, telemetry);
  return ({ control, account, subject, exemption: before }) => {
    const now = clock();
    const isKept = (one: Exemption): boolean =>
      account.ouPath === undefined && one.id === before?.id && "ou" in one.scope && !isOver(one, now);
    const exemption = exemptionFor(all, { control, account, subject }, now) ?? all.find(isKept);
    return exemption && excuseOf(exemption);
  };
};
