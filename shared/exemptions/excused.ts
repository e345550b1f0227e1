import type { Excused } from "../findings/reconcile.ts";
import type { Telemetry } from "../telemetry.ts";
import { exemptionFor } from "./match.ts";
import type { ExemptionStore } from "./store.ts";

/**
 * Who is excused, for judging and telling: all exemptions in one read. One that cannot be read excuses nobody here, and
 * that is logged and counted: people are told of too much rather than of too little. (Whoever writes holds instead.)
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
  const all = await exemptions.list({
    unreadable: (id, error) => {
      telemetry.count("ExemptionsUnreadable");
      telemetry.error(`An exemption cannot be read and excuses nobody: ${error.message}`, { exemption: id });
    },
  });
  return ({ control, account, subject }) => {
    const exemption = exemptionFor(all, { control, account, subject }, clock());
    if (exemption === undefined) return undefined;
    const { id, by, reason, until } = exemption;
    return { id, by, reason, until };
  };
};
