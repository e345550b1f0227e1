import { resolve } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import type { AccountRef } from "../subject.ts";
import { approvalMatches } from "./approval.ts";
import type { Interlock } from "./authorization.ts";
import type { Prepared } from "./prepare.ts";

/** An account as the organization lists it now; `undefined` if it is no active member. */
export type PresentAccount = (accountId: string) => Promise<AccountRef | undefined>;

/** Says why the ladder's step for this stage is not due yet, as a sentence; `undefined` if it is. */
export type WhyNotDue = (prepared: Prepared) => string | undefined;

/**
 * Holds what nobody opted into: repairs are not held as a whole; the settings have the control in mode remediate for the
 * account, by the OU that it is in now and not by that of its finding; and the ladder's step is due, or a person approved
 * this very plan.
 */
export const optedIn =
  ({
    settings,
    presentAccount,
    whyNotDue,
  }: {
    readonly settings: Settings;
    readonly presentAccount: PresentAccount;
    readonly whyNotDue: WhyNotDue;
  }): Interlock =>
  async (prepared) => {
    if (settings.repairs.held !== undefined) return settings.repairs.held;
    const { control, account: seen } = prepared.request.finding;
    const account = await presentAccount(seen.id);
    if (account === undefined) return `Account ${seen.id} is no active member of the organization.`;
    const { ouPath } = account;
    if (ouPath === undefined)
      return `The OU of account ${seen.id} is not known, so nobody can say whether ${control} is to be repaired there.`;
    const mode = resolve(settings, control, account)?.mode;
    if (mode === undefined) return `The settings say nothing of ${control}: it is only told.`;
    if (mode !== "remediate")
      return `The settings have ${control} in mode ${mode} for account ${seen.id} (OU ${ouPath}).`;
    return approvalMatches(prepared) ? undefined : whyNotDue(prepared);
  };
