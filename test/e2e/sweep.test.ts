import { PutRolePermissionsBoundaryCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { addRole, addUser } from "../../sandbox/iam/state.ts";
import { AwsError } from "../../sandbox/protocol/service.ts";
import { createSandbox, type Sandbox } from "../../sandbox/sandbox.ts";
import { addAccount } from "../../sandbox/state.ts";
import { createWorld, type World } from "../../sandbox/world.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { type SubjectRef, subjectKey } from "../../shared/subject.ts";
import type { SweepAnswer, SweepRequest } from "../../shared/sweep/requests.ts";
import { type RecordedTelemetry, recordedTelemetry } from "../support/recorded-telemetry.ts";
import { settingsOf } from "../support/settings.ts";
import { type Deployed, type Deploying, deployHub, smallOrganization } from "../support/small-organization.ts";

interface Stage extends Deployed {
  readonly sandbox: Sandbox;
  readonly world: World;
  readonly telemetry: RecordedTelemetry;
}

interface StageOptions extends Deploying {
  readonly users?: number;
  readonly roles?: number;
  readonly accounts?: number;
}

/** A world, and beside it the account that iam-warden is deployed to. */
const stage = ({ users = 60, roles = 60, accounts = 2, ...rest }: StageOptions = {}): Stage => {
  const sandbox = createSandbox();
  const world = createWorld(sandbox, { seed: 7, users, roles, accounts });
  const { state, ids, clock } = sandbox;
  // What the world has of iam-warden by hand makes room for what is deployed.
  for (const account of state.accounts.values())
    for (const name of ["iam-warden-audit", "iam-warden-remediate"]) account.roles.delete(name);
  const telemetry = recordedTelemetry();
  const hub = addAccount(state, { id: ids.account(), name: "security", joinedAt: clock.now() });
  return { ...deployHub(sandbox, hub.id, { telemetry, ...rest }), sandbox, world, telemetry };
};

const allOpen = async ({ store, sandbox }: Stage): Promise<Finding[]> =>
  (await Promise.all([...sandbox.state.accounts.keys()].map((id) => store.listOpen(id)))).flat();

const key = (control: string, account: string, subject: SubjectRef): string =>
  `${control} ${account} ${subjectKey(subject)}`;
const keysOf = (found: readonly Finding[]): string[] =>
  found.map(({ control, account, subject }) => key(control, account.id, subject)).sort();
const keysOfTruth = (truth: World["truth"]): string[] =>
  truth.map(({ control, account, subject }) => key(control, account, subject)).sort();

const accountCalls = ({ aws }: Stage, accountId: string): number =>
  Object.values(aws.calls()[accountId] ?? {}).reduce((sum, count) => sum + count, 0);

describe("a sweep of everything", () => {
  it("finds exactly what the world violates, and changes nothing when run again", async () => {
    const organization = stage();
    const { world, wiring, telemetry } = organization;
    const truth = keysOfTruth(world.truth);
    const { answers, failures } = await wiring.sweep();
    expect(failures).toEqual([]);
    expect(answers.map((answer) => answer.done && answer.status)).toEqual(["swept", "swept", "swept", "swept"]);
    expect(keysOf(await allOpen(organization))).toEqual(truth);
    expect(telemetry.counted("FindingsOpened")).toBe(truth.length);

    const [account = ""] = world.accounts;
    const before = accountCalls(organization, account);
    organization.sandbox.clock.advance(60_000);
    await wiring.sweep();
    // Ten to IAM, three that look at the trails, and of each of four Regions its analyzers and what they found.
    expect(accountCalls(organization, account) - before).toBeLessThanOrEqual(21);
    expect(keysOf(await allOpen(organization))).toEqual(truth);
    expect(telemetry.counted("FindingsOpened")).toBe(truth.length);
    expect(telemetry.counted("FindingsResolved")).toBe(0);
  });

  it("comes to the same when every invocation has time for one subject only", async () => {
    let remainingMs = 900_000;
    const hasty = stage({ users: 30, roles: 30, accounts: 1, remainingMs: () => remainingMs });
    await hasty.functions.listAccounts({}); // It reads the organization.
    remainingMs = 0;
    const [account = ""] = hasty.world.accounts;
    let request: SweepRequest = { runId: "run", account: { id: account } };
    let invocations = 0;
    for (;;) {
      invocations += 1;
      const answer = await hasty.functions.sweepAccount(request);
      if (answer.done) break;
      request = answer;
    }
    const truth = keysOfTruth(hasty.world.truth.filter((violation) => violation.account === account));
    expect(keysOf(await hasty.store.listOpen(account))).toEqual(truth);
    // The account, root, 30 users, 30 roles, iam-warden's own where the world has none yet, and the end.
    expect(invocations).toBeGreaterThanOrEqual(63);
    const [sweep] = await hasty.store.listSweeps("run");
    expect(sweep).toMatchObject({ status: "swept", verdicts: { violation: truth.length } });

    const leisurely = stage({ users: 30, roles: 30, accounts: 1 });
    await leisurely.functions.listAccounts({});
    await leisurely.functions.sweepAccount({ runId: "run", account: { id: account } });
    const [inOne] = await leisurely.store.listSweeps("run");
    expect(sweep?.verdicts).toEqual(inOne?.verdicts);
    expect(sweep?.unknownCauses).toEqual(inOne?.unknownCauses);
  });
});

describe("a sweep", () => {
  it("keeps an account that cannot be read as failed, resolves nothing in it, and goes on with the others", async () => {
    const organization = stage();
    const { world, wiring, sandbox, store, telemetry } = organization;
    await wiring.sweep();
    const [denied = "", other = ""] = world.accounts;
    const before = await store.listOpen(denied);
    sandbox.state.accounts.get(denied)?.roles.delete("iam-warden-audit");
    sandbox.state.accounts.get(denied)?.users.clear();
    sandbox.state.accounts.get(other)?.users.clear();
    sandbox.clock.advance(24 * 3_600_000);

    const { runId, answers, failures } = await wiring.sweep();
    expect(failures).toEqual([]);
    expect(answers.find((answer) => answer.account.id === denied)).toMatchObject({ done: true, status: "failed" });
    expect(answers.find((answer) => answer.account.id === other)).toMatchObject({ done: true, status: "swept" });
    expect(before.length).toBeGreaterThan(10);
    expect(await store.listOpen(denied)).toEqual(before);
    const left = (await store.listOpen(other)).map(({ subject }) => subject.kind);
    expect(left.filter((subject) => subject === "user" || subject === "accessKey")).toEqual([]);
    expect((await store.listSweeps(runId)).find(({ accountId }) => accountId === denied)).toMatchObject({
      status: "failed",
      error: expect.stringContaining("sts:AssumeRole"),
    });
    expect(telemetry.counted("AccountsFailed")).toBe(1);
  });

  it("convicts nobody by what it read long ago: a repair in the middle of a slow sweep is seen", async () => {
    const { sandbox, data, iam, functions, wiring, findings, store } = smallOrganization();
    const createdAt = new Date(sandbox.clock.now().getTime() - 300 * 86_400_000);
    for (let index = 0; index < 8; index++) {
      const key = { id: sandbox.ids.accessKey("AKIA"), secret: sandbox.ids.secret(), createdAt };
      addUser(data, sandbox.ids, { name: `user-${index}`, createdAt, accessKeys: [{ ...key, status: "Active" }] });
    }
    const lastUsed = { at: sandbox.clock.now(), region: "eu-west-1" };
    addRole(data, sandbox.ids, { name: "export", createdAt, lastUsed });
    let listings = 0;
    sandbox.intercept(async ({ operation }) => {
      if (operation !== "ListAccessKeys") return;
      listings += 1;
      sandbox.clock.advance(2 * 60_000);
      if (listings === 4)
        await iam(data).send(
          new PutRolePermissionsBoundaryCommand({
            RoleName: "export",
            PermissionsBoundary: "arn:aws:iam::aws:policy/ReadOnlyAccess",
          }),
        );
      if (listings === 6) await wiring.deliverDue();
    });
    let request: SweepRequest | undefined = { runId: "run", account: { id: data.id } };
    while (request !== undefined) {
      const answer: SweepAnswer = await functions.sweepAccount(request);
      request = answer.done ? undefined : answer;
    }
    await wiring.settle();
    expect((await findings(data)).filter((one) => !one.startsWith("stale-") && !one.startsWith("unused-"))).toEqual([]);
    expect((await findings(data)).length).toBe(16);
    expect(await store.listSweeps("run")).toMatchObject([{ status: "swept", verdicts: { violation: 16 } }]);
  });

  it.each([
    ["is closed", "SUSPENDED"],
    ["leaves the organization", undefined],
  ] as const)(
    "resolves by digest what is open in an account that %s, and opens it again should it come back",
    async (_how, status) => {
      const organization = stage();
      const { world, wiring, sandbox, store, telemetry } = organization;
      await wiring.sweep();
      const [left = "", other = ""] = world.accounts;
      const account = sandbox.state.accounts.get(left);
      if (account === undefined) throw new Error("no account");
      const before = await store.listOpen(left);
      const others = await store.listOpen(other);
      expect(before.map(({ severity }) => severity)).toContain("critical");
      if (status === undefined) sandbox.state.accounts.delete(left);
      else account.status = status;
      sandbox.clock.advance(24 * 3_600_000);
      const mailed = sandbox.deliveries.length;
      await wiring.sweep();
      const reason = `Account ${left} is no active member of the organization any more.`;
      expect(await store.listActive(left)).toEqual([]);
      expect(telemetry.counted("FindingsResolved")).toBe(before.length);
      expect(
        (await store.listAll(left)).map(({ history }) => history.findLast(({ what }) => what === "resolved")),
      ).toEqual(before.map(() => expect.objectContaining({ reason })));
      expect(keysOf(await store.listOpen(other))).toEqual(expect.arrayContaining(keysOf(others)));
      const mails = sandbox.deliveries.slice(mailed).filter(({ protocol }) => protocol === "email");
      expect(mails.map(({ subject }) => subject)).toEqual([expect.stringContaining(`${before.length} resolved`)]);

      sandbox.state.accounts.set(left, account);
      account.status = "ACTIVE";
      sandbox.clock.advance(24 * 3_600_000);
      await wiring.sweep();
      expect(keysOf(await store.listOpen(left))).toEqual(expect.arrayContaining(keysOf(before)));
    },
  );

  it("resolves nothing of an account that joined after the accounts were listed, nor by an empty list", async () => {
    const { functions, wiring, data, sandbox, findings } = smallOrganization();
    const createdAt = new Date(sandbox.clock.now().getTime() - 300 * 86_400_000);
    addRole(data, sandbox.ids, { name: "export", createdAt });
    const plan = await functions.listAccounts({});
    const accounts = plan.accounts.filter(({ id }) => id !== data.id);
    sandbox.clock.advance(60_000);
    await wiring.sweep();
    const open = await findings(data);
    expect(open).toContain("role-without-boundary role/export open");
    await functions.digest({ ...plan, accounts });
    expect(await findings(data)).toEqual(open);

    sandbox.clock.advance(60_000);
    const listedAt = sandbox.clock.now().toISOString();
    await functions.digest({ ...plan, listedAt, accounts: [] });
    expect(await findings(data)).toEqual(open);
    await functions.digest({ ...plan, listedAt, accounts });
    expect((await findings(data)).filter((one) => one.endsWith(" open"))).toEqual([]);
  });

  it("retries an account for which AWS does not answer, and keeps it as failed when that does not end", async () => {
    const organization = stage({ users: 5, roles: 5 });
    const { world, wiring, sandbox, store } = organization;
    const [silent = ""] = world.accounts;
    let refusals = 1;
    sandbox.intercept(({ operation, account }) => {
      if (operation !== "GetAccountAuthorizationDetails" || account.id !== silent) return;
      refusals -= 1;
      if (refusals >= 0) throw new AwsError("ServiceUnavailable", "try later", 503);
    });
    const once = await wiring.sweep();
    expect(once.failures).toEqual([]);
    expect((await store.listSweeps(once.runId)).map(({ status }) => status)).toEqual([
      "swept",
      "swept",
      "swept",
      "swept",
    ]);

    refusals = 100;
    sandbox.clock.advance(60_000);
    const open = await store.listOpen(silent);
    const endless = await wiring.sweep();
    const error = expect.stringMatching(/^ThrottledError/);
    expect(endless.failures).toMatchObject([{ account: { id: silent }, error }]);
    const sweeps = await store.listSweeps(endless.runId);
    expect(sweeps.find(({ accountId }) => accountId === silent)).toMatchObject({ status: "failed", error });
    expect(await store.listOpen(silent)).toEqual(open);
  });

  it("never takes a denied report for compliance, and says what it could not see", async () => {
    const organization = stage();
    const { world, wiring, sandbox, store } = organization;
    await wiring.sweep();
    const before = keysOf(await allOpen(organization));
    sandbox.intercept(({ operation }) => {
      if (/CredentialReport$/.test(operation)) throw new AwsError("AccessDenied", "not authorized", 403);
    });
    sandbox.clock.advance(24 * 3_600_000);
    const { runId } = await wiring.sweep();
    const after = keysOf(await allOpen(organization));
    expect(before.filter((one) => !after.includes(one))).toEqual([]);
    const sweep = (await store.listSweeps(runId)).find(({ accountId }) => accountId === world.accounts[0]);
    expect(sweep?.gaps).toEqual([expect.stringContaining("CredentialReport")]);
    expect(sweep?.verdicts.unknown).toBeGreaterThan(0);
    expect(sweep?.unknownCauses).toEqual([
      { cause: "iam:GenerateCredentialReport was denied", count: sweep?.verdicts.unknown },
    ]);
  });

  it("resolves what is gone, what was turned off, and what went quiet", async () => {
    const organization = stage({ accounts: 1, users: 40, roles: 40 });
    const { world, wiring, sandbox, store, telemetry } = organization;
    const [id = ""] = world.accounts;
    const account = sandbox.state.accounts.get(id);
    if (account === undefined) throw new Error("no account");
    account.root.passwordEnabled = true;
    sandbox.signIn(id, "root", { mfa: true });
    await wiring.settle();
    await wiring.sweep();
    expect((await store.listOpen(id)).map(({ control }) => control)).toContain("root-activity");

    account.users.clear();
    sandbox.clock.advance(25 * 3_600_000);
    organization.wiring.close();
    const settings = settingsOf(
      `version: 1\ncontrols:\n${`admin-policy assume-any-role policy-near-size-limit privilege-escalation-path role-without-boundary
        server-certificate-expired service-wide-policy trust-open-to-anyone unused-role`
        .split(/\s+/)
        .map((id) => `  ${id}: { mode: off }\n`)
        .join("")}`,
    );
    const later = deployHub(sandbox, organization.place.accountId, { telemetry, settings });
    await later.functions.sweepAccount({ runId: "later", account: { id } });
    const all = await store.listAll(id);
    expect(all.length).toBeGreaterThan(20);
    const open = all.filter(({ status }) => status === "open").map(({ control }) => control);
    expect(open.filter((control) => !control.startsWith("root-"))).toEqual([]);
    expect(open).not.toContain("root-activity");
  });
});
