import { CreateRoleCommand, CreateUserCommand } from "@aws-sdk/client-iam";
import { CreateAccountCommand, OrganizationsClient } from "@aws-sdk/client-organizations";
import { describe, expect, it } from "vitest";
import { synthesize, type Templates } from "../../../sandbox/cloudformation/synthesize.ts";
import { rulesOf } from "../../../sandbox/events/bus.ts";
import { addRole, administratorAccess, trusting } from "../../../sandbox/iam/state.ts";
import { settingsOf } from "../../support/settings.ts";
import { redeployed, type SmallOrganization, smallOrganization } from "../../support/small-organization.ts";

type Resources = Templates["hub"]["Resources"];
type Properties = Record<string, unknown>;

/** The hub's template with something taken out or changed. */
const changed = (change: (resources: Resources) => void, settings?: string): Templates => {
  const templates = synthesize(settings);
  change(templates.hub.Resources);
  return templates;
};
const ofType = (resources: Resources, type: string): [id: string, properties: Properties][] =>
  Object.entries(resources).flatMap(([id, { Type, Properties = {} }]) => (Type === type ? [[id, Properties]] : []));

const Trust = trusting({ Service: "lambda.amazonaws.com" });
const makeRole = ({ iam, data }: SmallOrganization, RoleName = "app") =>
  iam(data).send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: Trust }));

describe("what is deployed", () => {
  it("hears of a role in a member, judges it twenty seconds later with its own roles, and tells", async () => {
    const organization = smallOrganization();
    const { wiring, data, sandbox, findings, mails, calls } = organization;
    await makeRole(organization);
    const before = sandbox.clock.now().getTime();
    await wiring.settle();
    expect(sandbox.clock.now().getTime() - before).toBe(20_000);
    expect(await findings(data)).toEqual(["role-without-boundary role/app open"]);
    expect(mails()).toHaveLength(1);
    expect(calls()[data.id]).toMatchObject({ "iam:GetRole": expect.any(Number) });
    expect({ errors: wiring.functionErrors, waiting: wiring.waiting }).toEqual({ errors: [], waiting: 0 });
    expect(sandbox.state.undelivered).toEqual([]);
  });

  it("hears of the management account, which no stack set reaches, by its own stack", async () => {
    const organization = smallOrganization();
    const { sandbox, iam, wiring, findings } = organization;
    const management = sandbox.state.accounts.get(sandbox.state.organization.managementAccountId);
    if (!management) throw new Error("no management account");
    await iam(management).send(new CreateRoleCommand({ RoleName: "app", AssumeRolePolicyDocument: Trust }));
    await wiring.settle();
    expect(await findings(management)).toEqual(["role-without-boundary role/app open"]);
  });

  it("sweeps by its state machine, which the daily schedule starts with its time as the run's name", async () => {
    const { sandbox, wiring } = smallOrganization();
    const { clock, state } = sandbox;
    clock.advance(24 * 3_600_000);
    expect(await wiring.runSchedules()).toMatchObject({ runId: "sweep-2026-11-03T06:00:00Z", failures: [] });
    expect(await wiring.runSchedules()).toBeUndefined();
    const [machine] = state.stateMachines.values();
    expect(machine?.executions).toMatchObject([
      { status: "SUCCEEDED", input: { runId: "sweep-2026-11-03T06:00:00Z" } },
    ]);
    // The hourly run was due as often as there were hours, and waits to be invoked.
    await wiring.settle();
    expect(wiring.functionErrors).toEqual([]);
  });

  it("watches accounts that join", async () => {
    const { sandbox, wiring, findings, iam } = smallOrganization();
    const { state } = sandbox;
    const { managementAccountId } = state.organization;
    const credentials = sandbox.credentialsFor(managementAccountId, "root");
    const organizations = new OrganizationsClient(sandbox.clientConfig(credentials));
    const known = new Set(state.accounts.keys());
    await organizations.send(new CreateAccountCommand({ AccountName: "new", Email: "new@example.com" }));
    const joined = [...state.accounts.values()].find(({ id }) => !known.has(id));
    if (joined === undefined) throw new Error("no account was made");
    expect(joined.roles.has("iam-warden-audit")).toBe(true);
    expect(rulesOf(state, joined.id, "eu-north-1")).not.toEqual([]);
    addRole(joined, sandbox.ids, {
      ...{ name: "AWSReservedSSO_AdministratorAccess_0123456789abcdef", path: "/aws-reserved/sso.amazonaws.com/" },
      createdAt: sandbox.clock.now(),
      attachedPolicies: new Set([administratorAccess]),
    });
    await iam(joined).send(new CreateRoleCommand({ RoleName: "app", AssumeRolePolicyDocument: Trust }));
    await wiring.settle();
    expect(await findings(joined)).toContain("role-without-boundary role/app open");
  });

  it("answers people by the function's URL only if they signed", async () => {
    const { operator } = smallOrganization();
    const body = JSON.stringify({ command: "findings" });
    expect(await operator(body, undefined)).toMatchObject({ statusCode: 403 });
    expect(await operator(body, { arn: "arn:aws:sts::111122223333:assumed-role/admin/alice" })).toMatchObject({
      statusCode: 200,
    });
  });

  it("keeps its findings and what is on its queues when it is deployed again with other settings", async () => {
    const before = smallOrganization();
    await makeRole(before);
    await before.wiring.settle();
    await makeRole(before, "other");
    const after = redeployed(before, settingsOf("version: 1\ncontrols:\n  stale-access-key: { mode: remediate }\n"));
    expect(after.wiring.waiting).toBe(before.wiring.waiting);
    await after.wiring.settle();
    const roles = ["app", "other"].map((name) => `role-without-boundary role/${name} open`);
    const found = (await after.store.listAll(after.data.id)).map(
      ({ control, subject, status }) => `${control} role/${subject.name} ${status}`,
    );
    expect(found.sort()).toEqual(roles);
    expect(after.data.roles.has("iam-warden-remediate")).toBe(true);
    expect(after.stack.outputs.get("FindingsTableName")).toBe(before.stack.outputs.get("FindingsTableName"));
  });
});

describe("a template with something missing", () => {
  it("without the hub's bus policy hears nothing, and the member's queue has what was not forwarded", async () => {
    const templates = changed((resources) => {
      for (const [id] of ofType(resources, "AWS::Events::EventBusPolicy")) delete resources[id];
    });
    const organization = smallOrganization({ templates });
    const { sandbox, data, wiring, findings } = organization;
    await makeRole(organization);
    await wiring.settle();
    expect(await findings(data)).toEqual([]);
    const aside = sandbox.state.queues.get(`arn:aws:sqs:us-east-1:${data.id}:iam-warden-not-forwarded`);
    expect(aside?.messages).toHaveLength(1);
  });

  it("without a rule does not hear what that rule is for", async () => {
    const templates = changed((resources) => {
      for (const [, properties] of ofType(resources, "AWS::Events::Rule"))
        if (String(properties.Name).startsWith("iam-warden-iam-changes")) properties.State = "DISABLED";
    });
    const organization = smallOrganization({ templates });
    await makeRole(organization);
    await organization.wiring.settle();
    expect(await organization.findings(organization.data)).toEqual([]);
  });

  it("without what lets a function poll its queue cannot be deployed", () => {
    const templates = changed((resources) => {
      for (const [, { PolicyDocument }] of ofType(resources, "AWS::IAM::Policy")) {
        const document = PolicyDocument as { Statement: { Action: unknown }[] };
        document.Statement = document.Statement.filter(({ Action }) => !String(Action).includes("sqs:ReceiveMessage"));
      }
    });
    expect(() => smallOrganization({ templates })).toThrow(/EventSourceMapping.*may not do sqs:ReceiveMessage/s);
  });

  it("without what lets the state machine invoke a function fails its sweep, saying so", async () => {
    const templates = changed((resources) => {
      for (const [, { PolicyDocument }] of ofType(resources, "AWS::IAM::Policy")) {
        const document = PolicyDocument as { Statement: { Action: unknown }[] };
        document.Statement = document.Statement.filter(({ Action }) => String(Action) !== "lambda:InvokeFunction");
      }
    });
    const { wiring } = smallOrganization({ templates });
    await expect(wiring.sweep()).rejects.toThrow(/States.Permissions: .* may not do lambda:InvokeFunction/);
  });
});

it("a schedule whose role may not start anything starts nothing, and that is noted", async () => {
  const templates = changed((resources) => {
    for (const [, { PolicyDocument }] of ofType(resources, "AWS::IAM::Policy")) {
      const document = PolicyDocument as { Statement: { Action: unknown }[] };
      document.Statement = document.Statement.filter(({ Action }) => String(Action) !== "states:StartExecution");
    }
  });
  const { wiring, sandbox } = smallOrganization({ templates });
  await expect(wiring.sweep()).rejects.toThrow("it was not started");
  expect(sandbox.state.undelivered).toMatchObject([{ code: "NO_PERMISSIONS" }]);
});

describe("a function", () => {
  it("that cannot judge a message gets it again, and it is laid aside after the twentieth try", async () => {
    const { wiring, sandbox } = smallOrganization();
    const start = sandbox.clock.now().getTime();
    wiring.send("{ no event");
    await wiring.settle();
    expect(wiring.deadLetters).toMatchObject([{ body: "{ no event", receiveCount: 20 }]);
    // Its visibility timeout is six times the function's own.
    expect(sandbox.clock.now().getTime() - start).toBe(20_000 + 20 * 540_000);
    expect(wiring.functionErrors).toEqual([]);
  });

  it("gets back only what it reports of a batch", async () => {
    const organization = smallOrganization();
    const { wiring, findings, data, telemetry } = organization;
    wiring.send("{ no event");
    await makeRole(organization);
    await wiring.settle();
    expect(await findings(data)).toEqual(["role-without-boundary role/app open"]);
    expect(telemetry.counted("FindingsOpened")).toBe(1);
    expect(wiring.deadLetters).toHaveLength(1);
  });

  it("that nothing lets assume its role fails, and is started anew once it can", async () => {
    const organization = smallOrganization();
    const { hub, invoke } = organization;
    const role = hub.roles.get("iam-warden-hub-list-accounts");
    if (role === undefined) throw new Error("no role");
    const { trustPolicy } = role;
    role.trustPolicy = trusting({ Service: "ec2.amazonaws.com" });
    await expect(invoke("list-accounts")).rejects.toThrow("cannot be assumed by Lambda");
    role.trustPolicy = trustPolicy;
    expect(await invoke("list-accounts")).toMatchObject({ accountsKey: expect.stringMatching(/^plans\//) });
  });

  it("has its own role's session: what it calls in a member is in that account's trail as the hub's doing", async () => {
    const organization = smallOrganization();
    const { events, data, hub, iam, wiring } = organization;
    await iam(data).send(new CreateUserCommand({ UserName: "alice" }));
    await wiring.settle();
    const assumed = events.filter(({ detail, account }) => detail.eventName === "AssumeRole" && account === data.id);
    expect(assumed[0]?.detail.userIdentity).toMatchObject({ accountId: hub.id });
  });
});
