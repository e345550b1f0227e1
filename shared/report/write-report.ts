import { messageOf } from "../errors.ts";
import type { FindingStore } from "../findings/store.ts";
import type { SweepPlan } from "../sweep/plan.ts";
import type { Telemetry } from "../telemetry.ts";
import { collectReport } from "./collect.ts";
import { reportPage } from "./page.ts";
import type { ReportStore } from "./store.ts";

export interface ReportDependencies {
  readonly store: FindingStore;
  readonly reports: ReportStore;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
}

/**
 * Writes the report of a run, in place of an earlier one. It tells nobody anything, so that it may be tried again as often as
 * it takes.
 * @throws ReportError, and whatever keeps it from reading: no report was written then, or only its JSON
 */
export const writeReport = async (
  { store, reports, telemetry, clock }: ReportDependencies,
  plan: SweepPlan,
): Promise<void> => {
  const { runId } = plan;
  try {
    const report = await collectReport(store, plan, { now: clock() });
    await reports.put(runId, { json: `${JSON.stringify(report)}\n`, html: reportPage(report) });
    const { coverage, findings } = report;
    telemetry.info("Wrote the report of a sweep", { runId, accounts: coverage.length, findings: findings.length });
  } catch (error) {
    telemetry.count("ReportsFailed");
    telemetry.error(`The report of a sweep was not written: ${messageOf(error)}`, { error, runId });
    throw error;
  }
};
