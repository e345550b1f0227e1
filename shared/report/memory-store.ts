import { type RenderedReport, type ReportStore, reportKeys } from "./store.ts";

/** Reports in the process, by key. */
export const createMemoryReportStore = (): ReportStore & { readonly kept: ReadonlyMap<string, string> } => {
  const kept = new Map<string, string>();
  return {
    kept,
    put: async (runId: string, { json, html }: RenderedReport) => {
      const keys = reportKeys(runId);
      kept.set(keys.json, json);
      kept.set(keys.html, html);
    },
  };
};
