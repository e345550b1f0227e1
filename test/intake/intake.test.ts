import {
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  type IAMClient,
  PutRolePermissionsBoundaryCommand,
  TagRoleCommand,
} from "@aws-sdk/client-iam";
import { MoveAccountCommand, OrganizationsClient } from "@aws-sdk/client-organizations";
import { describe, expect, it } from "vitest";
import { trusting } from "../../sandbox/iam/state.ts";
import { AwsError, throttled } from "../../sandbox/protocol/service.ts";
import { createMemoryWatchStore } from "../../shared/after-care/memory-watch-store.ts";
import { matches } from "../../shared/events/matcher.ts";
import { organizationPatterns } from "../../shared/events/organization-changes.ts";
import { createMemoryExemptionStore } from "../../shared/exemptions/memory-store.ts";
import { createIntake } from "../../shared/intake/intake.ts";
import { createMemoryMarkStore } from "../../shared/marks/memory-mark-store.ts";
import { sameViews } from "../support/organization-views.ts";
import { settingsOf } from "../support/settings.ts";
import { storeKinds, useStores } from "../support/stores.ts";
import type { DeploymentOptions } from "../support/wired/deployment.ts";
import { type WiredOrganization, wiredOrganization } from "../support/wired/organization.ts";

const createRole = (RoleName: string) =>
  new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting({ Service: "lambda.amazonaws.com" }) });
const attachBoundary = (RoleName: string) =>
  new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: "arn:aws:iam::aws:policy/ReadOnlyAccess" });

const allowAll = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "*", Resource: "*" },
});

const message = (body: unknown, messageId = "1") => ({
  messageId,
  body: typeof body === "string" ? body : JSON.stringify(body),
  attributes: { ApproximateReceiveCount: "1" },
});

const failuresOf = async (organization: WiredOrganization, ...bodies: readonly unknown[]): Promise<string[]> => {
  const Records = bodies.map((body, index) => message(body, String(index)));
  const { batchItemFailures } = await organization.functions.intake({ Records });
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};

const calls = ({ aws }: WiredOrganization, accountId: string): Readonly<Record<string, number>> =>
  aws.calls()[accountId] ?? {};

describe.each(storeKinds)("intake, findings in %s", (kind) => {
  const newStore = useStores(kind);
  const organize = async (options: Partial<DeploymentOptions> = {}): Promise<WiredOrganization> =>
    wiredOrganization({ store: await newStore(), ...options });

  it("leaves alone a denial that a boundary causes, where nothing was repaired", async () => {
    const organization = await organize();
    const { data, wiring, iam, sandbox } = organization;
    await iam(data, "petra").send(createRole("export"));
    await iam(data, "petra").send(attachBoundary("export"));
    const role = sandbox.state.accounts.get(data.id)?.roles.get("export");
    role?.inlinePolicies.set("all", allowAll);
    await wiring.settle();
    const before = [await organization.findings(data), organization.mails(), calls(organization, data.id)];
    expect(sandbox.use(data.id, { role: "export" }, { service: "kms", action: "ListKeys" })).toBe("denied");
    expect(wiring.waiting).toBe(1);
    await wiring.settle();
    expect([wiring.deadLetters, wiring.functionErrors]).toEqual([[], []]);
    expect([await organization.findings(data), organization.mails(), calls(organization, data.id)]).toEqual(before);
  });

  it("opens a finding for an event, tells it once, resolves it when it is repaired, and reopens it", async () => {
    const organization = await organize();
    const { data, wiring, iam, sandbox } = organization;
    await iam(data, "petra").send(createRole("export"));
    await wiring.settle();
    expect(await organization.findings(data)).toEqual(["role-without-boundary role/export open"]);
    const { actor } = await organization.finding(data, "role-without-boundary");
    expect(actor).toMatchObject({ eventName: "CreateRole", arn: expect.stringMatching(/petra$/) });
    expect(organization.mails()).toHaveLength(1);

    await iam(data, "sam").send(attachBoundary("export"));
    await wiring.settle();
    expect(await organization.findings(data)).toEqual(["role-without-boundary role/export resolved"]);
    expect(organization.mails()).toHaveLength(2);

    data.roles.get("export") && delete data.roles.get("export")?.boundary;
    await iam(data).send(new TagRoleCommand({ RoleName: "export", Tags: [{ Key: "owner", Value: "data" }] }));
    sandbox.clock.advance(60_000);
    await wiring.settle();
    const { status, history } = await organization.finding(data, "role-without-boundary");
    expect({ status, history: history.map(({ what }) => what) }).toEqual({
      status: "open",
      history: ["opened", "notified", "resolved", "notified", "reopened", "notified"],
    });
    expect(wiring.deadLetters).toEqual([]);
    expect(wiring.functionErrors).toEqual([]);
  });

  it("reads a subject once, however many events of a batch speak of it", async () => {
    const organization = await organize();
    const { data, iam, events } = organization;
    await iam(data, "petra").send(new CreateUserCommand({ UserName: "alice" }));
    await iam(data, "sam").send(new CreateLoginProfileCommand({ UserName: "alice", Password: "correct-Horse-9" }));
    await iam(data, "ines").send(new CreateAccessKeyCommand({ UserName: "alice" }));
    await iam(data, "ines").send(new CreateAccessKeyCommand({ UserName: "alice" }));
    expect(await failuresOf(organization, ...events)).toEqual([]);
    expect(calls(organization, data.id)).toMatchObject({ "iam:GetUser": 1, "iam:GetLoginProfile": 1 });
    expect(await organization.findings(data)).toEqual([
      "console-user-without-mfa user/alice open",
      "two-active-access-keys user/alice open",
    ]);
    // Each finding names who did what it is about, not who came last.
    expect((await organization.finding(data, "console-user-without-mfa")).actor?.arn).toMatch(/sam$/);
    expect((await organization.finding(data, "two-active-access-keys")).actor?.arn).toMatch(/ines$/);
  });

  it.each([
    ["as they came", (events: readonly unknown[]) => events],
    ["backwards", (events: readonly unknown[]) => events.toReversed()],
    ["three times each", (events: readonly unknown[]) => events.flatMap((event) => [event, event, event])],
  ])("comes to the same whether events arrive %s, in one batch or one by one", async (_, arrange) => {
    for (const oneByOne of [false, true]) {
      const organization = await organize();
      const { data, iam, events, sandbox } = organization;
      await iam(data).send(createRole("export"));
      await iam(data).send(attachBoundary("export"));
      await iam(data).send(createRole("import"));
      await iam(data).send(createRole("gone"));
      await iam(data).send(new DeleteRoleCommand({ RoleName: "gone" }));
      sandbox.clock.advance(60_000);
      const bodies = arrange(events);
      for (const batch of oneByOne ? bodies.map((body) => [body]) : [bodies]) {
        expect(await failuresOf(organization, ...batch)).toEqual([]);
      }
      expect(await organization.findings(data)).toEqual(["role-without-boundary role/import open"]);
      expect(organization.mails()).toHaveLength(1);
    }
  });

  it("opens one finding when the same events are judged at the same time", async () => {
    const organization = await organize();
    const { data, iam, events } = organization;
    await iam(data).send(createRole("export"));
    const batches = Array.from({ length: 5 }, () => failuresOf(organization, ...events));
    expect(await Promise.all(batches)).toEqual([[], [], [], [], []]);
    const { history } = await organization.finding(data, "role-without-boundary");
    expect(history.filter(({ what }) => what === "opened")).toHaveLength(1);
  });

  const poison: readonly (readonly [string, string])[] = [
    ["no JSON", "{ no json"],
    ["nothing", ""],
    ["another shape", JSON.stringify({ hello: "world" })],
    ["null", "null"],
    ["a list", "[]"],
    ["a megabyte of nesting", "[".repeat(500_000) + "]".repeat(500_000)],
    [
      "a deep record",
      `{"account":"111122223333","source":"aws.iam","detail":${'{"a":'.repeat(5000)}1${"}".repeat(5000)}}`,
    ],
    ["wrong types", JSON.stringify({ account: 1, source: [], "detail-type": {}, detail: "record" })],
    ["hostile text", "<script>alert(1)</script>\u001b[2J<!channel>\u202e"],
  ];

  it.each(poison)("reports %s as failed, says why, and judges the rest of the batch", async (_, body) => {
    const organization = await organize();
    const { data, iam, events, telemetry } = organization;
    await iam(data).send(createRole("export"));
    expect(await failuresOf(organization, body, ...events, body)).toEqual(["0", "2"]);
    expect(await organization.findings(data)).toEqual(["role-without-boundary role/export open"]);
    expect(telemetry.counted("PoisonMessages")).toBe(2);
    expect(telemetry.lines.filter(({ level }) => level === "error")).toMatchObject([
      { fields: { errorName: "MalformedInputError", messageId: "0", receiveCount: "1" } },
      { fields: { errorName: "MalformedInputError", messageId: "2" } },
    ]);
  });

  it("lays a poison message in the dead-letter queue after the last try, its reason logged each time", async () => {
    const { wiring, telemetry } = await organize({ queue: { maxReceiveCount: 4 } });
    wiring.send("{ no json");
    await wiring.settle();
    expect(wiring.deadLetters).toEqual([{ messageId: "message-000001", body: "{ no json", receiveCount: 4 }]);
    expect(telemetry.lines.map(({ fields }) => [fields.errorName, fields.receiveCount])).toEqual(
      ["1", "2", "3", "4"].map((count) => ["MalformedInputError", count]),
    );
  });

  it("refuses an event that claims another account than its record, counts it, and does not try it again", async () => {
    const organization = await organize();
    const { data, web, iam, events, telemetry, wiring } = organization;
    await iam(data).send(createRole("export"));
    await wiring.settle();
    wiring.send(JSON.stringify({ ...events[0], account: web.id }));
    await wiring.settle();
    expect(await organization.findings(web)).toEqual([]);
    expect(telemetry.counted("EventsRefused")).toBe(1);
    expect(telemetry.lines).toMatchObject([{ level: "error", fields: { errorName: "ForgedEventError" } }]);
    expect(wiring.deadLetters).toEqual([]);
  });

  it("keeps the message of an account that cannot be read, and judges the other accounts", async () => {
    const organization = await organize();
    const { data, web, iam, wiring, telemetry } = organization;
    data.roles.delete("iam-warden-audit");
    await iam(data).send(createRole("export"));
    await iam(web).send(createRole("export"));
    await wiring.settle();
    expect(await organization.findings(data)).toEqual([]);
    expect(await organization.findings(web)).toEqual(["role-without-boundary role/export open"]);
    expect(wiring.deadLetters).toMatchObject([{ body: expect.stringContaining(data.id) }]);
    expect(telemetry.lines.map(({ fields }) => fields.errorName)).toEqual(Array(20).fill("AccessDeniedError"));
  });

  it("answers before its time is up, and lets no account that does not answer hold up the others", async () => {
    const { data, web, iam, events, aws, store, sandbox, telemetry, hub, findings } = await organize();
    for (const name of ["export", "import"]) await iam(data).send(createRole(name));
    await iam(web).send(createRole("export"));
    const timeIsUp = Promise.withResolvers<void>();
    const intake = createIntake({
      exemptions: createMemoryExemptionStore(),
      watches: createMemoryWatchStore(),
      marks: createMemoryMarkStore(),
      auditRoleName: "iam-warden-audit",
      repairs: { send: async () => {} },
      aws: {
        ...aws,
        iam: (id) => (id === data.id ? ({ send: () => new Promise(() => {}) } as unknown as IAMClient) : aws.iam(id)),
      },
      // The time is up once the account that answers has been judged, told, and noted as told.
      store: {
        ...store,
        put: async (finding) => {
          await store.put(finding);
          if (finding.notifiedAt !== undefined) setImmediate(timeIsUp.resolve);
        },
      },
      hubAccountId: hub.id,
      notifier: { publish: async () => {} },
      // What comes after it in the catalogue would not be judged yet.
      settings: settingsOf(
        `version: 1\ncontrols: { ${["service-trust-confused-deputy", "service-wide-policy", "trust-open-to-anyone", "unused-role"].map((id) => `${id}: { mode: off }`).join(", ")} }`,
      ),
      accounts: { find: async (id) => ({ id }), outdate: () => {} },
      organization: sameViews,
      refreshOrganization: async () => {},
      telemetry,
      clock: () => sandbox.clock.now(),
    });
    const Records = events.map((event, index) => message(event, String(index)));
    const answer = await intake({ Records }, timeIsUp.promise);
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(["0", "1"]);
    expect(await findings(web)).toEqual(["role-without-boundary role/export open"]);
    expect(telemetry.lines.map(({ fields }) => [fields.errorName, fields.account])).toEqual([
      ["OutOfTimeError", data.id],
      ["OutOfTimeError", data.id],
    ]);
  });

  it("asks nothing more of an account that throttles, in a batch, and judges the others", async () => {
    const organization = await organize();
    const { data, web, iam, sandbox, events, findings } = organization;
    for (const name of ["one", "two", "three"]) await iam(data).send(createRole(name));
    await iam(web).send(createRole("other"));
    const stop = sandbox.intercept(({ operation, account }) => {
      if (operation === "GetRole" && account.id === data.id) throw throttled();
    });
    sandbox.clock.advance(20_000);
    expect(await failuresOf(organization, ...events)).toEqual(["0", "1", "2"]);
    stop();
    expect(calls(organization, data.id)["iam:GetRole"]).toBe(1);
    expect(await findings(web)).toEqual(["role-without-boundary role/other open"]);
    expect(await failuresOf(organization, ...events)).toEqual([]);
    expect(await findings(data)).toHaveLength(3);
  });

  it("tries again what AWS did not answer, and only that", async () => {
    const organization = await organize();
    const { data, web, iam, wiring, sandbox, telemetry } = organization;
    await iam(data).send(createRole("export"));
    await iam(web).send(createRole("export"));
    const restore = sandbox.intercept(({ operation, account }) => {
      if (operation === "GetRole" && account.id === data.id) throw new AwsError("ServiceUnavailable", "try later", 503);
    });
    sandbox.clock.advance(20_000);
    await wiring.deliverDue();
    expect(await organization.findings(web)).toEqual(["role-without-boundary role/export open"]);
    expect(await organization.findings(data)).toEqual([]);
    expect(wiring.waiting).toBe(1);
    restore();
    await wiring.settle();
    expect(await organization.findings(data)).toEqual(["role-without-boundary role/export open"]);
    expect(telemetry.counted("MessagesRetried")).toBe(1);
  });

  it("waits for what IAM does not show yet, and resolves only what is really gone", async () => {
    const organization = await organize();
    const { data, iam, wiring, sandbox, telemetry } = organization;
    await iam(data).send(createRole("export"));
    const restore = sandbox.intercept(({ operation, account }) => {
      if (operation === "GetRole" && account.id === data.id) {
        throw new AwsError("NoSuchEntity", "The role with name export cannot be found.", 404);
      }
    });
    sandbox.clock.advance(20_000);
    await wiring.deliverDue();
    expect(telemetry.lines).toMatchObject([{ level: "info", fields: { errorName: "NotYetVisibleError" } }]);
    expect(wiring.waiting).toBe(1);
    restore();
    await wiring.settle();
    expect(await organization.findings(data)).toEqual(["role-without-boundary role/export open"]);

    await iam(data).send(new DeleteRoleCommand({ RoleName: "export" }));
    await wiring.settle();
    expect(await organization.findings(data)).toEqual(["role-without-boundary role/export resolved"]);
    expect(telemetry.counted("MessagesRetried")).toBe(1);
  });

  it("looks again for a key that was just made and is not listed yet", async () => {
    const organization = await organize();
    const { data, iam, wiring, sandbox, telemetry } = organization;
    await iam(data).send(new CreateUserCommand({ UserName: "robot" }));
    await iam(data).send(new CreateAccessKeyCommand({ UserName: "robot" }));
    await iam(data).send(new CreateAccessKeyCommand({ UserName: "robot" }));
    const keys = data.users.get("robot")?.accessKeys;
    const [hidden] = keys?.splice(1) ?? [];
    if (hidden === undefined) throw new Error("no second key");
    sandbox.clock.advance(20_000);
    await wiring.deliverDue();
    expect(await organization.findings(data)).toEqual([]);
    expect(telemetry.lines.map(({ fields }) => fields.errorName)).toContain("NotYetVisibleError");
    keys?.push(hidden);
    await wiring.settle();
    expect(await organization.findings(data)).toEqual(["two-active-access-keys user/robot open"]);
    expect(wiring.deadLetters).toEqual([]);
  });

  it("resolves the findings of a key that was deleted, and leaves those of the other key", async () => {
    const organization = await organize();
    const { data, iam, wiring, sandbox } = organization;
    await iam(data).send(new CreateUserCommand({ UserName: "robot" }));
    const made = [];
    for (let count = 0; count < 2; count++) {
      made.push((await iam(data).send(new CreateAccessKeyCommand({ UserName: "robot" }))).AccessKey?.AccessKeyId);
      sandbox.clock.advance(1000);
    }
    sandbox.clock.advance(200 * 86_400_000);
    await wiring.settle();
    const stale = (id: string | undefined, status: string) => `stale-access-key accessKey/robot/${id} ${status}`;
    expect(await organization.findings(data)).toEqual(
      expect.arrayContaining([
        stale(made[0], "open"),
        stale(made[1], "open"),
        "two-active-access-keys user/robot open",
      ]),
    );

    await iam(data).send(new DeleteAccessKeyCommand({ UserName: "robot", AccessKeyId: made[0] }));
    await wiring.settle();
    expect(await organization.findings(data)).toEqual(
      expect.arrayContaining([
        stale(made[0], "resolved"),
        stale(made[1], "open"),
        "two-active-access-keys user/robot resolved",
      ]),
    );
  });

  it("tries a message again whose notice could not be published, and tells it then", async () => {
    const organization = await organize();
    const { data, iam, wiring, sandbox, telemetry } = organization;
    data.root.passwordEnabled = true;
    await iam(data).send(createRole("export"));
    await wiring.settle();
    const restore = sandbox.intercept(({ service }) => {
      if (service === "sns") throw new AwsError("InternalError", "try later", 500);
    });
    await iam(data).send(createRole("import"));
    await iam(data).send(new DeleteRoleCommand({ RoleName: "export" }));
    sandbox.signIn(data.id, "root", { mfa: true });
    sandbox.clock.advance(20_000);
    await wiring.deliverDue();
    expect(await organization.findings(data)).toEqual([
      "role-without-boundary role/export resolved",
      "role-without-boundary role/import open",
      "root-activity root/root open",
    ]);
    expect(organization.mails()).toHaveLength(1);
    expect(telemetry.counted("NotificationsFailed")).toBe(3);
    expect(wiring.waiting).toBe(3);
    restore();
    await wiring.settle();
    expect(organization.mails()).toHaveLength(4);
    expect(await Array.fromAsync(organization.store.undelivered())).toEqual([]);
    expect(wiring.deadLetters).toEqual([]);
  });

  it("leaves a notice that cannot be published to the hourly run or the next digest, not to the dead-letter queue", async () => {
    const organization = await organize();
    const { data, iam, wiring, sandbox, functions } = organization;
    const restore = sandbox.intercept(({ service }) => {
      if (service === "sns") throw new AwsError("InternalError", "try later", 500);
    });
    await iam(data).send(createRole("export"));
    await wiring.settle();
    expect([wiring.deadLetters, wiring.waiting]).toEqual([[], 0]);
    expect(organization.telemetry.counted("NotificationsFailed")).toBe(3);
    expect(await organization.findings(data)).toEqual(["role-without-boundary role/export open"]);
    expect(organization.mails()).toEqual([]);
    restore();
    await functions.digest({ runId: "later", listedAt: sandbox.clock.now().toISOString(), accounts: [] });
    expect(organization.mails()).toContainEqual(expect.stringContaining("role export in data"));
  });

  it("knows an account's new place when the management account's record of the move has come", async () => {
    const organization = await organize();
    const { data, wiring, iam, sandbox } = organization;
    const { organization: state } = sandbox.state;
    await iam(data, "petra").send(createRole("before"));
    await wiring.settle();
    expect((await organization.finding(data, "role-without-boundary")).account.ouPath).toBe("Root");

    const unit = { id: "ou-abcd-11111111", name: "Moved", parentId: state.rootId, tags: new Map<string, string>() };
    state.units.set(unit.id, unit);
    const organizations = new OrganizationsClient({
      ...sandbox.clientConfig(sandbox.credentialsFor(state.managementAccountId, "root")),
      region: "us-east-1",
    });
    await organizations.send(
      new MoveAccountCommand({ AccountId: data.id, SourceParentId: state.rootId, DestinationParentId: unit.id }),
    );
    const [moved] = organization.events.filter(({ detail }) => detail.eventName === "MoveAccount");
    expect(organizationPatterns().some(({ pattern }) => matches(pattern, moved))).toBe(true);
    wiring.send(JSON.stringify(moved));
    sandbox.clock.advance(60_000);
    await wiring.settle();
    await iam(data, "petra").send(new DeleteRoleCommand({ RoleName: "before" }));
    await iam(data, "petra").send(createRole("after"));
    await wiring.settle();
    const open = await organization.store.listOpen(data.id);
    expect(open.map(({ subject, account }) => [subject.name, account.ouPath])).toEqual([["after", "Root/Moved"]]);
    expect(wiring.deadLetters).toEqual([]);
  });

  it("finds root at work in the record itself, counts on, and tells once", async () => {
    const organization = await organize();
    const { data, wiring, sandbox, events } = organization;
    data.root.passwordEnabled = true;
    sandbox.signIn(data.id, "root", { mfa: true });
    await wiring.settle();
    for (let again = 0; again < 3; again++) wiring.send(JSON.stringify(events[0]));
    await wiring.settle();
    const { status, severity, activity } = await organization.finding(data, "root-activity");
    expect({ status, severity, count: activity?.count }).toEqual({ status: "open", severity: "critical", count: 1 });
    expect(organization.mails()).toHaveLength(1);
  });

  it("raises nothing for iam-warden's own reads", async () => {
    const organization = await organize();
    const { data, iam, wiring } = organization;
    await iam(data).send(createRole("export"));
    await wiring.settle();
    await wiring.sweep();
    await wiring.settle();
    for (const { id } of organization.sandbox.state.accounts.values()) {
      const controls = (await organization.store.listAll(id)).map(({ control }) => control);
      expect(controls.filter((control) => control.startsWith("root-"))).toEqual([]);
    }
  });
});
