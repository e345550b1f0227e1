import { activityControls } from "../controls/catalogue.ts";
import type { Finding } from "../findings/finding.ts";
import { reconcileActivity } from "../findings/reconcile.ts";
import { requireTold, tell } from "../notify/tell.ts";
import { contextFor } from "../settings/context.ts";
import type { SubjectDependencies } from "./dependencies.ts";
import type { ReceivedEvent } from "./receive.ts";

/**
 * Judges what the record itself shows, root at work for one, by all activity controls.
 * @throws DeliveryError once all is judged, if a notice could not be published: root at work cannot wait for a digest
 */
export const judgeActivity = async (dependencies: SubjectDependencies, event: ReceivedEvent): Promise<void> => {
  const { store, settings, accounts, organization, clock, excused } = dependencies;
  const now = clock();
  const account = await accounts.find(event.accountId);
  const view = await organization.of(account.id);
  const told: Finding[] = [];
  for (const control of activityControls) {
    const context = contextFor(settings, control, account, now, view);
    if (context === undefined) continue;
    const activity = control.judge(event.record, context);
    if (activity === undefined) continue;
    const finding = await reconcileActivity(store, account, control.id, activity, event.record, { now, excused });
    if (finding !== undefined) told.push(await tell(dependencies, finding, now));
  }
  requireTold(told);
};
