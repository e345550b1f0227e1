import { rootActivity } from "../controls/root-activity.ts";
import { unheardUse } from "../controls/terms/root/unheard-root.ts";
import type { AccountSnapshot } from "../facts/facts.ts";
import { findingId } from "../findings/finding.ts";
import { type Excused, noteActivity } from "../findings/reconcile.ts";
import { type Telling, tell } from "../notify/tell.ts";
import { contextFor } from "../settings/context.ts";
import type { Settings } from "../settings/settings.ts";

export interface NotingDependencies extends Telling {
  readonly settings: Settings;
}

/**
 * Tells of a use of root that IAM noted and no record came of, as root's activity. Between two marks somebody could turn the
 * rules off and on again; this is what remains of it. Where nobody can say since when the account is listened to, nothing is
 * told, and the next sweep looks again: the trace stays.
 */
export const noteUnheardRoot = async (
  dependencies: NotingDependencies,
  { account, root }: Pick<AccountSnapshot, "account" | "root">,
  { since, excused }: { readonly since: Date | undefined; readonly excused: Excused },
): Promise<void> => {
  const { store, settings, telemetry, clock } = dependencies;
  const now = clock();
  if (contextFor(settings, rootActivity, account, now) === undefined) return;
  if (since === undefined) return;
  const heard = await store.get(account.id, findingId(account.id, rootActivity.id, { kind: "root", name: "root" }));
  const lastUseAt = heard?.activity?.lastUseAt;
  const use = unheardUse(root, { lastUseAt: lastUseAt === undefined ? undefined : new Date(lastUseAt), since, now });
  if (use === undefined) return;
  const { usedAt, ...activity } = use;
  telemetry.warn("Root was used, and no event of it came", { account: account.id, usedAt: usedAt.toISOString() });
  const occurrence = { id: `last used at ${usedAt.toISOString()}`, at: now, usedAt };
  const finding = await noteActivity(store, account, rootActivity.id, activity, occurrence, { now, excused });
  if (finding !== undefined) await tell(dependencies, finding, now);
};
