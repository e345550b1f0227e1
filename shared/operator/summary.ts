import type { Severity } from "../control.ts";
import { cut } from "../findings/bounds.ts";
import type { Finding, FindingExemption, RepairStanding } from "../findings/finding.ts";
import { type ShownStatus, shownStatus } from "../findings/standing-of.ts";
import type { Remediation } from "../remediation/remediation.ts";
import type { AccountRef, Subject } from "../subject.ts";

/** A finding as lists show it. */
export interface FindingSummary {
  readonly id: string;
  readonly account: AccountRef;
  readonly control: string;
  readonly severity: Severity;
  readonly subject: Subject;
  readonly status: ShownStatus;
  readonly reason: string;
  readonly openedAt: string;
  readonly resolvedAt?: string;
  /** The first notice of this opening; absent as long as nobody was told. */
  readonly notifiedAt?: string;
  readonly owners?: readonly string[];
  readonly repair?: Pick<RepairStanding, "state" | "at" | "why" | "interlock">;
  readonly exemption?: FindingExemption;
}

const reasonLength = 300;

export const summaryOf = (finding: Finding, now: Date): FindingSummary => {
  const { id, account, control, severity, subject, reason, openedAt, resolvedAt, notifiedAt, owners } = finding;
  const { repair, exemption } = finding;
  const status = shownStatus(finding, now);
  return {
    id,
    account,
    control,
    severity,
    subject,
    status,
    reason: cut(reason, reasonLength),
    openedAt,
    ...(resolvedAt !== undefined && { resolvedAt }),
    ...(notifiedAt !== undefined && { notifiedAt }),
    ...(owners && { owners }),
    ...(repair && {
      repair: {
        state: repair.state,
        at: repair.at,
        why: cut(repair.why, reasonLength),
        ...(repair.interlock !== undefined && { interlock: repair.interlock }),
      },
    }),
    ...(status === "exempt" && exemption && { exemption }),
  };
};

/** A remediation without its steps. */
export type RemediationSummary = Omit<
  Remediation,
  "steps" | "account" | "findingId" | "control" | "subject" | "version"
>;

export const remediationSummaryOf = (remediation: Remediation): RemediationSummary => {
  const { steps: _s, account: _a, findingId: _f, control: _c, subject: _u, version: _v, ...summary } = remediation;
  return summary;
};
