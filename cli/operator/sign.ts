import { STSClient } from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import { CommandError } from "../command-error.ts";

/** `https://<id>.lambda-url.<Region>.on.aws/` */
const regionOf = ({ hostname }: URL): string | undefined =>
  /\.lambda-url\.([a-z0-9-]+)\.on\.[a-z.]+$/.exec(hostname)?.[1];

/**
 * The headers of a POST, signed as AWS has it for a function's URL: with the credentials that the SDK finds, and the Region of
 * the URL or else the configured one.
 * @throws CommandError if no Region is known; a CredentialsProviderError of the SDK
 */
export const signed = async (
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Record<string, string>> => {
  // A client that makes no call: it knows where this machine's configuration is, and how to hash.
  const { config } = new STSClient({});
  const region = regionOf(url) ?? (await config.region().catch(() => undefined));
  if (region === undefined)
    throw new CommandError("The Region of the operator's function is not known: set AWS_REGION.");
  const signer = new SignatureV4({ service: "lambda", region, credentials: config.credentials, sha256: config.sha256 });
  const request = await signer.sign({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== "" && { port: Number(url.port) }),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
    body,
  });
  const { host: _host, ...rest } = request.headers;
  return rest;
};
