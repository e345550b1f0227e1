import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAwsAccess } from "../../shared/aws/aws-access.ts";
import { call } from "../../shared/aws/errors.ts";
import { ThrottledError } from "../../shared/errors.ts";

const ownAccountId = "111122223333";
const page = "<!doctype html><html><body>Service Unavailable</body></html>";

/** Access Analyzer as a server of these answers has it, the last one time and again, and how often it was asked. */
const answering = async (...answers: readonly { readonly status: number; readonly body: string }[]) => {
  let asked = 0;
  const server = createServer((_, response) => {
    const { status, body } = answers[Math.min(asked, answers.length - 1)] ?? { status: 500, body: "" };
    asked += 1;
    response.writeHead(status, { "content-type": "text/html" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const aws = createAwsAccess({
    region: "eu-central-1",
    ownAccountId,
    maxAttempts: 2,
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials: async () => ({ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" }),
  });
  const list = () =>
    call("access-analyzer:ListAnalyzers", ownAccountId, () =>
      aws.accessAnalyzer(ownAccountId, "eu-central-1").list("ACCOUNT"),
    );
  return { list, asked: () => asked };
};

describe("a call in AWS's JSON protocol", () => {
  it("is tried again where what stands before the service answers with a page", async () => {
    const { list, asked } = await answering({ status: 503, body: page }, { status: 200, body: '{"analyzers":[]}' });
    expect(await list()).toEqual([]);
    expect(asked()).toBe(2);
  });

  it("to the end is an answer that did not come, to be tried again later", async () => {
    const { list, asked } = await answering({ status: 503, body: page });
    await expect(list()).rejects.toThrow(ThrottledError);
    expect(asked()).toBe(2);
  });

  it.each([200, 404])("says what came where it is no JSON, with status %i", async (status) => {
    const { list, asked } = await answering({ status, body: page });
    await expect(list()).rejects.toThrow(`answered with ${status} and no JSON: "<!doctype html>`);
    expect(asked()).toBe(1);
  });
});
