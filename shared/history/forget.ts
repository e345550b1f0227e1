import { MalformedInputError } from "../errors.ts";
import type { Finding } from "../findings/finding.ts";
import { isActive } from "../findings/item.ts";
import type { ForgetFindingAt } from "../findings/store.ts";
import type { ForgetRemediationAt, RemediationStore } from "../remediation/store.ts";
import type { HistorySettings } from "../settings/settings.ts";

// When what is over may be forgotten. The stores ask with each write, so that whoever writes cannot forget to ask, and what is
// not over any more is kept by being written.

const dayMs = 24 * 3_600_000;

/** When the last happened to a finding that nothing is to be done about; `undefined` while something is. */
const overSince = (finding: Finding): number | undefined => {
  if (isActive(finding)) return undefined;
  const { resolvedAt, observedAt, history } = finding;
  return Math.max(
    ...[resolvedAt, observedAt, history.at(-1)?.at].flatMap((at) => (at === undefined ? [] : Date.parse(at))),
  );
};

/**
 * When a finding may be forgotten: so many days after the last that happened to it, if it is resolved, nothing of it is to be
 * told or done, and no repair was ever tried on it but one that was finished for good. All others are kept: a repair that
 * stands can be undone only by its record, which people find by the finding; and one that was undone, or that failed, is not
 * tried again by itself because its record says so. `undefined` where the settings forget nothing.
 */
export const forgetFindingAt = (
  { keepResolvedDays }: HistorySettings,
  remediations: Pick<RemediationStore, "ofFinding">,
): ForgetFindingAt | undefined =>
  keepResolvedDays === undefined
    ? undefined
    : async (finding) => {
        const since = overSince(finding);
        if (since === undefined || !(await isWithoutRepair(remediations, finding))) return undefined;
        return new Date(since + keepResolvedDays * dayMs);
      };

const isWithoutRepair = async (
  remediations: Pick<RemediationStore, "ofFinding">,
  { account, id }: Finding,
): Promise<boolean> => {
  try {
    return (await remediations.ofFinding(account.id, id)).every(({ overAt }) => overAt !== undefined);
  } catch (error) {
    // What cannot be read may stand. It is no reason not to write the finding, which is about something else.
    if (error instanceof MalformedInputError) return false;
    throw error;
  }
};

/**
 * When a remediation may be forgotten: so many days after its finding was finished for good, hence not after the finding
 * itself. `undefined` where the settings forget nothing.
 */
export const forgetRemediationAt = ({ keepResolvedDays }: HistorySettings): ForgetRemediationAt | undefined =>
  keepResolvedDays === undefined
    ? undefined
    : ({ overAt }) => (overAt === undefined ? undefined : new Date(Date.parse(overAt) + keepResolvedDays * dayMs));
