import { describe, expect, test } from "vitest";
import { addGroup, addRole, addUser } from "../../sandbox/iam/state.ts";
import { limitTo } from "../../sandbox/organizations/attachments.ts";
import { addAccount } from "../../sandbox/state.ts";
import type { Use } from "../../sandbox/use.ts";
import { denyUntilMfa } from "../../shared/controls/terms/deny-until-mfa.ts";
import { parseEnvelope } from "../../shared/events/envelope.ts";
import { userFacts } from "../support/facts.ts";
import { startSandbox } from "./support.ts";

const document = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const allow = (Action: string | string[], more: object = {}) => ({ Effect: "Allow", Action, Resource: "*", ...more });
const deny = (Action: string | string[], more: object = {}) => ({ Effect: "Deny", Action, Resource: "*", ...more });

const member = "222222222222";

/** A member account with a role `app` and a user `alice` that may do anything in S3 and EC2. */
const start = () => {
  const { sandbox, events, clientAs } = startSandbox();
  const createdAt = sandbox.clock.now();
  const account = addAccount(sandbox.state, { id: member, name: "member", joinedAt: createdAt });
  const inlinePolicies = () => new Map([["own", document(allow(["s3:*", "ec2:*"]))]]);
  const role = addRole(account, sandbox.ids, { name: "app", createdAt, inlinePolicies: inlinePolicies() });
  const user = addUser(account, sandbox.ids, { name: "alice", createdAt, inlinePolicies: inlinePolicies() });
  user.accessKeys.push({ id: "AKIAAAAAAAAAAAAAAAAA", secret: "", status: "Active", createdAt });
  const iam = clientAs("root", member);
  const managed = async (PolicyName: string, ...statements: object[]) => {
    const { Policy } = await iam.createPolicy({ PolicyName, PolicyDocument: document(...statements) });
    return Policy?.Arn ?? "";
  };
  const as =
    (who: Parameters<typeof sandbox.use>[1]) =>
    (action: string, more: Partial<Use> = {}) => {
      const [service = "", name = ""] = action.split(":");
      return sandbox.use(member, who, { service, action: name, ...more });
    };
  const asRole = as({ role: "app", sessionName: "worker-1" });
  const asAlice = as({ user: "alice" });
  const last = () => events.at(-1)?.detail ?? {};
  return { sandbox, events, account, role, user, managed, asRole, asAlice, last };
};

const roleArn = `arn:aws:sts::${member}:assumed-role/app/worker-1`;

describe("a call that the principal's policies", () => {
  test("allow is recorded as done and noted as last use", () => {
    const { asRole, role, events, last, sandbox } = start();
    expect(asRole("s3:ListAllMyBuckets", { eventName: "ListBuckets", region: "eu-central-1" })).toBe("allowed");
    expect(events.at(-1)).toMatchObject({ source: "aws.s3", account: member, region: "eu-central-1" });
    expect(last()).toMatchObject({
      eventSource: "s3.amazonaws.com",
      eventName: "ListBuckets",
      readOnly: true,
      userIdentity: { type: "AssumedRole", arn: roleArn, sessionContext: { sessionIssuer: { userName: "app" } } },
      recipientAccountId: member,
    });
    expect(last()).not.toHaveProperty("errorCode");
    expect(role.lastUsed).toEqual({ at: sandbox.clock.now(), region: "eu-central-1" });
    expect([...(role.accessed?.get("s3")?.actions.keys() ?? [])]).toEqual(["ListAllMyBuckets"]);
  });

  test("do not allow is denied, and AWS counts the attempt as use", () => {
    const { asRole, role, last } = start();
    expect(asRole("kms:ListKeys")).toBe("denied");
    expect(last()).toMatchObject({
      eventName: "ListKeys",
      errorCode: "AccessDenied",
      errorMessage: `User: ${roleArn} is not authorized to perform: kms:ListKeys because no identity-based policy allows the kms:ListKeys action`,
      requestParameters: null,
    });
    expect(role.accessed?.has("kms")).toBe(true);
  });

  test("deny is denied in the name of the policy, which has an ARN if it is managed", async () => {
    const { asRole, role, managed, last } = start();
    role.inlinePolicies.set("no", document(deny("s3:DeleteBucket")));
    const resource = "arn:aws:s3:::data";
    expect(asRole("s3:DeleteBucket", { resource })).toBe("denied");
    expect(last().errorMessage).toBe(
      `User: ${roleArn} is not authorized to perform: s3:DeleteBucket on resource: "${resource}" with an explicit deny in an identity-based policy`,
    );
    const arn = await managed("no", deny("ec2:RunInstances"));
    role.attachedPolicies.add(arn);
    expect(asRole("ec2:RunInstances", { resource: "arn:aws:ec2:us-east-1:222222222222:instance/*" })).toBe("denied");
    expect(last()).toMatchObject({
      errorCode: "Client.UnauthorizedOperation",
      errorMessage: `You are not authorized to perform this operation. User: ${roleArn} is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:222222222222:instance/* with an explicit deny in an identity-based policy: ${arn}`,
    });
  });
});

describe("a boundary", () => {
  test("cuts off what it does not allow, from the moment that it is there until it goes", async () => {
    const { asRole, role, managed, last } = start();
    expect(asRole("s3:CreateBucket")).toBe("allowed");
    role.boundary = await managed("boundary", allow(["ec2:*"]), deny("ec2:RunInstances"));
    expect(asRole("s3:CreateBucket")).toBe("denied");
    expect(last().errorMessage).toMatch(/ because no permissions boundary allows the s3:CreateBucket action$/);
    expect(asRole("ec2:DescribeInstances")).toBe("allowed");
    expect(asRole("ec2:RunInstances")).toBe("denied");
    expect(last().errorMessage).toMatch(
      new RegExp(` with an explicit deny in a permissions boundary: ${role.boundary}$`),
    );
    delete role.boundary;
    expect(asRole("s3:CreateBucket")).toBe("allowed");
  });

  test("is not blamed for what was never allowed", async () => {
    const { asRole, role, managed, last } = start();
    role.boundary = await managed("boundary", allow("ec2:*"));
    expect(asRole("kms:ListKeys")).toBe("denied");
    expect(last().errorMessage).toMatch(/ because no identity-based policy allows /);
  });
});

describe("a service control policy", () => {
  test("limits the members below it, by unit or account, and never the management account", () => {
    const { sandbox, account, asRole, last } = start();
    const { organization } = sandbox.state;
    organization.units.set("ou-1", { id: "ou-1", name: "prod", parentId: organization.rootId, tags: new Map() });
    account.parentId = "ou-1";
    limitTo(organization, "ou-1", [document(allow("*"), deny("s3:DeleteBucket"))]);
    expect(asRole("s3:CreateBucket")).toBe("allowed");
    expect(asRole("s3:DeleteBucket")).toBe("denied");
    expect(last().errorMessage).toMatch(/ with an explicit deny in a service control policy$/);
    expect(sandbox.use(member, "root", { service: "s3", action: "DeleteBucket" })).toBe("denied");
    limitTo(organization, member, [document(allow("ec2:*"))]);
    expect(asRole("s3:CreateBucket")).toBe("denied");
    expect(last().errorMessage).toMatch(/ because no service control policy allows the s3:CreateBucket action$/);
    limitTo(organization, organization.rootId, []);
    const management = { service: "s3", action: "DeleteBucket" };
    expect(sandbox.use(organization.managementAccountId, "root", management)).toBe("allowed");
  });
});

describe("a user", () => {
  test("has what its groups allow, and calls with its active key", () => {
    const { sandbox, account, user, asAlice, last } = start();
    expect(asAlice("kms:ListKeys")).toBe("denied");
    const createdAt = sandbox.clock.now();
    const inlinePolicies = new Map([["keys", document(allow("kms:*"))]]);
    addGroup(account, sandbox.ids, { name: "keys", createdAt, inlinePolicies });
    user.groups.add("keys");
    expect(asAlice("kms:ListKeys")).toBe("allowed");
    expect(last().userIdentity).toMatchObject({
      type: "IAMUser",
      userName: "alice",
      accessKeyId: user.accessKeys[0]?.id,
    });
    expect(user.accessKeys[0]?.lastUsed).toMatchObject({ service: "kms" });
  });

  test("without an active key is denied without a record", () => {
    const { user, asAlice, events } = start();
    for (const key of user.accessKeys) key.status = "Inactive";
    expect(asAlice("s3:ListAllMyBuckets")).toBe("denied");
    expect(events).toEqual([]);
    expect(user.accessed).toBeUndefined();
  });

  test("who may do nothing in the console until there is MFA goes on with the access key", () => {
    const { user, asAlice, last } = start();
    const { write } = denyUntilMfa(userFacts({ name: "alice", arn: user.arn }));
    user.inlinePolicies.set(write.policyName, write.document);
    expect(asAlice("s3:ListAllMyBuckets")).toBe("allowed");
    expect(asAlice("s3:ListAllMyBuckets", { mfa: true })).toBe("allowed");
    expect(asAlice("s3:ListAllMyBuckets", { mfa: false })).toBe("denied");
    expect(last().errorMessage).toMatch(/ with an explicit deny in an identity-based policy$/);
  });
});

test("conditions see who calls, from which organization and where", () => {
  const { sandbox, role, asRole } = start();
  role.tags.set("Team", "blue");
  const only = (condition: object) => role.inlinePolicies.set("own", document(allow("s3:*", { Condition: condition })));
  const { id } = sandbox.state.organization;
  only({
    StringEquals: { "aws:PrincipalOrgID": id, "aws:PrincipalTag/Team": "blue", "aws:RequestedRegion": "eu-west-1" },
    ArnEquals: { "aws:PrincipalArn": role.arn },
  });
  expect(asRole("s3:ListAllMyBuckets", { region: "eu-west-1" })).toBe("allowed");
  expect(asRole("s3:ListAllMyBuckets", { region: "us-east-1" })).toBe("denied");
});

test("what nobody can judge is no answer", () => {
  const { role, asRole } = start();
  role.inlinePolicies.set("odd", document(deny("s3:*", { Condition: { StringResembles: { "aws:userid": "x" } } })));
  expect(() => asRole("s3:ListAllMyBuckets")).toThrow(/nobody can judge s3:ListAllMyBuckets/);
});

test("data events leave no record unless the account logs them", () => {
  const { account, asRole, events, last } = start();
  expect(asRole("s3:GetObject", { resource: "arn:aws:s3:::data/a" })).toBe("allowed");
  expect(events).toEqual([]);
  account.logsDataEvents = true;
  expect(asRole("s3:GetObject", { resource: "arn:aws:s3:::data/a" })).toBe("allowed");
  expect(last()).toMatchObject({ eventName: "GetObject", managementEvent: false, eventCategory: "Data" });
  expect(asRole("s3:GetBucketObjectLockConfiguration")).toBe("allowed");
  expect(last()).toMatchObject({ managementEvent: true, eventCategory: "Management" });
});

test("whoever is not there cannot call", () => {
  const { sandbox } = start();
  const what = { service: "s3", action: "ListAllMyBuckets" };
  expect(() => sandbox.use(member, { role: "nobody" }, what)).toThrow(`account ${member} has no role nobody`);
  expect(() => sandbox.use("999999999999", "root", what)).toThrow("the sandbox has no account 999999999999");
});

test("the records are ones that the program reads, the same for the same seed", () => {
  const life = () => {
    const { asRole, asAlice, events } = start();
    asRole("s3:ListAllMyBuckets");
    asAlice("kms:ListKeys");
    asAlice("iam:ListUsers", { mfa: false });
    return events;
  };
  const events = life();
  expect(events).toHaveLength(3);
  for (const event of events) expect(() => parseEnvelope(event)).not.toThrow();
  expect(life()).toEqual(events);
});
