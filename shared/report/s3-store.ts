import { SignatureV4, type SignatureV4CryptoInit, type SignatureV4Init } from "@smithy/signature-v4";
import { partitionOf } from "../aws/arn.ts";
import { messageOf, ReportError } from "../errors.ts";
import { type RenderedReport, type ReportStore, reportKeys } from "./store.ts";

const putTimeoutMs = 60_000;

export interface S3ReportStoreOptions extends Pick<SignatureV4Init, "credentials">, SignatureV4CryptoInit {
  readonly bucket: string;
  readonly region: string;
  /** Absent: S3 itself. The bucket then stands in the path. */
  readonly endpoint?: string | undefined;
  /** Absent: the standard one. */
  readonly fetch?: ((url: URL, init: RequestInit) => Promise<Response>) | undefined;
}

const types: { readonly [form in keyof RenderedReport]: string } = {
  json: "application/json",
  html: "text/html; charset=utf-8",
};

/**
 * Reports in an S3 bucket, which encrypts them as it is set to. One signed request each: S3's own client would double what
 * the function loads, for a call without pages, streams or waiters. Who called tries again.
 */
export const createS3ReportStore = ({
  bucket,
  region,
  endpoint,
  fetch: ask = fetch,
  ...signing
}: S3ReportStoreOptions): ReportStore => {
  const signer = new SignatureV4({ service: "s3", region, uriEscapePath: false, ...signing });
  const base =
    endpoint === undefined ? `https://${bucket}.s3.${region}.${suffixOf(region)}` : new URL(bucket, endpoint).href;

  const put = async (key: string, contentType: string, body: string): Promise<void> => {
    try {
      const url = new URL(`${base}/${key}`);
      const { headers } = await signer.sign({
        method: "PUT",
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port !== "" && { port: Number(url.port) }),
        path: url.pathname,
        headers: { host: url.host, "content-type": contentType },
        body,
      });
      const { host: _host, ...rest } = headers;
      const signal = AbortSignal.timeout(putTimeoutMs);
      const response = await ask(url, { method: "PUT", headers: rest, body, redirect: "manual", signal });
      if (!response.ok) throw new Error(`S3 answered ${response.status}: ${codeOf(await response.text())}`);
      await response.arrayBuffer();
    } catch (cause) {
      throw new ReportError(`The report was not kept as s3://${bucket}/${key}: ${messageOf(cause)}`, { cause });
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

/** The domain of a Region's endpoints. */
const suffixOf = (region: string): string => (partitionOf(region) === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com");

/** `AccessDenied` of S3's XML; else what it said, cut. */
const codeOf = (answer: string): string => /<Code>([^<]{1,100})<\/Code>/.exec(answer)?.[1] ?? answer.slice(0, 200);
