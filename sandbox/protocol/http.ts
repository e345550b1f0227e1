import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { type HttpHandler, type HttpRequest, HttpResponse } from "@smithy/protocol-http";
import { type Dispatcher, dispatch } from "./dispatch.ts";

const bodyOf = (body: unknown): string => {
  if (body === undefined || body === null) return "";
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  throw new TypeError("the in-process handler takes no streams");
};

const pairs = ([name, value]: [string, string | string[] | null]): [string, string][] =>
  [value ?? []].flat().map((one) => [name, one]);

/** A bucket's name in the host, as the first part of the path: what S3 takes for the same. */
const bucketIn = (hostname: string): string => {
  const [, bucket] = /^([a-z0-9.-]+)\.s3\.[a-z0-9-]+\.amazonaws\.com$/.exec(hostname) ?? [];
  return bucket === undefined ? "" : `/${bucket}`;
};

/** The sandbox as the request handler of an AWS SDK client: the same wire format, without a wire. */
export const inProcessHandler = (dispatcher: Dispatcher, sourceIPAddress: string): HttpHandler => ({
  handle: async (request: HttpRequest) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const { status, body, ...answer } = await dispatch(dispatcher, {
      method: request.method,
      target: `${bucketIn(request.hostname)}${request.path}?${new URLSearchParams(Object.entries(request.query ?? {}).flatMap(pairs))}`,
      headers,
      body: bodyOf(request.body),
      sourceIPAddress,
    });
    return { response: new HttpResponse({ statusCode: status, headers: answer.headers, body: Buffer.from(body) }) };
  },
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
});

/** What else is served beside AWS, by path: takes the body of a POST. */
export type Routes = Readonly<Record<string, (body: string) => Promise<RouteAnswer>>>;

export interface RouteAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the sandbox on the loopback interface; port 0 picks a free one. */
export const listen = (dispatcher: Dispatcher, port = 0, routes: Routes = {}): Promise<Listening> => {
  const server = createServer((request, response) => {
    const answer = async () => {
      const path = request.url ?? "/";
      const route = request.method === "POST" && Object.hasOwn(routes, path) ? routes[path] : undefined;
      if (route !== undefined) {
        const { statusCode, headers, body } = await route(await text(request));
        response.writeHead(statusCode, headers).end(body);
        return;
      }
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value]),
      );
      const sourceIPAddress = request.socket.remoteAddress ?? "127.0.0.1";
      const {
        status,
        headers: own,
        body,
      } = await dispatch(dispatcher, {
        method: request.method ?? "",
        target: path,
        headers,
        body: await text(request),
        sourceIPAddress,
      });
      response.writeHead(status, own).end(body);
    };
    answer().catch((error: Error) => response.destroy(error));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const bound = typeof address === "object" ? address?.port : port;
      resolve({
        url: `http://127.0.0.1:${bound}`,
        close: () =>
          new Promise((done, failed) => {
            server.close((error) => (error ? failed(error) : done()));
            server.closeAllConnections();
          }),
      });
    });
  });
};
