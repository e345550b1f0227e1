import { describe, expect, test } from "vitest";
import { addRole, trusting } from "../../../sandbox/iam/state.ts";
import { limitTo } from "../../../sandbox/organizations/attachments.ts";
import { AwsError } from "../../../sandbox/protocol/service.ts";
import { addAccount } from "../../../sandbox/state.ts";
import { allowing, startSandbox } from "../support.ts";

const memberId = "222222222222";
const statement = (Effect: string, Action: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect, Action, Resource: "*" }],
});

const start = () => {
  const started = startSandbox();
  const { sandbox, events } = started;
  const { state, ids, clock } = sandbox;
  const joinedAt = clock.now();
  const member = addAccount(state, { id: memberId, name: "member", joinedAt });
  const role = addRole(member, ids, { name: "app", createdAt: joinedAt, ...allowing("*") });
  const arn = `arn:aws:sts::${memberId}:assumed-role/app/sandbox`;
  const listUsers = { service: "iam", operation: "ListUsers", region: "us-east-1", input: {} };
  const refused = async (request: Parameters<typeof sandbox.call>[1] = listUsers, session?: object) => {
    const credentials = sandbox.credentialsFor(memberId, { role: "app" });
    if (session) Object.assign(state.sessions.get(credentials.accessKeyId) ?? {}, session);
    const error = await sandbox.call(credentials, request).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof AwsError)) throw new Error("the call was allowed");
    return { code: error.code, status: error.status, message: error.message };
  };
  return { ...started, sandbox, state, events, member, role, arn, refused };
};

describe("a refusal says why, in AWS's words", () => {
  const action = "iam:ListUsers";
  const on = (arn: string) => `User: ${arn} is not authorized to perform: ${action} on resource: *`;

  test("where no policy of the caller's allows", async () => {
    const { role, arn, refused } = start();
    role.inlinePolicies.clear();
    expect(await refused()).toEqual({
      code: "AccessDenied",
      status: 403,
      message: `${on(arn)} because no identity-based policy allows the ${action} action`,
    });
  });

  test("where a policy with an ARN denies", async () => {
    const { member, role, arn, refused, clientAs } = start();
    const iam = clientAs("root", memberId);
    const PolicyDocument = JSON.stringify(statement("Deny", action));
    const { Policy } = await iam.createPolicy({ PolicyName: "no", PolicyDocument });
    role.attachedPolicies.add(Policy?.Arn ?? "");
    expect(member.policies.size).toBe(1);
    expect((await refused()).message).toBe(
      `${on(arn)} with an explicit deny in an identity-based policy: ${Policy?.Arn}`,
    );
  });

  test("where the boundary does not allow", async () => {
    const { role, arn, refused } = start();
    role.boundary = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    expect((await refused()).message).toBe(`${on(arn)} because no permissions boundary allows the ${action} action`);
  });

  test("where the session's policy does not allow", async () => {
    const { arn, refused } = start();
    const policies = [JSON.stringify(statement("Allow", "s3:*"))];
    expect((await refused(undefined, { policies })).message).toBe(
      `${on(arn)} because no session policy allows the ${action} action`,
    );
  });

  test("where a service control policy denies, or allows nothing", async () => {
    const { state, arn, refused } = start();
    const { rootId } = state.organization;
    limitTo(
      state.organization,
      rootId,
      [statement("Allow", "*"), statement("Deny", action)].map((one) => JSON.stringify(one)),
    );
    expect((await refused()).message).toBe(`${on(arn)} with an explicit deny in a service control policy`);
    limitTo(state.organization, rootId, [JSON.stringify(statement("Allow", "s3:*"))]);
    expect((await refused()).message).toBe(`${on(arn)} because no service control policy allows the ${action} action`);
  });

  test("but for STS, and each service with its own code", async () => {
    const { role, arn, refused } = start();
    role.inlinePolicies.clear();
    const region = "us-east-1";
    const RoleArn = `arn:aws:iam::${memberId}:role/app`;
    const input = { RoleArn, RoleSessionName: "run" };
    expect(await refused({ service: "sts", operation: "AssumeRole", region, input })).toEqual({
      code: "AccessDenied",
      status: 403,
      message: `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    });
    expect(await refused({ service: "organizations", operation: "DescribeOrganization", region, input: {} })).toEqual({
      code: "AccessDeniedException",
      status: 400,
      message: expect.stringContaining(
        "because no identity-based policy allows the organizations:DescribeOrganization",
      ),
    });
    expect(await refused({ service: "sns", operation: "ListTopics", region, input: {} })).toEqual({
      code: "AuthorizationError",
      status: 403,
      message: expect.stringContaining("is not authorized to perform: SNS:ListTopics on resource: *"),
    });
  });
});

test("a refused call changes nothing, and is recorded without what it asked for", async () => {
  const { role, events, member, arn, refused } = start();
  role.inlinePolicies.set("own", JSON.stringify(statement("Allow", "iam:Get*")));
  const input = { UserName: "eve" };
  const { message } = await refused({ service: "iam", operation: "CreateUser", region: "us-east-1", input });
  expect(member.users.size).toBe(0);
  expect(events.map(({ account }) => account)).toEqual([memberId]);
  expect(events[0]?.detail).toMatchObject({
    eventName: "CreateUser",
    errorCode: "AccessDenied",
    errorMessage: message,
    requestParameters: null,
    responseElements: null,
    userIdentity: { arn },
  });
  expect(role.accessed?.get("iam")?.actions.has("CreateUser")).toBe(true);
});

test("what allowed a role's calls is known to who asked to record it", async () => {
  const { sandbox, role } = start();
  const own = { Version: "2012-10-17", Statement: [] as object[] };
  own.Statement.push({ Sid: "ReadUsers", Effect: "Allow", Action: ["iam:ListUsers", "iam:GetUser"], Resource: "*" });
  own.Statement.push({ Effect: "Allow", Action: "iam:List*", Resource: "*" });
  own.Statement.push({ Sid: "Unused", Effect: "Allow", Action: "iam:CreateUser", Resource: "*" });
  role.inlinePolicies.set("own", JSON.stringify(own));
  const call = (operation: string) =>
    sandbox.call(sandbox.credentialsFor(memberId, { role: "app" }), {
      ...{ service: "iam", operation, region: "us-east-1", input: {} },
    });
  await call("ListRoles");
  expect(sandbox.authorization.used()).toEqual([]);
  sandbox.authorization.recordUse();
  await call("ListUsers");
  await call("ListUsers");
  const used = { accountId: memberId, role: "app", policy: "own", action: "iam:ListUsers" };
  expect(sandbox.authorization.used()).toEqual([
    { ...used, statement: "ReadUsers" },
    { ...used, statement: "1" },
  ]);
});

test("a session's policy is what AssumeRole was given", async () => {
  const { sandbox, member, role } = start();
  role.trustPolicy = trusting({ AWS: `arn:aws:iam::${memberId}:role/caller` });
  addRole(member, sandbox.ids, { name: "caller", createdAt: member.joinedAt });
  const region = "us-east-1";
  const input = {
    RoleArn: role.arn,
    RoleSessionName: "run",
    Policy: JSON.stringify(statement("Allow", "iam:ListRoles")),
  };
  const { Credentials: made } = Object(
    await sandbox.call(sandbox.credentialsFor(memberId, { role: "caller" }), {
      ...{ service: "sts", operation: "AssumeRole", region, input },
    }),
  );
  const credentials = {
    accessKeyId: made.AccessKeyId,
    secretAccessKey: made.SecretAccessKey,
    sessionToken: made.SessionToken,
  };
  const call = (operation: string) => sandbox.call(credentials, { service: "iam", operation, region, input: {} });
  await call("ListRoles");
  await expect(call("ListUsers")).rejects.toThrow("because no session policy allows the iam:ListUsers action");
});
