import type { AwsCredentialIdentity } from "@smithy/types";

/** What is measured; sent to the measuring process. */
export interface Target {
  readonly endpoint: string;
  /** Absent: the caller's own. */
  readonly accountId?: string;
  /** Where the endpoint is the sandbox: who calls, and its virtual time, which stands still. */
  readonly sandbox?: {
    readonly ownAccountId: string;
    readonly credentials: AwsCredentialIdentity;
    readonly now: string;
  };
  /** What to make there first, through the API. */
  readonly seed?: { readonly users: number; readonly roles: number };
}

/** One sweep, as the measuring process reports it. */
export interface MeasuredSweep {
  readonly name: string;
  /** Wire calls, retries included, by operation. */
  readonly calls: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly violations: number;
  readonly unknown: number;
}

/** What one process measured. */
export interface Measured {
  readonly users: number;
  readonly roles: number;
  readonly sweeps: readonly MeasuredSweep[];
  /** All controls over all subjects, facts in hand. */
  readonly evaluation: { readonly seconds: number; readonly verdicts: number };
  /** Of the whole measuring process. */
  readonly peakMegabytes: number;
}

/** A sweep that the limit on calls is about. */
export const quietSweep = "second, nothing changed";

/** The same after users were read live, for the report was stale: that is remembered. */
export const quietStaleSweep = "second on that report, nothing changed";
