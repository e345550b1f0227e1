import { describe, expect, it } from "vitest";
import { noteAccess } from "../../../sandbox/callers.ts";
import type { Role } from "../../../sandbox/iam/state.ts";
import type { AccountState } from "../../../sandbox/state.ts";
import { ThrottledError } from "../../../shared/errors.ts";
import { blastRadius } from "../../../shared/remediation/blast-radius/blast-radius.ts";
import { account as accountRef, daysAgo } from "../../support/facts.ts";
import { failing } from "../../support/iam-account.ts";
import { addPolicy } from "../../support/repair-world.ts";
import { boundedRole } from "../worlds.ts";
import { assess, authorizing, found, ready } from "./assessing.ts";

const statement = (Effect: string, Action: string | string[], over: object = {}) => ({
  Effect,
  Action,
  Resource: "*",
  ...over,
});
const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (...actions: string[]) => statement("Allow", actions);
const boundaryArn = `arn:aws:iam::${accountRef.id}:policy/TeamBoundary`;
const earlierArn = `arn:aws:iam::${accountRef.id}:policy/Mine`;
const everything = policy(allow("*"));

const setDocument = (account: AccountState, arn: string, document: string): void => {
  const [version] = found(account.policies.get(arn)).versions;
  Object.assign(found(version), { document });
};

interface RoleSpec {
  readonly boundary: string;
  /** Absent: everything. */
  readonly own?: string;
  /** Absent: it leaves everything allowed. */
  readonly earlier?: string;
  /** `service:Action`, and how many days ago. */
  readonly used: Readonly<Record<string, number>>;
}

/** Role app, which has boundary Mine, is to get TeamBoundary. */
const roleThat = ({ boundary, own = everything, earlier = everything, used }: RoleSpec) => {
  const world = boundedRole();
  const role: Role = found(world.account.roles.get("app"));
  setDocument(world.account, boundaryArn, boundary);
  setDocument(world.account, earlierArn, earlier);
  role.inlinePolicies.set("own", own);
  for (const [action, days] of Object.entries(used).sort(([, a], [, b]) => b - a)) {
    const [service = "", operation = ""] = action.split(":");
    noteAccess(role, { at: daysAgo(days), service, operation, region: "eu-west-1" });
  }
  return { ...world, role };
};

/** Forgets the actions of a service, as AWS does not track those of many. */
const untracked = (role: Role, service: string): void => found(role.accessed?.get(service)).actions.clear();

const shownLosses = ({ losses }: Awaited<ReturnType<typeof assess>>): string[] =>
  losses.map(({ service, action, untold }) => {
    const name = action === undefined ? service : `${service}:${action}`;
    return untold === undefined ? name : `${name}? ${untold}`;
  });

describe("a boundary", () => {
  const ec2 = { "ec2:DescribeInstances": 3 };
  const rows: Readonly<Record<string, RoleSpec & { readonly losses: readonly string[] }>> = {
    "of a role that used nothing": { boundary: policy(allow("ec2:*")), used: {}, losses: [] },
    "that is wide": { boundary: everything, used: { "s3:GetObject": 1, "ec2:RunInstances": 2 }, losses: [] },
    "that names whole services": {
      boundary: policy(allow("s3:*", "ec2:*")),
      used: { "s3:GetObject": 1, "ec2:RunInstances": 2 },
      losses: [],
    },
    "that cuts s3": {
      boundary: policy(allow("ec2:*")),
      used: { ...ec2, "s3:GetObject": 5, "s3:PutObject": 80 },
      losses: ["s3:GetObject", "s3:PutObject"],
    },
    "that cuts a service used 91 days ago": {
      boundary: policy(allow("ec2:*")),
      used: { "s3:GetObject": 91 },
      losses: [],
    },
    "that cuts a service used just within 90 days": {
      boundary: policy(allow("ec2:*")),
      used: { "s3:GetObject": 89.99 },
      losses: ["s3:GetObject"],
    },
    "that cuts an action of a service it allows": {
      boundary: policy(allow("ec2:Describe*")),
      used: { ...ec2, "ec2:RunInstances": 9 },
      losses: ["ec2:RunInstances"],
    },
    "that allows the actions used": { boundary: policy(allow("ec2:Describe*")), used: ec2, losses: [] },
    "that denies an action": {
      boundary: policy(allow("*"), statement("Deny", "ec2:RunInstances")),
      used: { ...ec2, "ec2:RunInstances": 9 },
      losses: ["ec2:RunInstances"],
    },
    "that cuts what the role may not do anyway": {
      boundary: policy(allow("ec2:*")),
      own: policy(allow("ec2:*")),
      used: { "sqs:CreateQueue": 3 },
      losses: [],
    },
    "that cuts what the earlier boundary cut already": {
      boundary: policy(allow("ec2:*")),
      earlier: policy(allow("ec2:*")),
      used: { "sqs:CreateQueue": 3 },
      losses: [],
    },
    "that cuts what the role may do on one resource only": {
      boundary: policy(allow("ec2:*")),
      own: policy(statement("Allow", "sqs:CreateQueue", { Resource: "arn:aws:sqs:eu-west-1:111122223333:jobs" })),
      used: { "sqs:CreateQueue": 3 },
      losses: ["sqs:CreateQueue"],
    },
    "that allows the one resource": {
      boundary: policy(statement("Allow", "ec2:StopInstances", { Resource: "arn:aws:ec2:*:*:instance/i-1" })),
      own: policy(statement("Allow", "ec2:StopInstances", { Resource: "arn:aws:ec2:*:*:instance/i-1" })),
      used: { "ec2:StopInstances": 3 },
      losses: [],
    },
    "that allows another resource": {
      boundary: policy(statement("Allow", "ec2:StopInstances", { Resource: "arn:aws:ec2:*:*:instance/i-2" })),
      own: policy(statement("Allow", "ec2:StopInstances", { Resource: "arn:aws:ec2:*:*:instance/i-1" })),
      used: { "ec2:StopInstances": 3 },
      losses: ["ec2:StopInstances"],
    },
    "that allows some of the resources": {
      boundary: policy(statement("Allow", "ec2:StopInstances", { Resource: "arn:aws:ec2:*:*:instance/i-2" })),
      used: { "ec2:StopInstances": 3 },
      losses: ["ec2:StopInstances? it depends on the resource"],
    },
    "that excepts a resource": {
      boundary: policy(
        allow("*"),
        statement("Deny", "ec2:StopInstances", { Resource: "arn:aws:ec2:*:*:instance/i-2" }),
      ),
      own: policy(statement("Allow", "ec2:StopInstances", { Resource: "arn:aws:ec2:eu-west-1:*:instance/*" })),
      used: { "ec2:StopInstances": 3 },
      losses: ["ec2:StopInstances? the boundary excepts some resources"],
    },
    "with a condition": {
      boundary: policy(
        allow("*"),
        statement("Deny", "ec2:*", { Condition: { StringNotEquals: { "aws:RequestedRegion": "eu-west-1" } } }),
      ),
      used: ec2,
      losses: ["ec2:DescribeInstances? the boundary asks for aws:RequestedRegion"],
    },
    "with a condition for another service": {
      boundary: policy(
        allow("*"),
        statement("Deny", "s3:*", { Condition: { StringNotEquals: { "aws:RequestedRegion": "eu-west-1" } } }),
      ),
      used: ec2,
      losses: [],
    },
    "with a variable": {
      boundary: policy(statement("Allow", "ec2:*", { Resource: "arn:aws:ec2:*:*:instance/${aws:PrincipalTag/team}" })),
      used: ec2,
      losses: ["ec2:DescribeInstances? the boundary asks for aws:principaltag/team"],
    },
    "that cuts what the role may do on a condition": {
      boundary: policy(allow("s3:*")),
      own: policy(statement("Allow", "ec2:*", { Condition: { StringEquals: { "aws:SourceVpc": "vpc-1" } } })),
      used: ec2,
      losses: ["ec2:DescribeInstances? the role's own policies ask for aws:SourceVpc"],
    },
    "that is wide, of a role with conditions": {
      boundary: everything,
      own: policy(statement("Allow", "ec2:*", { Condition: { StringEquals: { "aws:SourceVpc": "vpc-1" } } })),
      used: ec2,
      losses: [],
    },
    "that may cut what AWS does not track": {
      boundary: policy(allow("s3:ListAllMyBuckets", "s3:GetObject", "s3:ListBucket")),
      used: { "s3:ListAllMyBuckets": 3 },
      losses: ["s3? AWS does not say whether it used DeleteObject, PutObject, which the boundary may cut off"],
    },
    "that cuts what nobody needs permission for": {
      boundary: policy(allow("ec2:*")),
      used: { "sts:GetCallerIdentity": 3 },
      losses: [],
    },
  };

  it.each(Object.entries(rows))("%s", async (_, { losses, ...spec }) => {
    const world = roleThat(spec);
    const radius = await assess(world);
    expect(shownLosses(radius)).toEqual(losses);
    expect(radius.why === undefined).toBe(losses.length === 0);
    expect(await authorizing(world)).toMatchObject(
      losses.length === 0 ? { outcome: "authorized" } : { outcome: "held", interlock: "blastRadius", why: radius.why },
    );
    expect(world.writes.filter((write) => !/^(?:Generate|Simulate)/.test(write))).toEqual([]);
  });

  const serviceRows: Readonly<Record<string, RoleSpec & { readonly losses: readonly string[] }>> = {
    "allows the service": { boundary: policy(allow("ses:*")), used: { "ses:SendEmail": 3 }, losses: [] },
    "cuts the service": { boundary: policy(allow("ec2:*")), used: { "ses:SendEmail": 3 }, losses: ["ses"] },
    "cuts the service, which the role may not use": {
      boundary: policy(allow("ec2:*")),
      own: policy(allow("ec2:*")),
      used: { "ses:SendEmail": 3 },
      losses: [],
    },
    "cuts the service, which the earlier boundary cut too": {
      boundary: policy(allow("ec2:*")),
      earlier: policy(allow("ec2:*")),
      used: { "ses:SendEmail": 3 },
      losses: [],
    },
    "allows a part of the service": {
      boundary: policy(allow("ses:Get*")),
      used: { "ses:SendEmail": 3 },
      losses: ["ses? AWS does not say which of its actions it used"],
    },
    "denies a part of the service": {
      boundary: policy(allow("*"), statement("Deny", "ses:SendEmail")),
      used: { "ses:SendEmail": 3 },
      losses: ["ses? AWS does not say whether it used SendEmail, which the boundary may cut off"],
    },
    "cuts what the role's policies name": {
      boundary: policy(allow("ses:Get*")),
      own: policy(allow("ses:SendEmail", "ses:GetSendQuota")),
      used: { "ses:SendEmail": 3 },
      losses: ["ses? AWS does not say whether it used SendEmail, which the boundary may cut off"],
    },
  };

  it.each(Object.entries(serviceRows))("%s of whose actions AWS tells nothing", async (_, { losses, ...spec }) => {
    const world = roleThat(spec);
    untracked(world.role, "ses");
    expect(shownLosses(await assess(world))).toEqual(losses);
  });

  it("counts a use of a service that is later than those of its actions", async () => {
    const world = roleThat({ boundary: policy(allow("ec2:Describe*")), used: { "ec2:DescribeInstances": 3 } });
    found(world.role.accessed?.get("ec2")).at = daysAgo(2);
    expect(shownLosses(await assess(world))).toEqual(["ec2? AWS does not say which of its actions it used"]);
  });

  it("lists what would be cut, when and where it was last used, and says it in a sentence", async () => {
    const world = roleThat({ boundary: policy(allow("ec2:*")), used: { "sqs:CreateQueue": 3 } });
    const lastUsedAt = daysAgo(3).toISOString();
    expect(await assess(world)).toEqual({
      losses: [{ service: "sqs", action: "CreateQueue", lastUsedAt, region: "eu-west-1" }],
      why: `${boundaryArn} would cut off what role app used within 90 days: sqs:CreateQueue (last used at ${lastUsedAt} in eu-west-1).`,
    });
  });

  it("hands the losses on for the finding", async () => {
    const world = roleThat({ boundary: policy(allow("ec2:*")), used: { "sqs:CreateQueue": 3 } });
    const dependencies = world.run();
    const told: unknown[] = [];
    const interlock = blastRadius(dependencies, async (_, losses) => void told.push(losses));
    const prepared = await ready(dependencies, world.request);
    expect(await interlock(prepared)).toMatch(/^arn:aws:iam::111122223333:policy\/TeamBoundary would cut off/);
    expect(told).toMatchObject([[{ service: "sqs", action: "CreateQueue" }]]);
  });

  it("counts attached policies by their default version", async () => {
    const world = roleThat({
      boundary: policy(allow("ec2:*")),
      own: policy(allow("ec2:*")),
      used: { "sqs:CreateQueue": 3 },
    });
    const arn = `arn:aws:iam::${accountRef.id}:policy/Queues`;
    addPolicy(world.account, arn);
    setDocument(world.account, arn, policy(allow("sqs:*")));
    world.role.attachedPolicies.add(arn);
    expect(shownLosses(await assess(world))).toEqual(["sqs:CreateQueue"]);
    const queues = found(world.account.policies.get(arn));
    queues.versions.push({ id: "v2", document: policy(allow("ec2:*")), createdAt: daysAgo(1) });
    queues.defaultVersionId = "v2";
    expect(shownLosses(await assess(world))).toEqual([]);
  });

  it("asks about many actions and services, some at a time", async () => {
    const names = Array.from({ length: 60 }, (_, index) => `Describe${String.fromCharCode(65 + (index % 26))}${index}`);
    const used = Object.fromEntries(names.map((name) => [`ec2:${name}`, 3]));
    const world = roleThat({ boundary: policy(allow("s3:*")), used });
    const sizes: number[] = [];
    world.sandbox.intercept(({ operation }, input) => {
      if (operation === "SimulateCustomPolicy") sizes.push((input.ActionNames as string[]).length);
    });
    expect((await assess(world)).losses.map(({ action }) => action)).toEqual([...names].sort());
    expect(sizes).toEqual([25, 25, 10, 25, 25, 10]);
  });

  it("gives up on last accessed details that never come, for another try", async () => {
    const world = roleThat({ boundary: everything, used: { "ec2:DescribeInstances": 3 } });
    world.sandbox.intercept(({ operation, account }) => {
      if (operation !== "GetServiceLastAccessedDetails") return;
      for (const job of account.accessJobs.values())
        Object.assign(job, { polls: 0, startedAt: new Date("2100-01-01T00:00:00Z") });
    });
    await expect(assess(world)).rejects.toThrow(ThrottledError);
  });

  const reads = [
    "GenerateServiceLastAccessedDetails",
    "GetServiceLastAccessedDetails",
    "ListRolePolicies",
    "GetRolePolicy",
    "ListAttachedRolePolicies",
    "GetPolicyVersion",
    "SimulateCustomPolicy",
  ];

  it.each(reads)("is held where %s is denied", async (operation) => {
    const world = roleThat({ boundary: everything, used: { "ec2:DescribeInstances": 3 } });
    failing(world.sandbox, operation);
    expect(await authorizing(world)).toMatchObject({
      outcome: "held",
      interlock: "blastRadius",
      why: expect.stringContaining(`iam:${operation} was denied`),
    });
  });

  it.each(reads)("is tried again where %s is throttled", async (operation) => {
    const world = roleThat({ boundary: everything, used: { "ec2:DescribeInstances": 3 } });
    failing(world.sandbox, operation, "Throttling", { status: 400 });
    await expect(authorizing(world)).rejects.toThrow(ThrottledError);
  });

  it.each(reads)("is held where %s fails otherwise", async (operation) => {
    const world = roleThat({ boundary: everything, used: { "ec2:DescribeInstances": 3 } });
    failing(world.sandbox, operation, "InvalidInput", { status: 400 });
    expect(await authorizing(world)).toMatchObject({ outcome: "held", why: /^It cannot be checked: / });
  });
});
