import type { Finding } from "./finding.ts";
import { isMerelyHeld, withoutHeld } from "./repair-transition.ts";
import { entered } from "./transition.ts";

// How a finding changes by what people are told of its ladder, as `transition.ts` has it for the violation.

/** People were told when it will be repaired: the ladder's clock starts here, if it has not. */
export const warned = (finding: Finding, now: Date): Finding => {
  if (finding.status !== "open" || finding.warnedAt !== undefined) return finding;
  const at = now.toISOString();
  const next = { ...finding, warnedAt: at, version: finding.version + 1 };
  return { ...next, history: entered(next, { at, what: "reminded", reason: "Told that it will be repaired." }) };
};

/** Nothing is to be repaired here any more, and so nothing holds it: should that change again, people are warned anew. */
export const unwarned = (finding: Finding): Finding => {
  if (finding.warnedAt === undefined && finding.finishDueAt === undefined && !isMerelyHeld(finding.repair))
    return finding;
  const { warnedAt: _warnedAt, reminded: _reminded, finishDueAt: _finishDueAt, repair, ...kept } = finding;
  return {
    ...kept,
    ...(repair && !isMerelyHeld(repair) && { repair }),
    outbox: isMerelyHeld(repair) ? withoutHeld(kept) : kept.outbox,
    version: finding.version + 1,
  };
};

/** People were reminded of a step of the ladder. */
export const reminded = (finding: Finding, dueAt: string, now: Date): Finding => {
  const at = now.toISOString();
  if (finding.reminded?.dueAt === dueAt && finding.reminded.at >= at) return finding;
  const next = { ...finding, reminded: { dueAt, at }, version: finding.version + 1 };
  return { ...next, history: entered(next, { at, what: "reminded", reason: `To be repaired at ${dueAt}.` }) };
};
