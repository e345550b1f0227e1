import { describe, expect, it } from "vitest";
import { createHandler } from "../../functions/operator.ts";
import { ann, operatorWorld } from "../operator/world.ts";
import { bob } from "../remediation/worlds.ts";

/** An event of a function's URL, as Lambda hands it over where the URL's authentication is IAM's. */
const urlEvent = (body: string | undefined, changes: object = {}, context: object = {}) => ({
  version: "2.0",
  routeKey: "$default",
  rawPath: "/",
  rawQueryString: "",
  headers: {
    host: "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws",
    "content-type": "application/json",
    "x-forwarded-for": "203.0.113.7",
    "x-amz-date": "20261120T080000Z",
  },
  requestContext: {
    accountId: "999999999999",
    apiId: "abcdefghijklmnopqrstuvwxyz012345",
    authentication: null,
    authorizer: {
      iam: {
        accessKey: "ASIAIOSFODNN7EXAMPLE",
        accountId: "999999999999",
        callerId: "AROAIOSFODNN7EXAMPLE:ann",
        cognitoIdentity: null,
        principalOrgId: "o-exampleorgid",
        userArn: ann,
        userId: "AROAIOSFODNN7EXAMPLE:ann",
      },
    },
    domainName: "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws",
    domainPrefix: "abcdefghijklmnopqrstuvwxyz012345",
    http: { method: "POST", path: "/", protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "node" },
    requestId: "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
    routeKey: "$default",
    stage: "$default",
    time: "20/Nov/2026:08:00:00 +0000",
    timeEpoch: 1_795_161_600_000,
    ...context,
  },
  ...(body !== undefined && { body }),
  isBase64Encoded: false,
  ...changes,
});

const worldWithHandler = async () => {
  const world = await operatorWorld(bob());
  const handler = createHandler(world);
  const send = async (event: unknown) => {
    const { statusCode, headers, body } = await handler(event);
    return { statusCode, headers, answer: JSON.parse(body) };
  };
  return { ...world, send };
};

describe("a request of the function's URL", () => {
  it("is answered as JSON, be its body plain or base64", async () => {
    const { send, finding } = await worldWithHandler();
    const body = JSON.stringify({ command: "show", id: finding.id });
    const plain = await send(urlEvent(body));
    expect(plain).toMatchObject({
      statusCode: 200,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
      answer: { ok: true, finding: { id: finding.id } },
    });
    const encoded = urlEvent(Buffer.from(body).toString("base64"), { isBase64Encoded: true });
    expect(await send(encoded)).toEqual(plain);
  });

  it("acts for whom Lambda authenticated, whatever else it says", async () => {
    const { send, finding, stored } = await worldWithHandler();
    const headers = { "x-amzn-iam-user-arn": "arn:aws:iam::1:user/eve", authorization: "AWS4 eve" };
    await send(urlEvent(JSON.stringify({ command: "ack", id: finding.id }), { headers }));
    expect((await stored()).history.at(-1)).toMatchObject({ what: "acknowledged", by: ann });
  });

  it.each([
    ["no authorizer", {}],
    ["an authorizer of another kind", { authorizer: { jwt: { claims: { sub: ann } } } }],
    ["nobody in it", { authorizer: { iam: { userArn: null } } }],
    ["an empty name", { authorizer: { iam: { userArn: "" } } }],
  ])("is refused with %s", async (_name, context) => {
    const { send, finding, stored } = await worldWithHandler();
    const before = await stored();
    const body = JSON.stringify({
      command: "ack",
      id: finding.id,
      requestContext: { authorizer: { iam: { userArn: ann } } },
    });
    expect(await send(urlEvent(body, {}, { authorizer: undefined, ...context }))).toMatchObject({
      statusCode: 401,
      answer: { ok: false, error: { name: "NotAuthenticatedError" } },
    });
    expect(await stored()).toEqual(before);
  });

  it.each([
    ["no body", undefined, 400, /The body is empty/],
    ["no JSON", "{command: findings}", 400, /The body is not JSON \(SyntaxError: .*\); write an object with a command/],
    ["JSON of something else", "[]", 400, /the request: is a list/],
    ["too much", `"${"x".repeat(100_001)}"`, 400, /has 100003 characters; write at most 100000/],
    [
      "an id that is not there",
      '{"command":"show","id":"ffffffff"}',
      404,
      /There is no finding whose id begins with ffffffff;/,
    ],
    ["a plan that is not there", `{"command":"undo","id":"ffffffff","why":"x"}`, 404, /There is no finding/],
  ])("is refused with %s", async (_name, body, statusCode, message) => {
    const { send } = await worldWithHandler();
    const refused = await send(urlEvent(body));
    expect(refused).toMatchObject({ statusCode, answer: { ok: false } });
    expect(refused.answer.error.message).toMatch(message);
  });

  it("is refused unless it is a POST", async () => {
    const { send } = await worldWithHandler();
    for (const method of ["GET", "PUT", "DELETE"])
      expect(await send(urlEvent(undefined, {}, { http: { method } }))).toMatchObject({ statusCode: 405 });
  });

  it("is refused if it is no such request at all", async () => {
    const { send } = await worldWithHandler();
    for (const event of [undefined, null, {}, { Records: [] }, { requestContext: { http: {} } }])
      expect(await send(event)).toMatchObject({
        statusCode: 400,
        answer: { error: { name: "MalformedRequestError" } },
      });
  });

  it("conflicts with how things stand: 409, with the reason", async () => {
    const { send, finding } = await worldWithHandler();
    const body = { command: "approve", id: finding.id, digest: "0".repeat(20), why: "ticket 4711" };
    expect(await send(urlEvent(JSON.stringify(body)))).toMatchObject({
      statusCode: 409,
      answer: { error: { name: "ConflictError", message: expect.stringContaining("not the one of digest") } },
    });
  });
});
