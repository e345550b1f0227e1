import { SNSClient } from "@aws-sdk/client-sns";
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from "vitest";
import { createS3Bucket } from "../../shared/aws/s3-bucket.ts";
import { createMemoryReportStore } from "../../shared/report/memory-store.ts";
import { createS3ReportStore } from "../../shared/report/s3-store.ts";
import { reportKeys } from "../../shared/report/store.ts";
import { describeWithPeers, startMotoServer } from "../support/peers.ts";
import { type S3Server, s3Credentials, startS3Server } from "../support/s3-server.ts";
import { describeReportStore } from "./store-contract.ts";

describeReportStore("memory", async () => {
  const store = createMemoryReportStore();
  return { store, read: async (key) => store.kept.get(key) };
});

const bucket = "iam-warden-reports";
/** With what the function takes of a client's configuration. */
const s3Bucket = (endpoint: string, credentials = s3Credentials) => {
  const { config } = new SNSClient({ region: "eu-west-1", credentials });
  const { sha256 } = config;
  return createS3Bucket({ ...{ bucket, region: "eu-west-1", endpoint }, credentials: config.credentials, sha256 });
};
const s3Store = (...given: Parameters<typeof s3Bucket>) => createS3ReportStore(s3Bucket(...given));

describe("S3", () => {
  let server: S3Server;
  const servers: S3Server[] = [];
  const start = async () => {
    server = await startS3Server();
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    for (const one of servers.splice(0)) await one.close();
  });
  const report = { json: "{}", html: "<p>" };

  describeReportStore("S3, which checks each signature", async () => {
    const { url, objects } = await start();
    return { store: s3Store(url), read: async (key) => objects.get(`/${bucket}/${key}`)?.body };
  });

  it("is told what they are, and shows the page as a page", async () => {
    const { url, objects } = await start();
    await s3Store(url).put("r1", report);
    const typeOf = (key: string) => objects.get(`/${bucket}/${key}`)?.headers["content-type"];
    const keys = reportKeys("r1");
    expect([typeOf(keys.json), typeOf(keys.html)]).toEqual(["application/json", "text/html; charset=utf-8"]);
  });

  it.each([
    ["denied", 403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>", "403: AccessDenied"],
    ["slowed down", 503, "<Error><Code>SlowDown</Code></Error>", "503: SlowDown"],
    ["sent elsewhere", 307, "", "307"],
  ])("is an error that another try may mend where it is %s", async (_what, status, body, says) => {
    const { url, fail, objects } = await start();
    fail(status, body);
    await expect(s3Store(url).put("r1", report)).rejects.toMatchObject({
      name: "ReportError",
      retryable: true,
      message: expect.stringContaining(says),
    });
    expect(objects.size).toBe(0);
  });

  it("is an error, not a wrong report, where the key is another's", async () => {
    const { url } = await start();
    const wrong = s3Store(url, { ...s3Credentials, secretAccessKey: "another" });
    await expect(wrong.put("r1", report)).rejects.toThrow("SignatureDoesNotMatch");
  });

  it("is an error where nobody answers", async () => {
    const { url, close } = await start();
    await close();
    servers.pop();
    await expect(s3Store(url).put("r1", report)).rejects.toMatchObject({ name: "ReportError" });
  });
});

test.each([
  ["sweep-2026-11-03T06:00:00.000Z", "reports/sweep-2026-11-03T06-00-00.000Z/report.html"],
  ["../../../etc", "reports/..-..-..-etc/report.html"],
  ["by hand: a/b?c#d", "reports/by-hand--a-b-c-d/report.html"],
])("the report of run %s lies in one folder below reports/", (runId, key) => {
  expect(reportKeys(runId).html).toBe(key);
});

describeWithPeers(["moto_server"], "moto's S3", () => {
  let moto: Awaited<ReturnType<typeof startMotoServer>>;
  beforeAll(async () => {
    moto = await startMotoServer();
    const location =
      "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    const made = await fetch(`${moto.url}/${bucket}`, { method: "PUT", body: location, headers: authorized });
    expect([made.status, await made.text()]).toEqual([200, expect.anything()]);
  });
  afterAll(() => moto.close());
  const authorized = {
    authorization:
      "AWS4-HMAC-SHA256 Credential=testing/20261103/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=x",
  };

  describeReportStore("moto's S3", async () => ({
    store: s3Store(moto.url),
    read: async (key) => {
      const answer = await fetch(`${moto.url}/${bucket}/${key}`, { headers: authorized });
      return answer.ok ? answer.text() : undefined;
    },
  }));
});
