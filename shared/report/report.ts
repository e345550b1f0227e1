import type { Severity } from "../control.ts";
import type { Actor, RepairStanding } from "../findings/finding.ts";
import type { ShownStatus } from "../findings/standing-of.ts";
import type { AccountSweep } from "../findings/store.ts";
import type { SeverityCounts } from "../notify/notice.ts";
import type { AccountRef, Subject } from "../subject.ts";

/** One open finding, as whoever reads the report needs it. */
export interface ReportedFinding {
  /** By what the operator's commands name it. */
  readonly id: string;
  readonly severity: Severity;
  readonly control: string;
  /** The account's id; its name stands in the coverage. */
  readonly account: string;
  readonly subject: Subject;
  readonly status: ShownStatus;
  readonly reason: string;
  /** ISO 8601 in UTC, as all times here. */
  readonly openedAt: string;
  readonly notifiedAt?: string;
  readonly owners?: readonly string[];
  /** Until when an exemption excuses it. */
  readonly exemptUntil?: string;
  readonly repair?: Pick<RepairStanding, "state" | "why">;
  readonly actor?: Pick<Actor, "arn" | "eventName" | "at">;
}

/** What a run saw of one account, and what is open there. */
export interface AccountCoverage {
  readonly account: AccountRef;
  /** `missing`: the run gave no result. */
  readonly status: AccountSweep["status"] | "missing";
  /** Why it was not swept. */
  readonly error?: string;
  /** What of it was judged, and what could not be. Absent where there is no result. */
  readonly result?: Pick<
    AccountSweep,
    "startedAt" | "finishedAt" | "verdicts" | "unknownCauses" | "gaps" | "population"
  >;
  /** Open and not excused; `null`: the account's findings cannot be read. */
  readonly open: SeverityCounts | null;
  readonly exempt: number;
}

/** What one sweep of the organization came to, with all that was open when it was over. */
export interface SweepReport {
  /** Of this format. */
  readonly version: 1;
  readonly runId: string;
  /** When the organization's accounts were listed. */
  readonly listedAt: string;
  /** When the findings were read. */
  readonly at: string;
  /** Open and not excused. */
  readonly open: SeverityCounts;
  readonly exempt: number;
  /** Those not swept first, then by how bad it is. */
  readonly coverage: readonly AccountCoverage[];
  /** Those with open findings, worst first. */
  readonly controls: readonly {
    readonly id: string;
    readonly title: string;
    readonly open: SeverityCounts;
    readonly exempt: number;
  }[];
  /** Everything that is open, excused or not: worst first, then by account, control and subject. */
  readonly findings: readonly ReportedFinding[];
}
