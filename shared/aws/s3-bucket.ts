import { SignatureV4, type SignatureV4CryptoInit, type SignatureV4Init } from "@smithy/signature-v4";
import { partitionOf } from "./arn.ts";

const timeoutMs = 60_000;

export interface S3BucketOptions extends Pick<SignatureV4Init, "credentials">, SignatureV4CryptoInit {
  readonly bucket: string;
  readonly region: string;
  /** Absent: S3 itself. The bucket then stands in the path. */
  readonly endpoint?: string | undefined;
  /** Absent: the standard one. */
  readonly fetch?: ((url: URL, init: RequestInit) => Promise<Response>) | undefined;
}

/** Objects of one bucket, small enough to be sent and taken as a whole. Keys need no escape in a URL. */
export interface S3Bucket {
  /** `s3://bucket/key` */
  address(key: string): string;
  /** @throws Error with S3's code, or what kept it from answering */
  put(key: string, contentType: string, body: string): Promise<void>;
  /** @throws Error likewise; `NoSuchKey` where there is no such object */
  get(key: string): Promise<string>;
}

/**
 * A bucket, which encrypts what it is given as it is set to. One signed request each: S3's own client would double what a
 * function loads, for calls without pages, streams or waiters. Who called tries again.
 */
export const createS3Bucket = ({
  bucket,
  region,
  endpoint,
  fetch: ask = fetch,
  ...signing
}: S3BucketOptions): S3Bucket => {
  const signer = new SignatureV4({ service: "s3", region, uriEscapePath: false, ...signing });
  const base =
    endpoint === undefined ? `https://${bucket}.s3.${region}.${suffixOf(region)}` : new URL(bucket, endpoint).href;

  const send = async (method: string, key: string, typed: Record<string, string>, body?: string): Promise<string> => {
    const url = new URL(`${base}/${key}`);
    const { headers } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== "" && { port: Number(url.port) }),
      path: url.pathname,
      headers: { host: url.host, ...typed },
      ...(body !== undefined && { body }),
    });
    const { host: _host, ...rest } = headers;
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await ask(url, {
      ...{ method, headers: rest, redirect: "manual", signal },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`S3 answered ${response.status}: ${codeOf(text)}`);
    return text;
  };
  return {
    address: (key) => `s3://${bucket}/${key}`,
    put: async (key, contentType, body) => void (await send("PUT", key, { "content-type": contentType }, body)),
    get: (key) => send("GET", key, {}),
  };
};

/** The domain of a Region's endpoints. */
const suffixOf = (region: string): string => (partitionOf(region) === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com");

/** `AccessDenied` of S3's XML; else what it said, cut. */
const codeOf = (answer: string): string => /<Code>([^<]{1,100})<\/Code>/.exec(answer)?.[1] ?? answer.slice(0, 200);
