import { controlById } from "../controls/catalogue.ts";
import { resolve } from "../settings/resolve.ts";
import type { Ladder, Settings } from "../settings/settings.ts";
import type { AccountRef } from "../subject.ts";
import { repairAfterHours } from "./ladder.ts";

/** The ladder of a control in an account where it repairs; `undefined` where nothing is to be repaired. */
export const repairingLadder = (
  settings: Settings,
  controlId: string,
  account: Pick<AccountRef, "id" | "ouPath">,
): Ladder | undefined => {
  const control = controlById(controlId);
  if (control?.type !== "state" || control.repair === undefined) return undefined;
  const own = resolve(settings, controlId, account);
  // Whoever repairs asks for the OU; what it would hold is not announced.
  return own?.mode === "remediate" && account.ouPath !== undefined ? own.ladder : undefined;
};

/** After how many hours a violation that is told now will be repaired; `undefined` if it will not be. */
export const announcedHours = (
  settings: Settings,
  controlId: string,
  account: Pick<AccountRef, "id" | "ouPath">,
): number | undefined => {
  const ladder = repairingLadder(settings, controlId, account);
  return ladder && repairAfterHours(ladder);
};
