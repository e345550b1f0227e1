import { CreateUserCommand, GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { addBus, defaultBus, ruleArn } from "../../../sandbox/events/bus.ts";
import type { EventBus, RuleState, Target } from "../../../sandbox/events/state.ts";
import { addRole, trusting } from "../../../sandbox/iam/state.ts";
import { createSandbox, type EventBridgeEvent } from "../../../sandbox/sandbox.ts";
import { addQueue } from "../../../sandbox/sqs/queue.ts";
import type { Queue } from "../../../sandbox/sqs/state.ts";
import { addAccount } from "../../../sandbox/state.ts";

const statement = (Action: string, Resource: string, more: object = {}) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource, ...more }] });

/** A member whose rule forwards what happens in IAM to a hub, whose rule puts it on a queue. */
const start = () => {
  const sandbox = createSandbox();
  const { state, ids, clock } = sandbox;
  const [hub, member] = ["hub", "member"].map((name) =>
    addAccount(state, { id: ids.account(), name, joinedAt: clock.now() }),
  );
  if (!hub || !member) throw new Error("no accounts");
  const bus = addBus(state, hub.id, "us-east-1", "central");
  bus.statements.set("members", {
    ...{ Effect: "Allow", Principal: "*", Action: "events:PutEvents", Resource: bus.arn },
    Condition: { StringEquals: { "aws:PrincipalOrgID": state.organization.id } },
  });
  const role = addRole(member, ids, {
    ...{ name: "forward", createdAt: clock.now() },
    trustPolicy: trusting({ Service: "events.amazonaws.com" }, { StringEquals: { "aws:SourceAccount": member.id } }),
    inlinePolicies: new Map([["send", statement("events:PutEvents", bus.arn)]]),
  });
  const addRule = (on: EventBus, target: Omit<Target, "id">, name = "iam", ruleState: RuleState = "ENABLED") => {
    const [, , , region = "", accountId = ""] = on.arn.split(":");
    const arn = ruleArn(accountId, region, on.name, name);
    const targets = new Map([["one", { id: "one", ...target }]]);
    on.rules.set(name, { arn, name, busArn: on.arn, pattern: { source: ["aws.iam"] }, state: ruleState, targets });
    return arn;
  };
  const addQueueFor = (accountId: string, name: string, rule: string): Queue => {
    const queue = addQueue(state, { accountId, region: "us-east-1", name, createdAt: clock.now() });
    const condition = {
      Principal: { Service: "events.amazonaws.com" },
      Condition: { ArnEquals: { "aws:SourceArn": rule } },
    };
    queue.attributes.set("Policy", statement("sqs:SendMessage", queue.arn, condition));
    return queue;
  };
  const own = defaultBus(state, member.id, "us-east-1");
  const dead = addQueueFor(member.id, "dead", ruleArn(member.id, "us-east-1", "default", "iam"));
  addRule(own, { arn: bus.arn, roleArn: role.arn, deadLetterArn: dead.arn });
  const work = addQueueFor(hub.id, "work", ruleArn(hub.id, "us-east-1", "central", "iam"));
  addRule(bus, { arn: work.arn });
  const iam = new IAMClient(sandbox.clientConfig(sandbox.credentialsFor(member.id, "root")));
  const act = () => iam.send(new CreateUserCommand({ UserName: `user-${member.users.size}` }));
  const bodies = ({ messages }: Queue): EventBridgeEvent[] => messages.map(({ body }) => JSON.parse(body));
  return { sandbox, state, hub, member, bus, own, role, work, dead, iam, act, addRule, addQueueFor, bodies };
};

describe("events", () => {
  it("go by rule from a member's default bus to the hub's bus and from there to the queue, as they were", async () => {
    const { member, work, act, bodies, state } = start();
    await act();
    expect(bodies(work)).toMatchObject([
      { account: member.id, region: "us-east-1", detail: { eventName: "CreateUser" } },
    ]);
    expect(state.undelivered).toEqual([]);
  });

  it("are of the Region that they happened in alone", () => {
    const { sandbox, work, member } = start();
    addRole(member, sandbox.ids, { name: "app", createdAt: sandbox.clock.now() });
    sandbox.use(member.id, { role: "app" }, { service: "ec2", action: "RunInstances", region: "eu-west-1" });
    expect(work.messages).toEqual([]);
  });

  const refusals: Record<string, [(of: ReturnType<typeof start>) => void, RegExp]> = {
    "the hub's bus lets nobody in": [({ bus }) => bus.statements.clear(), /may not do events:PutEvents/],
    "the role may not send": [({ role }) => role.inlinePolicies.clear(), /may not do events:PutEvents/],
    "the role does not trust the rule": [
      ({ role, member }) => {
        role.trustPolicy = trusting(
          { Service: "events.amazonaws.com" },
          { StringEquals: { "aws:SourceAccount": "1" } },
        );
        member.roles.set("forward", role);
      },
      /does not trust/,
    ],
    "the role is gone": [({ member }) => member.roles.clear(), /there is no role/],
    "the member left the organization": [
      ({ member }) => {
        member.standalone = true;
      },
      /may not do events:PutEvents/,
    ],
    "the hub's bus is gone": [({ bus, state }) => state.buses.delete(bus.arn), /no event bus/],
  };
  it.each(Object.entries(refusals))("are laid aside in the member if %s", async (_, [change, message]) => {
    const organization = start();
    change(organization);
    await organization.act();
    const { state, work, dead, bodies } = organization;
    expect(work.messages).toEqual([]);
    expect(bodies(dead)).toMatchObject([{ detail: { eventName: "CreateUser" } }]);
    expect(state.undelivered).toMatchObject([{ laidAside: true, message: expect.stringMatching(message) }]);
    expect(dead.messages[0]?.attributes.ERROR_MESSAGE).toMatch(message);
  });

  it("are lost if neither the queue nor the dead-letter queue lets the rule in", async () => {
    const { state, work, act } = start();
    work.attributes.delete("Policy");
    await act();
    expect(work.messages).toEqual([]);
    expect(state.undelivered).toMatchObject([{ targetArn: work.arn, code: "NO_PERMISSIONS", laidAside: false }]);
  });

  it("are not forwarded a second time", async () => {
    const { state, hub, bus, work, act, addRule, role } = start();
    const third = addBus(state, hub.id, "us-east-1", "third");
    addRule(bus, { arn: third.arn, roleArn: role.arn }, "again");
    addRule(third, { arn: work.arn });
    await act();
    expect(work.messages).toHaveLength(1);
    expect(state.undelivered).toEqual([]);
  });

  it("are heard of a read only by a rule of that state, and by none that is disabled", async () => {
    const { own, work, act, iam } = start();
    const rule = own.rules.get("iam");
    if (!rule) throw new Error("no rule");
    const read = () => iam.send(new GetRoleCommand({ RoleName: "forward" }));
    await read();
    expect(work.messages).toHaveLength(0);
    rule.state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
    await read();
    // The hub's own rule does not ask for reads yet.
    expect(work.messages).toHaveLength(0);
    rule.state = "DISABLED";
    await act();
    expect(work.messages).toHaveLength(0);
  });
});
