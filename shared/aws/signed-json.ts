import { setTimeout as pause } from "node:timers/promises";
import type { STSClient } from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsCredentialIdentityProvider } from "@smithy/types";
import { ThrottledError } from "../errors.ts";
import { isObject, textField } from "../events/record.ts";
import { classify } from "./errors.ts";

/** A call in the REST JSON protocol of AWS: its path with the query's names and values, and the body if it has one. */
export interface JsonCall {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** Where and as whom calls are made. */
export interface JsonEndpoint {
  /** The name that calls are signed with and, without `endpoint`, the first label of the host. */
  readonly service: string;
  readonly region: string;
  /** Of the partition: `amazonaws.com`. */
  readonly suffix: string;
  /** Absent: AWS itself. */
  readonly endpoint?: string | undefined;
  readonly credentials: AwsCredentialIdentityProvider;
  /** Told of each attempt. */
  readonly onAttempt: () => void;
}

/** An answer that is an error, in the shape of the SDK's own. */
export class JsonCallError extends Error {
  override readonly name: string;
  readonly $fault: "client" | "server";
  readonly $metadata: { readonly httpStatusCode: number };
  constructor(code: string, message: string, status: number) {
    super(message);
    this.name = code;
    this.$fault = status >= 500 ? "server" : "client";
    this.$metadata = { httpStatusCode: status };
  }
}

/** What a signer returns is one. */
type SdkRequest = Parameters<STSClient["config"]["requestHandler"]["handle"]>[0];

const mostDelayMs = 5_000;

/** What another try may mend: AWS was too busy, or did not answer. */
const isPassing = (error: unknown): boolean => classify(error, "") instanceof ThrottledError;

/**
 * Makes a call to a service of few operations, of which no SDK client is worth its size in each function: signed, and tried
 * again as often as the SDK's own clients try. It shares an SDK client's connections and hashing.
 * @throws JsonCallError, or what the connection fails with
 */
export const callJson = async ({ config }: STSClient, at: JsonEndpoint, asked: JsonCall): Promise<unknown> => {
  const attempts = await config.maxAttempts();
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(config, at, asked);
    } catch (error) {
      if (attempt >= attempts || !isPassing(error)) throw error;
      await pause(Math.random() * Math.min(mostDelayMs, 100 * 2 ** attempt));
    }
  }
};

const tryOnce = async (
  config: STSClient["config"],
  { service, region, suffix, endpoint, credentials, onAttempt }: JsonEndpoint,
  { method, path, query = {}, body }: JsonCall,
): Promise<unknown> => {
  const url = new URL(endpoint ?? `https://${service}.${region}.${suffix}`);
  const signer = new SignatureV4({ service, region, credentials, sha256: config.sha256 });
  const request = await signer.sign({
    ...{ method, protocol: url.protocol, hostname: url.hostname, path, query },
    ...(url.port !== "" && { port: Number(url.port) }),
    headers: { host: url.host, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  onAttempt();
  const { response } = await config.requestHandler.handle(request as SdkRequest);
  const text = await textOf(response.body);
  if (response.statusCode < 300) return text === "" ? {} : JSON.parse(text);
  const said = saidIn(text);
  const code = response.headers["x-amzn-errortype"] ?? textField(said, "__type") ?? textField(said, "code") ?? "";
  const message = textField(said, "message") ?? textField(said, "Message") ?? `answered with ${response.statusCode}`;
  throw new JsonCallError(code.replace(/^.*#|:.*$/g, ""), message, response.statusCode);
};

/** What an error's body says; nothing where it is not the service's own, as that of a load balancer before it. */
const saidIn = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const answer: unknown = JSON.parse(text);
    return isObject(answer) ? answer : {};
  } catch {
    return {};
  }
};

/** A response's body, whole: from Node a stream, in a process a buffer. */
const textOf = async (body: AsyncIterable<Uint8Array> | Uint8Array | undefined): Promise<string> => {
  if (body === undefined) return "";
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  return Buffer.concat(await Array.fromAsync(body)).toString();
};
