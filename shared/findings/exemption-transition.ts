import { boundReason, cut } from "./bounds.ts";
import type { Finding, FindingExemption, OutboxEntry } from "./finding.ts";
import { byLength, isMerelyHeld, news, withoutHeld } from "./repair-transition.ts";
import { entered, type Telling, withoutViolationNews, withoutWarnings } from "./transition.ts";

// How a finding changes by who excuses it, as `transition.ts` has it for the violation.

/**
 * Somebody excused the finding. It stays open and counted. What had been told is told to be excused; what had not, is not
 * told at all. The clock of its ladder begins anew once the exemption is over.
 */
export const exempted = (finding: Finding, exemption: FindingExemption, telling: Telling): Finding => {
  const before = finding.exemption;
  if (finding.status !== "open" || (before?.id === exemption.id && before.until === exemption.until)) return finding;
  const at = telling.now.toISOString();
  const { repair, ...kept } = withoutWarnings(finding);
  const next: Finding = {
    ...kept,
    ...(repair && !isMerelyHeld(repair) && { repair }),
    exemption: { ...exemption, by: cut(exemption.by, byLength), reason: boundReason(exemption.reason) },
    version: finding.version + 1,
  };
  const reason = `Excused until ${exemption.until}: ${exemption.reason}`;
  const rest = { outbox: withoutHeld({ outbox: withoutViolationNews(next) }), version: next.version };
  const wasTold = finding.notifiedAt !== undefined;
  return {
    ...next,
    history: entered(next, { at, what: "exempted", reason, by: exemption.by }),
    outbox: wasTold
      ? news(rest, "exempted", reason, deliveryOf(finding, telling), telling.now, telling.runId)
      : rest.outbox,
  };
};

/**
 * The finding is excused no more. It is told anew, and its ladder begins with that.
 * @param by who ended the exemption, where it did not end by itself
 */
export const exemptionEnded = (finding: Finding, telling: Telling, by?: string): Finding => {
  if (finding.exemption === undefined || finding.status !== "open") return finding;
  const { exemption, ...kept } = withoutWarnings(finding);
  const next: Finding = { ...kept, version: finding.version + 1 };
  const reason = `The exemption of ${exemption?.by} (${exemption?.reason}) is over: ${finding.reason}`;
  const rest = { outbox: next.outbox.filter(({ kind }) => kind !== "exempted"), version: next.version };
  return {
    ...next,
    history: entered(next, {
      at: telling.now.toISOString(),
      what: "exemptionEnded",
      reason,
      ...(by !== undefined && { by }),
    }),
    outbox: news(rest, "exemptionEnded", reason, deliveryOf(finding, telling), telling.now, telling.runId),
  };
};

const deliveryOf = ({ severity }: Finding, { delivery }: Telling): OutboxEntry["delivery"] =>
  severity === "critical" ? "single" : delivery;
