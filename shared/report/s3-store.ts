import type { S3Bucket } from "../aws/s3-bucket.ts";
import { messageOf, ReportError } from "../errors.ts";
import { type RenderedReport, type ReportStore, reportKeys } from "./store.ts";

const types: { readonly [form in keyof RenderedReport]: string } = {
  json: "application/json",
  html: "text/html; charset=utf-8",
};

/** Reports in an S3 bucket. */
export const createS3ReportStore = (bucket: S3Bucket): ReportStore => {
  const put = async (key: string, contentType: string, body: string): Promise<void> => {
    try {
      await bucket.put(key, contentType, body);
    } catch (cause) {
      throw new ReportError(`The report was not kept as ${bucket.address(key)}: ${messageOf(cause)}`, { cause });
    }
  };
  return {
    put: async (runId, report) => {
      const keys = reportKeys(runId);
      await put(keys.json, types.json, report.json);
      await put(keys.html, types.html, report.html);
    },
  };
};
