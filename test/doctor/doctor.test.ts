import { describe, expect, it } from "vitest";
import { defaultBus } from "../../sandbox/events/bus.ts";
import { accessDenied } from "../../sandbox/protocol/service.ts";
import { sendTo } from "../../sandbox/sqs/queue.ts";
import { changeMarks } from "../../shared/marks/mark-store.ts";
import { marked, marking, notMarked } from "../../shared/marks/standing.ts";
import { settingsOf } from "../support/settings.ts";
import { type DoctorWorld, doctorWorld, regions, wellSince } from "./world.ts";

const hourMs = 3_600_000;
type Break = (world: DoctorWorld) => unknown;
type Table = Readonly<Record<string, readonly [Break, readonly string[]]>>;

/** Breaks one thing in an organization in which all is well, and gives back what the doctor then says. */
const troubledBy = async (command: "hub" | "accounts" | "account", [change]: Table[string]): Promise<string[]> => {
  const world = await doctorWorld();
  expect(await world.troubles(command)).toEqual([]);
  await change(world);
  return world.troubles(command);
};

const organizationTrail = ({ sandbox }: DoctorWorld) => {
  const [trail] = sandbox.state.trails.values();
  if (trail === undefined) throw new Error("no trail");
  return trail;
};

const inAccount: Table = {
  "a role that is gone": [
    ({ data }) => data.roles.delete("iam-warden-audit"),
    ["role problem: the audit role is not there, or does not let the hub in"],
  ],
  "a role that trusts somebody else": [
    ({ data }) => {
      const role = data.roles.get("iam-warden-audit");
      if (role) role.trustPolicy = role.trustPolicy.replaceAll("iam-warden-hub-doctor", "iam-warden-hub-other");
    },
    ["role problem: the audit role is not there, or does not let the hub in"],
  ],
  "a disabled rule": [
    ({ rule }) => {
      rule("root-activity-1", "eu-north-1").state = "DISABLED";
    },
    ["rules problem: rules are disabled in eu-north-1"],
  ],
  "a rule that hears no reads any more": [
    ({ rule }) => {
      rule("root-activity-1", "us-east-1").state = "ENABLED";
    },
    ["rules problem: rules are changed in us-east-1"],
  ],
  "a rule that lets only iam-warden's own marks through": [
    ({ rule }) => {
      const narrowed = rule("iam-changes-1", "us-east-1");
      Object.assign(narrowed, { pattern: { ...narrowed.pattern, detail: { eventName: ["TagRole"] } } });
    },
    ["rules problem: rules are changed in us-east-1"],
  ],
  "a rule without its target": [
    ({ rule }) => rule("iam-changes-1", "us-east-2").targets.clear(),
    ["rules problem: rules are without their target in us-east-2"],
  ],
  "a rule that sends to the hub with another role": [
    ({ rule }) => {
      const { targets } = rule("root-activity-1", "us-east-2");
      for (const [id, target] of targets) targets.set(id, { ...target, roleArn: `${target.roleArn}-not` });
    },
    ["rules problem: rules are without their target in us-east-2"],
  ],
  "a forwarding role that is gone": [
    ({ data }) => data.roles.delete("iam-warden-forward"),
    ["forward-role problem: the role that the rules forward with is not there"],
  ],
  "a forwarding role that lets only IAM's events through, marks among them": [
    ({ data }) => {
      const policies = data.roles.get("iam-warden-forward")?.inlinePolicies;
      for (const [name, text] of policies ?? []) {
        const document = JSON.parse(text);
        document.Statement[0].Condition = { StringEquals: { "events:source": "aws.iam" } };
        policies?.set(name, JSON.stringify(document));
      }
    },
    ["forward-role problem: the role that the rules forward with has other policies than were deployed"],
  ],
  "a forwarding role that only one rule may use": [
    ({ data }) => {
      const role = data.roles.get("iam-warden-forward");
      if (role) role.trustPolicy = role.trustPolicy.replace("rule/iam-warden-*", "rule/iam-warden-iam-changes-1");
    },
    ["forward-role problem: the role that the rules forward with has other trust than were deployed"],
  ],
  "no rule at all in a Region": [
    ({ sandbox, data }) => defaultBus(sandbox.state, data.id, "ap-southeast-2").rules.clear(),
    ["rules problem: rules are missing in ap-southeast-2"],
  ],
  "no trail": [({ sandbox }) => sandbox.state.trails.clear(), ["trail problem: there is no trail"]],
  "a trail that was stopped": [
    (world) => {
      organizationTrail(world).isLogging = false;
    },
    ["trail problem: no trail will do: it is not logging"],
  ],
  "a trail of one Region": [
    (world) => {
      organizationTrail(world).isMultiRegion = false;
    },
    ["trail problem: no trail will do: it does not cover every Region"],
  ],
  "a trail of reads": [
    (world) => {
      organizationTrail(world).managementEvents = "ReadOnly";
    },
    ["trail problem: no trail will do: it logs no management events that write"],
  ],
  "a trail of reads by advanced selectors": [
    (world) => {
      Object.assign(organizationTrail(world), { hasAdvancedSelectors: true, managementEvents: "ReadOnly" });
    },
    ["trail problem: no trail will do: it logs no management events that write"],
  ],
  "a trail of data events alone": [
    (world) => {
      Object.assign(organizationTrail(world), { hasAdvancedSelectors: true, managementEvents: "None" });
    },
    ["trail problem: no trail will do: it logs no management events that write"],
  ],
  "a trail of writes, which is enough": [
    (world) => {
      Object.assign(organizationTrail(world), { hasAdvancedSelectors: true, managementEvents: "WriteOnly" });
    },
    [],
  ],
  "a trail without a bucket, of which EventBridge hears": [
    (world) => {
      Object.assign(organizationTrail(world), { deliveryError: "NoSuchBucket" });
    },
    [],
  ],
  "a boundary that is gone": [
    ({ data }) => data.policies.delete(`arn:aws:iam::${data.id}:policy/iam-warden-boundary`),
    ["boundary problem: there is no policy iam-warden-boundary, the boundary of this account"],
  ],
  "a breaker that tripped": [
    async ({ breakers, data, sandbox }) => {
      const now = sandbox.clock.now();
      const window = { scope: { account: data.id }, hour: now.toISOString().slice(0, 13) };
      const allowance = { total: 1, ofKind: 1 };
      for (const remediationId of ["a-0001", "b-0001"])
        await breakers.take({ window, remediationId, kind: "user", allowance, at: now });
    },
    ["breaker problem: a circuit breaker holds every repair until the hour is over"],
  ],
};

const inHub: Table = {
  "a rule of the hub that is disabled": [
    ({ sandbox, hub }) => {
      const rule = sandbox.state.buses
        .get(`arn:aws:events:us-east-1:${hub.id}:event-bus/iam-warden`)
        ?.rules.get("iam-warden-iam-changes-1");
      if (rule) rule.state = "DISABLED";
    },
    ["rules problem: rules are disabled on the hub's bus"],
  ],
  "the rule for the organization's own records that is disabled": [
    ({ sandbox, hub }) => {
      const rule = sandbox.state.buses
        .get(`arn:aws:events:us-east-1:${hub.id}:event-bus/iam-warden`)
        ?.rules.get("iam-warden-organization-changes-1");
      if (rule) rule.state = "DISABLED";
    },
    ["rules problem: rules are disabled on the hub's bus"],
  ],
  "a stack that failed": [
    ({ sandbox, data }) => {
      for (const stack of sandbox.state.stacks.values())
        if (stack.accountId === data.id && stack.region === "us-east-2")
          stack.instance = { status: "OUTDATED", detailedStatus: "FAILED", reason: "A role exists already" };
    },
    ["stack-instances problem: the stack in us-east-2 is not current"],
  ],
  "a stack that is not there": [
    ({ sandbox, data }) => {
      for (const [id, stack] of sandbox.state.stacks)
        if (stack.accountId === data.id && stack.region === "eu-north-1") sandbox.state.stacks.delete(id);
    },
    ["stack-instances problem: the stack set has no stack in eu-north-1"],
  ],
  "a stack set that another account administers": [
    ({ sandbox, hub }) => sandbox.state.organization.delegatedAdministrators.set(hub.id, new Map()),
    ["stack-instances unknown: AWS refused the question"],
  ],
  "a subscription that nobody confirmed": [
    ({ sandbox }) => {
      for (const topic of sandbox.state.topics.values())
        for (const subscription of topic.subscriptions.values())
          if (subscription.endpoint === "a@example.com") subscription.pendingToken = "token";
    },
    ["subscriptions problem: a subscription of the topic alerts is not confirmed"],
  ],
  "alarms that nobody hears": [
    ({ sandbox }) => {
      for (const topic of sandbox.state.topics.values())
        if ([...topic.subscriptions.values()].some(({ endpoint }) => endpoint === "ops@example.com"))
          topic.subscriptions.clear();
    },
    ["subscriptions problem: nobody is subscribed to the topic operations"],
  ],
  "a message that was laid aside": [
    ({ sandbox, dependencies }) => {
      const url = dependencies.deployed.deadLetters.find(({ name }) => name === "changes")?.at;
      const queue = [...sandbox.state.queues.values()].find((one) => one.url === url);
      if (queue) sendTo(queue, { ids: sandbox.ids, now: sandbox.clock.now() }, { body: "{}" });
    },
    ["dead-letters problem: messages of changes were laid aside"],
  ],
  "a sweep that does not run": [
    ({ sandbox }) => sandbox.clock.advance(50 * hourMs),
    ["last-sweep problem: no account was swept for more than a day"],
  ],
  "settings for what is not there": [
    ({ dependencies }) =>
      Object.assign(dependencies, {
        settings: settingsOf(
          [
            "version: 1",
            "controls:",
            "  stale-access-key:",
            "    scopes:",
            "      - { ou: Root/Workload, options: { maxAgeDays: 60 } }",
            '      - { account: "000000000000", mode: off }',
          ].join("\n"),
        ),
      }),
    Array(2).fill(
      "scopes problem: the settings name an OU or account that is not there: what they say of it holds nowhere",
    ),
  ],
  "settings that cannot be used": [
    ({ dependencies }) => Object.assign(dependencies, { settingsProblem: "warden.config.yaml:1:1: version" }),
    ["settings problem: the settings cannot be used: every control notifies by its defaults"],
  ],
  "a breaker that tripped": [
    async ({ breakers, sandbox }) => {
      const now = sandbox.clock.now();
      const window = { scope: "organization", hour: now.toISOString().slice(0, 13) } as const;
      const allowance = { total: 1, ofKind: 1 };
      for (const remediationId of ["a-0001", "b-0001"])
        await breakers.take({ window, remediationId, kind: "user", allowance, at: now });
    },
    ["breaker problem: a circuit breaker holds every repair until the hour is over"],
  ],
};

const mark = { nonce: "late", markedAt: "2026-11-02T06:30:00.000Z" };
const inTable: Table = {
  "a mark that did not arrive": [
    ({ marks, data }) => changeMarks(marks, data.id, (one) => marked(marking(one, mark), mark)),
    ["mark problem: it is blind: iam-warden's mark did not arrive, so no event does"],
  ],
  "a mark that could not be left": [
    ({ marks, data, sandbox }) =>
      changeMarks(marks, data.id, (one) =>
        notMarked(marking(one, mark), mark, {
          ...{ at: sandbox.clock.now().toISOString(), why: "iam:TagRole was denied", mayStand: false },
        }),
      ),
    ["mark unknown: no mark could be left in it"],
  ],
  "an account that joined just now": [
    ({ dependencies }) => {
      const { listAccounts: before } = dependencies;
      Object.assign(dependencies, { listAccounts: async () => [...(await before()), { id: "555566667777" }] });
    },
    ["mark unknown: no mark was left in it yet", "sweep problem: it was never swept to its end"],
  ],
  "an account that the sweep leaves out": [
    async (world) => {
      const { sandbox, management, hub, data } = world;
      sandbox.clock.advance(46 * hourMs);
      for (const { id } of [management, hub]) await wellSince(world, id, 1);
      await changeMarks(world.marks, data.id, (one) => one);
    },
    ["sweep problem: it was not swept to its end for more than a day"],
  ],
};

describe("the doctor finds, and finds nothing else, in an account", () => {
  it.each(Object.entries(inAccount))("%s", async (_name, row) => {
    expect(await troubledBy("account", row)).toEqual(row[1]);
  });
});

describe("the doctor finds, and finds nothing else, in the hub", () => {
  it.each(Object.entries(inHub))("%s", async (_name, row) => {
    expect(await troubledBy("hub", row)).toEqual(row[1]);
  });
});

describe("the doctor finds, and finds nothing else, by what is kept", () => {
  it.each(Object.entries(inTable))("%s", async (_name, row) => {
    expect(await troubledBy("accounts", row)).toEqual(row[1]);
  });
});

describe("what the doctor may not look at", () => {
  it.each([
    ["account", "DescribeRule", regions.map((region) => `rules unknown: events:DescribeRule is denied in ${region}`)],
    ["account", "ListTargetsByRule", regions.map((at) => `rules unknown: events:ListTargetsByRule is denied in ${at}`)],
    ["account", "DescribeTrails", ["trail unknown: cloudtrail:DescribeTrails is denied"]],
    ["account", "GetTrailStatus", ["trail unknown: cloudtrail:GetTrailStatus is denied"]],
    ["account", "GetEventSelectors", ["trail unknown: cloudtrail:GetEventSelectors is denied"]],
    ["account", "GetPolicy", ["boundary unknown: iam:GetPolicy is denied"]],
    ["hub", "DescribeRule", ["rules unknown: events:DescribeRule is denied on the hub's bus"]],
    ["hub", "ListStackInstances", ["stack-instances unknown: cloudformation:ListStackInstances is denied"]],
    ["hub", "ListSubscriptionsByTopic", ["subscriptions unknown: sns:ListSubscriptionsByTopic is denied"]],
    ["hub", "GetQueueAttributes", ["dead-letters unknown: sqs:GetQueueAttributes is denied"]],
  ] as const)(
    "in the %s by %s is unknown, with the permission that is missing",
    async (command, operation, expected) => {
      const { sandbox, troubles, ask, data } = await doctorWorld();
      sandbox.intercept((call) => {
        if (call.operation === operation) throw accessDenied(call);
      });
      const found = await troubles(command);
      expect(found.map((one) => one.replace(" on the hub's bus", ""))).toEqual(
        expected.map((one) => one.replace(" on the hub's bus", "")),
      );
      const { checks } = command === "hub" ? await ask("hub") : await ask("account", { account: data.id });
      const [trouble] = checks.flatMap((check) => check.troubles);
      expect(trouble?.permission).toBe(found[0]?.match(/\w+:\w+(?= is denied)/)?.[0]);
      expect(trouble?.todo).toContain(trouble?.permission);
    },
  );
});

describe("the doctor", () => {
  it("tells of every account, the hub and the management account among them, and how long its mark took", async () => {
    const { ask, sandbox } = await doctorWorld();
    const { accounts } = await ask("accounts");
    expect(accounts.map(({ account }) => account.id)).toEqual([...sandbox.state.accounts.keys()].toSorted());
    for (const { account, delaySeconds, checks } of accounts) {
      expect([delaySeconds, checks.map(({ status }) => status)]).toEqual([0, ["ok", "ok"]]);
      expect((await ask("account", { account: account.id })).checks.map(({ status }) => status)).toEqual(
        Array(6).fill("ok"),
      );
    }
  });

  it("looks in the management account, and there alone, for the rule of the organization's own records", async () => {
    const { ask, sandbox, management } = await doctorWorld();
    for (const { name, arn, rules } of sandbox.state.buses.values())
      if (name === "default" && arn.includes(management.id)) rules.delete("iam-warden-organization-changes-1");
    const { checks } = await ask("account", { account: management.id });
    expect(checks.flatMap(({ troubles }) => troubles.map(({ what }) => what))).toEqual(
      regions.map((region) => `rules are missing in ${region}`),
    );
  });

  it.each([
    [{ command: "everything" }, /command/],
    [{ command: "account" }, /account/],
    [{ command: "account", account: "12" }, /twelve digits/],
    [{ command: "hub", by: "eve" }, /by/],
    ["hub", /object/],
  ])("does not understand %j", async (request, message) => {
    const { dependencies } = await doctorWorld();
    const { createDoctor } = await import("../../shared/doctor/doctor.ts");
    const answer = await createDoctor(dependencies)({ arn: "arn:aws:iam::111122223333:user/ann" }, request);
    expect(answer).toMatchObject({ ok: false, error: { name: "MalformedRequestError" } });
    expect(JSON.stringify(answer)).toMatch(message);
  });

  it("changes nothing", async () => {
    const { sandbox, ask, data } = await doctorWorld();
    const calls: string[] = [];
    sandbox.intercept(({ operation }) => void calls.push(operation));
    await ask("hub");
    await ask("account", { account: data.id });
    expect([...new Set(calls)].filter((name) => !/^(?:Get|List|Describe|AssumeRole)/.test(name))).toEqual([]);
  });
});

it("lists the organization once for all that is looked at in the hub", async () => {
  const { sandbox, ask } = await doctorWorld();
  let listed = 0;
  sandbox.intercept(({ operation }) => {
    if (operation === "ListAccounts") listed += 1;
  });
  await ask("hub");
  expect(listed).toBe(1);
});
