import { describe, expect, test } from "vitest";
import { addGroup, addRole, addUser } from "../../../sandbox/iam/state.ts";
import { limitTo } from "../../../sandbox/organizations/attachments.ts";
import { createSandbox, type Sandbox } from "../../../sandbox/sandbox.ts";
import { addTopic } from "../../../sandbox/sns/topics.ts";
import { type AccountState, addAccount } from "../../../sandbox/state.ts";

// What AWS documents of how a request is decided, on the calls of a sandbox.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

const memberId = "222222222222";
const otherId = "333333333333";

const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (Action: string | string[], rest: object = {}) => ({ Effect: "Allow", Action, Resource: "*", ...rest });
const deny = (Action: string | string[], rest: object = {}) => ({ ...allow(Action, rest), Effect: "Deny" });
const everything = document(allow("*"));
const trust = (Principal: unknown, Condition?: object) =>
  document({ Effect: "Allow", Principal, Action: "sts:AssumeRole", ...(Condition && { Condition }) });

const bobArn = `arn:aws:iam::${memberId}:user/team/bob`;
const appArn = `arn:aws:iam::${memberId}:role/app`;
const targetIn = (accountId: string) => `arn:aws:iam::${accountId}:role/target`;

interface World {
  readonly sandbox: Sandbox;
  readonly member: AccountState;
  readonly other: AccountState;
  /** Puts inline policies on bob (a user in path /team/) and on the role app. */
  may(...statements: object[]): void;
  bound(...statements: object[]): void;
  scp(target: string, ...statements: object[]): void;
  trusted(accountId: string, trustPolicy: string): void;
  topic(accountId: string, policy?: string): string;
}

const world = (): World => {
  const sandbox = createSandbox();
  const { state, ids, clock } = sandbox;
  const joinedAt = clock.now();
  const unit = { id: "ou-root-prod0000", name: "Prod", parentId: state.organization.rootId, tags: new Map() };
  state.organization.units.set(unit.id, unit);
  const member = addAccount(state, { id: memberId, name: "member", joinedAt, parentId: unit.id });
  const other = addAccount(state, { id: otherId, name: "other", joinedAt });
  const management = state.accounts.get(state.organization.managementAccountId) as AccountState;
  const bob = addUser(member, ids, { name: "bob", path: "/team/", createdAt: joinedAt });
  const app = addRole(member, ids, { name: "app", createdAt: joinedAt });
  addGroup(member, ids, { name: "staff", createdAt: joinedAt });
  addRole(member, ids, {
    name: "linked",
    path: "/aws-service-role/x.amazonaws.com/",
    createdAt: joinedAt,
    inlinePolicies: new Map([["own", everything]]),
  });
  addRole(management, ids, { name: "app", createdAt: joinedAt, inlinePolicies: new Map([["own", everything]]) });
  const boundaryArn = `arn:aws:iam::${memberId}:policy/boundary`;
  return {
    sandbox,
    member,
    other,
    may: (...statements) => {
      for (const one of [bob, app]) one.inlinePolicies.set("own", document(...statements));
    },
    bound: (...statements) => {
      const createdAt = joinedAt;
      member.policies.set(boundaryArn, {
        ...{ name: "boundary", path: "/", id: "ANPA1", arn: boundaryArn, description: "", createdAt },
        ...{ updatedAt: createdAt, tags: new Map(), defaultVersionId: "v1", nextVersion: 2 },
        versions: [{ id: "v1", document: document(...statements), createdAt }],
      });
      bob.boundary = boundaryArn;
      app.boundary = boundaryArn;
    },
    scp: (target, ...statements) => void limitTo(state.organization, target, [everything, document(...statements)]),
    trusted: (accountId, trustPolicy) => {
      const account = state.accounts.get(accountId) as AccountState;
      addRole(account, ids, { name: "target", createdAt: joinedAt, trustPolicy });
    },
    topic: (accountId, policy) => {
      const { arn, attributes } = addTopic(state, accountId, "us-east-1", "news");
      if (policy !== undefined) attributes.set("Policy", policy);
      return arn;
    },
  };
};

type Who = Parameters<Sandbox["credentialsFor"]>[1];
const bob: Who = { user: "bob" };
const app: Who = { role: "app", sessionName: "run" };

/** `allowed`, or the code with which the call is refused. */
const outcome = async (
  sandbox: Sandbox,
  who: Who,
  service: string,
  operation: string,
  input: object,
  of = memberId,
) => {
  const region = "us-east-1";
  try {
    await sandbox.call(sandbox.credentialsFor(of, who), { service, operation, region, input });
    return "allowed";
  } catch (error) {
    return String(Reflect.get(Object(error), "code"));
  }
};

type Call = readonly [service: string, operation: string, input: object];
const listUsers: Call = ["iam", "ListUsers", {}];
const getBob: Call = ["iam", "GetUser", { UserName: "bob" }];
const assume = (accountId: string, more: object = {}): Call => [
  "sts",
  "AssumeRole",
  { RoleArn: targetIn(accountId), RoleSessionName: "run", ...more },
];
const no = "AccessDenied";

const cases: Record<string, readonly [string, (world: World) => unknown, Who, Call, string?]> = {
  "nothing allows by itself": [no, () => {}, bob, listUsers],
  "an inline policy allows": ["allowed", (w) => w.may(allow("iam:ListUsers")), bob, listUsers],
  "an action matches without regard to case": ["allowed", (w) => w.may(allow("IAM:listusers")), app, listUsers],
  "another action is not meant": [no, (w) => w.may(allow("iam:ListRoles")), bob, listUsers],
  "NotAction allows everything else": [
    "allowed",
    (w) => w.may(allow([], { Action: undefined, NotAction: "s3:*" })),
    bob,
    listUsers,
  ],
  "a resource is its ARN with its path": [
    "allowed",
    (w) => w.may(allow("iam:GetUser", { Resource: bobArn })),
    bob,
    getBob,
  ],
  "a resource without its path is another": [
    no,
    (w) => w.may(allow("iam:GetUser", { Resource: bobArn.replace("/team", "") })),
    bob,
    getBob,
  ],
  "what has no resource needs a star": [
    no,
    (w) => w.may(allow("iam:ListUsers", { Resource: `arn:aws:iam::${memberId}:user/*` })),
    bob,
    listUsers,
  ],
  "a variable stands for the caller's name": [
    "allowed",
    (w) => w.may(allow("iam:GetUser", { Resource: "arn:aws:iam::*:user/team/${aws:username}" })),
    bob,
    getBob,
  ],
  "a role has no user's name": [
    no,
    (w) => w.may(allow("iam:GetUser", { Resource: "arn:aws:iam::*:user/team/${aws:username}" })),
    app,
    getBob,
  ],
  "a group's policy is its members'": [
    "allowed",
    ({ member }) => {
      member.groups.get("staff")?.inlinePolicies.set("own", everything);
      member.users.get("bob")?.groups.add("staff");
    },
    bob,
    listUsers,
  ],
  "an AWS managed policy allows": [
    "allowed",
    ({ member }) => member.roles.get("app")?.attachedPolicies.add("arn:aws:iam::aws:policy/SecurityAudit"),
    app,
    listUsers,
  ],
  "a policy nobody knows allows nothing": [
    no,
    ({ member }) => member.roles.get("app")?.attachedPolicies.add("arn:aws:iam::aws:policy/NobodyKnowsMe"),
    app,
    listUsers,
  ],
  "a policy nobody can read denies": [
    no,
    ({ member, may }) => {
      may(allow("*"));
      member.roles.get("app")?.inlinePolicies.set("odd", "{");
    },
    app,
    listUsers,
  ],
  "an operator nobody knows denies": [
    no,
    (w) => w.may(allow("*"), deny("iam:ListUsers", { Condition: { Odd: { "aws:userid": "x" } } })),
    app,
    listUsers,
  ],
  "a deny wins": [no, (w) => w.may(allow("*"), deny("iam:List*")), bob, listUsers],
  "a boundary allows nothing by itself": [no, (w) => w.bound(allow("*")), bob, listUsers],
  "a boundary has to allow": [
    no,
    (w) => {
      w.may(allow("*"));
      w.bound(allow("s3:*"));
    },
    app,
    listUsers,
  ],
  "a boundary that allows lets the policy decide": [
    "allowed",
    (w) => {
      w.may(allow("*"));
      w.bound(allow("iam:*"));
    },
    app,
    listUsers,
  ],
  "a boundary nobody knows allows nothing": [
    no,
    ({ member, may }) => {
      may(allow("*"));
      Object.assign(member.roles.get("app") ?? {}, { boundary: `arn:aws:iam::${memberId}:policy/gone` });
    },
    app,
    listUsers,
  ],
  "root may do everything": ["allowed", () => {}, "root", listUsers],
  "an SCP denies a member's root": [no, (w) => w.scp(memberId, deny("iam:*")), "root", listUsers],
  "an SCP above denies": [
    no,
    (w) => {
      w.may(allow("*"));
      w.scp("ou-root-prod0000", deny("iam:ListUsers"));
    },
    app,
    listUsers,
  ],
  "an SCP of another account does not": [
    "allowed",
    (w) => {
      w.may(allow("*"));
      w.scp(otherId, deny("*"));
    },
    app,
    listUsers,
  ],
  "SCPs have no say in service-linked roles": [
    "allowed",
    (w) => w.scp(memberId, deny("*")),
    { role: "linked" },
    listUsers,
  ],
  "an SCP by the principal's ARN meets the role, not the session": [
    no,
    (w) => {
      w.may(allow("*"));
      w.scp(memberId, deny("*", { Condition: { ArnLike: { "aws:PrincipalArn": appArn } } }));
    },
    app,
    listUsers,
  ],
  "a role assumes one in another account where both allow": [
    "allowed",
    (w) => {
      w.may(allow("sts:AssumeRole"));
      w.trusted(otherId, trust({ AWS: memberId }));
    },
    app,
    assume(otherId),
  ],
  "the trust alone is not enough across accounts": [
    no,
    (w) => w.trusted(otherId, trust({ AWS: appArn })),
    app,
    assume(otherId),
  ],
  "the caller's policy alone is not enough": [
    no,
    (w) => {
      w.may(allow("*"));
      w.trusted(otherId, trust({ AWS: otherId }));
    },
    app,
    assume(otherId),
  ],
  "within an account a trust that names the role is enough": [
    "allowed",
    (w) => w.trusted(memberId, trust({ AWS: appArn })),
    app,
    assume(memberId),
  ],
  "within an account a trust that names the account is not": [
    no,
    (w) => w.trusted(memberId, trust({ AWS: memberId })),
    app,
    assume(memberId),
  ],
  "within an account the caller's policy without trust is not": [
    no,
    (w) => {
      w.may(allow("*"));
      w.trusted(memberId, trust({ Service: "lambda.amazonaws.com" }));
    },
    app,
    assume(memberId),
  ],
  "a trust that names the session is past its boundary": [
    "allowed",
    (w) => {
      w.bound(allow("s3:*"));
      w.trusted(memberId, trust({ AWS: `arn:aws:sts::${memberId}:assumed-role/app/run` }));
    },
    app,
    assume(memberId),
  ],
  "a trust that names the role is not": [
    no,
    (w) => {
      w.bound(allow("s3:*"));
      w.trusted(memberId, trust({ AWS: appArn }));
    },
    app,
    assume(memberId),
  ],
  "a trust may ask for an external id": [
    "allowed",
    (w) => {
      w.may(allow("sts:AssumeRole"));
      w.trusted(otherId, trust({ AWS: memberId }, { StringEquals: { "sts:ExternalId": "x1" } }));
    },
    app,
    assume(otherId, { ExternalId: "x1" }),
  ],
  "and gets none": [
    no,
    (w) => {
      w.may(allow("sts:AssumeRole"));
      w.trusted(otherId, trust({ AWS: memberId }, { StringEquals: { "sts:ExternalId": "x1" } }));
    },
    app,
    assume(otherId),
  ],
  "an SCP of the caller's account keeps it from assuming": [
    no,
    (w) => {
      w.may(allow("*"));
      w.trusted(otherId, trust({ AWS: memberId }));
      w.scp(memberId, deny("sts:AssumeRole"));
    },
    app,
    assume(otherId),
  ],
  "tags of a session need a permission of their own": [
    no,
    (w) => {
      w.may(allow("sts:*"));
      w.trusted(otherId, trust({ AWS: memberId }));
    },
    app,
    assume(otherId, { Tags: [{ Key: "team", Value: "blue" }] }),
  ],
  "a role may be limited to accounts of the organization": [
    "allowed",
    (w) => {
      const { id } = w.sandbox.state.organization;
      w.may(allow("sts:AssumeRole", { Condition: { StringEquals: { "aws:ResourceOrgID": id } } }));
      w.trusted(otherId, trust({ AWS: memberId }));
    },
    app,
    assume(otherId),
  ],
  "to ask who one is needs nothing, whatever denies it": [
    "allowed",
    (w) => w.may(deny("*")),
    app,
    ["sts", "GetCallerIdentity", {}],
  ],
  "Organizations asks the caller's policies before anything else": [
    "AccessDeniedException",
    () => {},
    app,
    ["organizations", "ListAccounts", {}],
  ],
};

test.each(Object.entries(cases))("%s", async (_, [expected, arrange, who, [service, operation, input]]) => {
  const made = world();
  arrange(made);
  expect(await outcome(made.sandbox, who, service, operation, input)).toBe(expected);
});

test("SCPs have no say in the management account", async () => {
  const { sandbox, scp } = world();
  const { managementAccountId, rootId } = sandbox.state.organization;
  scp(rootId, deny("*"));
  expect(await outcome(sandbox, app, ...listUsers, managementAccountId)).toBe("allowed");
  expect(await outcome(sandbox, "root", ...listUsers, memberId)).toBe(no);
});

describe("a topic", () => {
  const publish = (TopicArn: string): Call => ["sns", "Publish", { TopicArn, Message: "x" }];

  test("lets nobody in from another account, unless its policy does", async () => {
    const { sandbox, may, topic } = world();
    may(allow("sns:*"));
    expect(await outcome(sandbox, app, ...publish(topic(otherId)))).toBe("AuthorizationError");
    const open = topic(otherId, document({ ...allow("SNS:Publish"), Principal: { AWS: memberId } }));
    expect(await outcome(sandbox, app, ...publish(open))).toBe("allowed");
    may(allow("s3:*"));
    expect(await outcome(sandbox, app, ...publish(open))).toBe("AuthorizationError");
  });

  test("lets a principal of its own account in by its policy alone", async () => {
    const { sandbox, topic } = world();
    expect(await outcome(sandbox, app, ...publish(topic(memberId)))).toBe("AuthorizationError");
    const arn = topic(memberId, document({ ...allow("SNS:Publish"), Principal: { AWS: appArn } }));
    expect(await outcome(sandbox, app, ...publish(arn))).toBe("allowed");
  });
});
