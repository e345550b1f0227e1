import { byCodeUnit } from "../order.ts";
import { isWithin } from "../settings/resolve.ts";
import type { AccountRef, SubjectRef } from "../subject.ts";
import { type Exemption, type ExemptionScope, isOver } from "./exemption.ts";
import { matchesSubject } from "./pattern.ts";

/** Who may be excused from what; the account as it is now, so that one that moved follows its present OU. */
export interface Excusable {
  /** The control's id. */
  readonly control: string;
  readonly account: Pick<AccountRef, "id" | "ouPath">;
  readonly subject: SubjectRef;
}

/**
 * The exemption that excuses a subject from a control; `undefined` if none does. Of several it is the one that lasts
 * longest (so that a shorter one's end is not told as the end of the excuse), then the earliest made, then the least id:
 * their order in the list never counts.
 */
export const exemptionFor = (
  exemptions: readonly Exemption[],
  { control, account, subject }: Excusable,
  now: Date,
): Exemption | undefined =>
  exemptions
    .filter(
      (exemption) =>
        !isOver(exemption, now) &&
        (exemption.controls === "all" || exemption.controls.includes(control)) &&
        isInScope(exemption.scope, account) &&
        (exemption.subject === undefined || matchesSubject(exemption.subject, subject)),
    )
    .sort(longestFirst)[0];

/** An account whose OU is not known is in no OU. */
const isInScope = (scope: ExemptionScope, { id, ouPath }: Excusable["account"]): boolean => {
  if ("account" in scope) return scope.account === id;
  if ("ou" in scope) return ouPath !== undefined && isWithin(ouPath, scope.ou);
  return scope.organization;
};

const longestFirst = (a: Exemption, b: Exemption): number =>
  Date.parse(b.until) - Date.parse(a.until) || byCodeUnit(a.createdAt, b.createdAt) || byCodeUnit(a.id, b.id);
