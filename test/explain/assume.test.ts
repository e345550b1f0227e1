import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, test } from "vitest";
import type { ExplainReport } from "../../cli/explain/report.ts";
import { explainAsked } from "../../cli/explain/run-explain.ts";
import { callerContext, callerOfArn } from "../../shared/explain/caller.ts";
import { requestContext } from "../../shared/policy/language/variables.ts";
import { failureOf } from "../sandbox/support.ts";
import { allow, applyChange, createStage, inline, json } from "./stage.ts";

const gist = ({ verdict, decidedBy, obstacles }: ExplainReport) =>
  [verdict, decidedBy?.layer, ...obstacles.map(({ change }) => change.kind)].join(" ");
const denied = (call: () => Promise<unknown>) => failureOf(call());
const changeOf = ({ obstacles: [first] }: ExplainReport) => {
  if (first === undefined) throw new Error("nothing is in the way");
  return first;
};

const trust = (principal: object, more: object = {}) =>
  json({ Sid: "Trusted", Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...more });

/** Bob, who may assume what trusts him, and a role. */
const start = async (trustPolicy: (bobArn: string, accountId: string) => string, mayAssume = true) => {
  const stage = createStage();
  const bob = stage.user("bob", mayAssume ? inline("own", allow("sts:AssumeRole")) : {});
  const role = stage.role("app", { trustPolicy: trustPolicy(bob.arn, stage.account.id), ...inline("own", allow("*")) });
  const key = await stage.keyOf("bob");
  const call = (over: Parameters<ReturnType<typeof stage.stsAs>["assumeRole"]>[0] | object = {}, credentials = key) =>
    stage.stsAs(credentials).assumeRole({ RoleArn: role.arn, RoleSessionName: "one", ...over });
  return { stage, bob, role, call };
};

describe("a session of a role is refused", () => {
  test("by a trust policy without the caller", async () => {
    const { stage, bob, call } = await start(() => trust({ Service: "lambda.amazonaws.com" }));
    await denied(call);
    const report = await stage.explainLast();
    expect(gist(report)).toBe("changePolicies trust addStatement");
    expect(changeOf(report).near).toMatchObject({ name: "Trusted", misses: ["principal"] });
    expect(changeOf(report).change).toMatchObject({ statement: { Principal: { AWS: bob.arn } } });
    await applyChange(stage, changeOf(report), { role: "app" });
    await call();
  });

  test.each<[string, (id: string) => unknown, (id: string) => object, object]>([
    [
      "to others in the same account",
      (id) => ({ AWS: `arn:aws:iam::${id}:role/OrganizationAccountAccessRole` }),
      (id) => ({ StringEquals: { "aws:PrincipalAccount": id } }),
      { StringEquals: { "aws:PrincipalAccount": "the account" } },
    ],
    [
      "to another organization",
      () => "*",
      (id) => ({ StringEquals: { "aws:PrincipalOrgID": "o-other123456", "aws:PrincipalAccount": id } }),
      { StringEquals: { "aws:PrincipalAccount": "the account" } },
    ],
  ])("by a trust policy that lets in by conditions %s: the caller alone is let in, by what holds", async (...row) => {
    const [, principal, condition, kept] = row;
    const { stage, bob, call } = await start((_, id) => trust(principal(id) as object, { Condition: condition(id) }));
    await denied(call);
    const report = await stage.explainLast();
    expect(gist(report)).toBe("changePolicies trust addStatement");
    const { change } = changeOf(report);
    const { statement } = change.kind === "addStatement" ? change : {};
    expect(JSON.parse(JSON.stringify(statement).replaceAll(`"${stage.account.id}"`, '"the account"'))).toEqual({
      ...{ Effect: "Allow", Principal: { AWS: bob.arn }, Action: "sts:AssumeRole" },
      Condition: kept,
    });
    await applyChange(stage, changeOf(report), { role: "app" });
    await call();
  });

  test("to a caller without sts:AssumeRole, where the trust policy leaves it to the account", async () => {
    const { stage, call } = await start((_, id) => trust({ AWS: `arn:aws:iam::${id}:root` }), false);
    await denied(call);
    const report = await stage.explainLast();
    expect(gist(report)).toBe("changePolicies identity addStatement");
    await applyChange(stage, changeOf(report), { user: "bob" });
    await call();
  });

  const withExternalId = (arn: string) =>
    trust({ AWS: arn }, { Condition: { StringEquals: { "sts:ExternalId": "blue-42" } } });

  test("without the ExternalId: a refused call's record does not tell whether it had one", async () => {
    const { stage, call } = await start(withExternalId);
    await denied(call);
    const report = await stage.explainLast();
    expect(report).toMatchObject({ verdict: "depends", dependsOn: ["sts:ExternalId"] });
  });

  test.each([
    ["without an ExternalId", undefined],
    ["with a wrong ExternalId", "red-1"],
  ])("%s, where somebody says so", async (_, ExternalId) => {
    const { stage, call } = await start(withExternalId);
    await denied(() => call({ ExternalId }));
    const context = requestContext({ "sts:ExternalId": ExternalId ?? [] });
    const report = await stage.explainLast({ context });
    expect(gist(report)).toBe("changeRequest trust changeRequest");
    const [condition] = changeOf(report).near?.conditions ?? [];
    expect(condition).toMatchObject({ key: "sts:ExternalId", actual: ExternalId === undefined ? [] : [ExternalId] });
    await call({ ExternalId: condition?.wanted[0] });
  });

  test("for longer than the role allows", async () => {
    const { stage, bob, role, call } = await start((arn) => trust({ AWS: arn }));
    await denied(() => call({ DurationSeconds: 7200 }));
    expect(await stage.explainLast()).toMatchObject({ verdict: "refused", refusal: { kind: "sessionTooLong" } });
    const caller = callerOfArn(bob.arn);
    const asked = { caller, context: callerContext(caller), action: "sts:AssumeRole", resource: role.arn };
    const sources = await stage.sources();
    const tooLong = await explainAsked(sources, { ...asked, durationSeconds: 7200 });
    expect(tooLong.refusal?.why).toContain("allows 3600");
    expect(tooLong.notKnown).toEqual(["what the policies say: ask again with a shorter --duration"]);
    expect((await explainAsked(sources, { ...asked, durationSeconds: 3600 })).verdict).toBe("allowed");
    await call({ DurationSeconds: 3600 });
  });

  test("for longer than an hour to a session of another role", async () => {
    const { stage, role, call } = await start((_, id) => trust({ AWS: `arn:aws:iam::${id}:root` }));
    role.maxSessionDuration = 43_200;
    const first = stage.sandbox.credentialsFor(stage.account.id, { role: "app", sessionName: "first" });
    await denied(() => call({ DurationSeconds: 7200 }, first));
    const report = await stage.explainLast();
    expect(report).toMatchObject({ verdict: "refused", refusal: { kind: "chainedSessionTooLong" } });
    await call({ DurationSeconds: 3600 }, first);
  });

  test("of a role that is not there, which STS does not tell", async () => {
    const { stage, call } = await start((arn) => trust({ AWS: arn }));
    await denied(() => call({ RoleArn: `arn:aws:iam::${stage.account.id}:role/App` }));
    expect(await stage.explainLast()).toMatchObject({ verdict: "refused", refusal: { kind: "noSuchRole" } });
  });
});

describe("a session for a token is refused", () => {
  const issuer = "token.actions.githubusercontent.com";
  const main = "repo:acme/shop:ref:refs/heads/main";

  const startWithProvider = async () => {
    const stage = createStage();
    await stage.iam.createOpenIDConnectProvider({
      Url: `https://${issuer}`,
      ClientIDList: ["sts.amazonaws.com", "ci"],
    });
    const role = stage.role("deploy", {
      trustPolicy: json({
        Sid: "Deploy",
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${stage.account.id}:oidc-provider/${issuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com", [`${issuer}:sub`]: main } },
      }),
    });
    const { requestHandler, region } = stage.sandbox.clientConfig(
      stage.sandbox.credentialsFor(stage.account.id, "root"),
    );
    const sts = new STSClient({ requestHandler, region, maxAttempts: 1 });
    const call = (aud: string, sub: string) => {
      const claims = JSON.stringify({ iss: `https://${issuer}`, aud, sub });
      const WebIdentityToken = `e30.${Buffer.from(claims).toString("base64url")}.s`;
      return sts.send(
        new AssumeRoleWithWebIdentityCommand({ RoleArn: role.arn, RoleSessionName: "run", WebIdentityToken }),
      );
    };
    return { stage, call };
  };

  test("of another subject: whoever keeps the role can let it in, too", async () => {
    const { stage, call } = await startWithProvider();
    const pullRequest = "repo:acme/shop:pull_request";
    await denied(() => call("sts.amazonaws.com", pullRequest));
    const report = await stage.explainLast();
    expect(gist(report)).toBe("changePolicies trust addConditionValues");
    expect(changeOf(report).near?.conditions).toMatchObject([
      { key: `${issuer}:sub`, wanted: [main], actual: [pullRequest] },
    ]);
    await applyChange(stage, changeOf(report), { role: "deploy" });
    await call("sts.amazonaws.com", pullRequest);
    await call("sts.amazonaws.com", main);
  });

  test("for another audience than the trust policy takes: the token can be asked for it", async () => {
    const { stage, call } = await startWithProvider();
    await denied(() => call("ci", main));
    const report = await stage.explainLast();
    expect(gist(report)).toBe("changeRequest trust changeRequest");
    const [condition] = changeOf(report).near?.conditions ?? [];
    expect(condition).toMatchObject({ key: `${issuer}:aud`, actual: ["ci"] });
    await call(condition?.wanted[0] ?? "", main);
  });

  test("for an audience that the provider does not list: it never came to the trust policy", async () => {
    const { stage, call } = await startWithProvider();
    await denied(() => call("elsewhere", main));
    expect(await stage.explainLast()).toMatchObject({ verdict: "refused", refusal: { kind: "wrongAudience" } });
  });
});
