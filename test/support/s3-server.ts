import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export const s3Credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCY" };

export interface S3Server {
  readonly url: string;
  /** Objects by path, `/bucket/key`. */
  readonly objects: ReadonlyMap<string, { readonly body: string; readonly headers: IncomingMessage["headers"] }>;
  /** From now on answers so instead of storing. */
  fail(status: number, body: string): void;
  close(): Promise<void>;
}

const sha256 = (body: string): string => createHash("sha256").update(body).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();

/** Why S3 would refuse a signature, worked out anew from AWS's description of it; `undefined` if it would not. */
const refusalOf = (request: IncomingMessage, body: string): string | undefined => {
  const { authorization = "", "x-amz-content-sha256": contentHash, "x-amz-date": at = "" } = request.headers;
  const parsed =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/.exec(
      authorization,
    );
  if (parsed === null) return "AccessDenied";
  const [, accessKeyId, day = "", region = "", signed = "", signature] = parsed;
  if (accessKeyId !== s3Credentials.accessKeyId) return "InvalidAccessKeyId";
  if (contentHash !== sha256(body)) return "XAmzContentSHA256Mismatch";
  const headers = signed.split(";").map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, request.url, "", headers.join(""), signed, contentHash].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", at, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join("\n");
  const key = [day, region, "s3", "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${s3Credentials.secretAccessKey}`);
  return hmac(key, toSign).toString("hex") === signature ? undefined : "SignatureDoesNotMatch";
};

/** What S3 does of `PutObject` and `GetObject`, with the bucket in the path: it checks signatures, and keeps what it is given. */
export const startS3Server = async (): Promise<S3Server> => {
  const objects = new Map<string, { body: string; headers: IncomingMessage["headers"] }>();
  let failure: { readonly status: number; readonly body: string } | undefined;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const refusal = ["PUT", "GET"].includes(request.method ?? "") ? refusalOf(request, body) : "MethodNotAllowed";
    if (failure !== undefined) return void response.writeHead(failure.status).end(failure.body);
    if (refusal !== undefined) return void response.writeHead(403).end(`<Error><Code>${refusal}</Code></Error>`);
    if (request.method === "GET") {
      const object = objects.get(request.url ?? "");
      if (object === undefined) return void response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
      return void response.writeHead(200).end(object.body);
    }
    objects.set(request.url ?? "", { body, headers: request.headers });
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    fail: (status, body) => {
      failure = { status, body };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
