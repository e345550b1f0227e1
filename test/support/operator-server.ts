import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { STSClient } from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsCredentialIdentity } from "@smithy/types";
import { createHandler } from "../../functions/operator.ts";
import type { OperatorDependencies } from "../../shared/operator/dependencies.ts";
import { createHttpOperator } from "../../shared/operator/http.ts";
import type { HttpAnswer } from "../../shared/operator/over-http.ts";

export const operatorCredentials: AwsCredentialIdentity = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const region = "eu-central-1";

/**
 * The real handler of the operator over HTTP, with what stands before it: at `/` a function's URL, which lets pass what is
 * signed by `operatorCredentials`, as `caller`; at `/operator` the local run, which asks for no signature.
 * @param before runs before each request, with its command
 */
export const serveOperator = async (
  dependencies: OperatorDependencies,
  caller: string,
  before: (command: string) => Promise<HttpAnswer | undefined> = async () => undefined,
): Promise<{ readonly url: string; readonly region: string; readonly requests: string[]; close(): Promise<void> }> => {
  const handler = createHandler(dependencies);
  const local = createHttpOperator(dependencies);
  const requests: string[] = [];
  const answer = async (request: IncomingMessage): Promise<HttpAnswer> => {
    const body = await text(request);
    requests.push(body);
    const replaced = await before(JSON.parse(body).command);
    if (replaced) return replaced;
    if (request.url === "/operator") return local(body, { arn: caller });
    if (!(await isSigned(request, body))) return { statusCode: 403, headers: {}, body: '{"Message":"Forbidden"}' };
    return handler({
      version: "2.0",
      requestContext: { http: { method: request.method }, authorizer: { iam: { userArn: caller } } },
      body: Buffer.from(body).toString("base64"),
      isBase64Encoded: true,
    });
  };
  const server = createServer((request, response) => {
    answer(request).then(
      ({ statusCode, headers, body }) => response.writeHead(statusCode, headers).end(body),
      (error: Error) => response.destroy(error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    region,
    requests,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};

/** Signs the request anew, at its own time, and compares. */
const isSigned = async ({ headers, url = "/" }: IncomingMessage, body: string): Promise<boolean> => {
  const { authorization, host = "" } = headers;
  const names = /SignedHeaders=([^,]+)/.exec(authorization ?? "")?.[1]?.split(";");
  if (authorization === undefined || names === undefined) return false;
  const { config } = new STSClient({ region });
  const signer = new SignatureV4({
    service: "lambda",
    region,
    credentials: operatorCredentials,
    sha256: config.sha256,
  });
  const [hostname = "", port] = host.split(":");
  const date = String(headers["x-amz-date"]);
  const again = await signer.sign(
    {
      method: "POST",
      protocol: "http:",
      hostname,
      port: Number(port),
      path: url,
      query: {},
      headers: Object.fromEntries(
        names.filter((name) => !name.startsWith("x-amz")).map((name) => [name, String(headers[name])]),
      ),
      body,
    },
    { signingDate: new Date(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z")) },
  );
  return again.headers.authorization === authorization;
};
