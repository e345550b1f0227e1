import { changeFinding } from "./change.ts";
import { type Finding, isViolationNews, type NoticeKind, type OutboxEntry } from "./finding.ts";
import type { FindingStore } from "./store.ts";
import { entered } from "./transition.ts";

/**
 * Takes what was told out of a finding's outbox, and out of no more than that: an entry that was merged with a later change
 * meanwhile has another id and stays. The first notice of the present opening sets `notifiedAt`, and `warnedAt` if it
 * said when the violation would be repaired.
 */
export const clearOutbox = (
  store: FindingStore,
  { account, id }: Pick<Finding, "account" | "id">,
  told: OutboxEntry,
  now: Date,
): Promise<Finding | undefined> =>
  changeFinding(store, account.id, id, (finding) => {
    if (finding === undefined) return finding;
    const outbox = finding.outbox.filter((entry) => entry.id !== told.id);
    const isFirst =
      finding.notifiedAt === undefined &&
      finding.exemption === undefined &&
      announces(told.kind) &&
      told.at >= finding.openedAt;
    if (outbox.length === finding.outbox.length && !isFirst) return finding;
    const at = now.toISOString();
    return {
      ...finding,
      outbox,
      ...(isFirst ? { notifiedAt: at } : {}),
      ...(isFirst && told.repairAfterHours !== undefined ? { warnedAt: at } : {}),
      history: entered(finding, { at, what: "notified", reason: told.kind }),
      version: finding.version + 1,
    };
  });

/** Whether a notice tells that the violation is there: where a ladder's clock starts. */
const announces = (kind: NoticeKind): boolean =>
  kind === "exemptionEnded" || (isViolationNews(kind) && kind !== "resolved");
