import { beforeEach, describe, expect, it } from "vitest";
import { type ReportStore, reportKeys } from "../../shared/report/store.ts";

export interface KeptReports {
  readonly store: ReportStore;
  /** What is kept under a key; `undefined`: nothing. */
  read(key: string): Promise<string | undefined>;
}

/** What every store of reports does. */
export const describeReportStore = (name: string, create: () => Promise<KeptReports>): void => {
  describe(`reports in ${name}`, () => {
    let reports: KeptReports;
    beforeEach(async () => {
      reports = await create();
    });
    const runId = "sweep-2026-11-03T06:00:00.000Z";
    const kept = async () => {
      const keys = reportKeys(runId);
      return { json: await reports.read(keys.json), html: await reports.read(keys.html) };
    };

    it("are kept in both forms, to the last character", async () => {
      const report = { json: '{"a":"Schlüssel 🔑"}\n', html: "<p>\r\n東京 &amp; 'x'</p>\n" };
      await reports.store.put(runId, report);
      expect(await kept()).toEqual(report);
    });

    it("are replaced by later ones of the same run, and by no other run's", async () => {
      await reports.store.put(runId, { json: "1", html: "one" });
      await reports.store.put(`${runId}x`, { json: "3", html: "three" });
      await reports.store.put(runId, { json: "2", html: "two" });
      expect(await kept()).toEqual({ json: "2", html: "two" });
    });

    it("may be empty, and as long as an organization's first", async () => {
      const long = "x".repeat(3_000_000);
      await reports.store.put(runId, { json: "", html: long });
      const { json, html } = await kept();
      expect([json, html?.length]).toEqual(["", long.length]);
    });
  });
};
