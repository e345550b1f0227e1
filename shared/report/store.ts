import { keyOfRun } from "../sweep/requests.ts";

/** Where the reports of sweeps are kept. Its adapters pass one contract suite (`test/report/store-contract.ts`). */
export interface ReportStore {
  /**
   * Keeps both forms of a run's report, in place of earlier ones of the same run.
   * @throws ReportError if one of them was not, or perhaps not, kept
   */
  put(runId: string, report: RenderedReport): Promise<void>;
}

export interface RenderedReport {
  /** A `SweepReport`. */
  readonly json: string;
  /** A page that shows it. */
  readonly html: string;
}

/** What all keys begin with: the only ones that the function may write. */
export const reportPrefix = "reports/";

/** The keys of a run's report. */
export const reportKeys = (runId: string): { readonly [form in keyof RenderedReport]: string } => {
  const folder = `${reportPrefix}${keyOfRun(runId)}`;
  return { json: `${folder}/report.json`, html: `${folder}/report.html` };
};
