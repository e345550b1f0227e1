import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createAwsAccess } from "../../shared/aws/aws-access.ts";
import { call } from "../../shared/aws/errors.ts";
import { ThrottledError } from "../../shared/errors.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const page = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>";

/** Access Analyzer behind something that answers in its place so often. */
const behind = async (refusals: number) => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    if (asked <= refusals) response.writeHead(503, { "content-type": "text/html" }).end(page);
    else response.writeHead(200, { "content-type": "application/json" }).end('{"analyzers":[]}');
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  closing.push(() => server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const aws = createAwsAccess({
    ...{ region: "us-east-1", ownAccountId: "111122223333", maxAttempts: 2 },
    ...{ endpoint: `http://127.0.0.1:${port}`, credentials: { accessKeyId: "AKIA", secretAccessKey: "x" } },
  });
  const list = () =>
    call("access-analyzer:ListAnalyzers", "111122223333", () =>
      aws.accessAnalyzer("111122223333", "us-east-1").list("ACCOUNT"),
    );
  return { list, asked: () => asked };
};

describe("an answer that is no JSON, as a load balancer gives it", () => {
  it("is asked for again", async () => {
    const { list, asked } = await behind(1);
    expect(await list()).toEqual([]);
    expect(asked()).toBe(2);
  });

  it("to the end is an answer that did not come, to be tried again later", async () => {
    const { list } = await behind(2);
    await expect(list()).rejects.toThrow(ThrottledError);
  });
});
