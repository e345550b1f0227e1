import {
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../../sandbox/random.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import {
  addAccount,
  addRole,
  addUser,
  administratorAccess,
  strictPasswordPolicy,
  trusting,
} from "../../sandbox/state.ts";
import { createDynamoDbStore } from "../../shared/findings/dynamodb-store.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { subjectKey } from "../../shared/subject.ts";
import type { SweepRequest } from "../../shared/sweep/run.ts";
import {
  createFaults,
  type Fault,
  type Faults,
  faultKinds,
  faultyDynamoDb,
  faultyHandler,
  faultyStore,
} from "../support/faults.ts";
import { startDynamoDb } from "../support/findings-table.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";
import { deploy } from "../support/wired/deployment.ts";
import { makeHub } from "../support/wired/hub.ts";
import { createWiring, type WiredFunctions } from "../support/wired/wiring.ts";

// A crash between any two awaits loses nothing and repeats at most a notice: the real functions run for two days in an
// organization, and at one of their calls to AWS or the findings the call fails or the whole invocation dies. Queue and state
// machine try again, as deployed; what then is open, told and counted has to be what it is without the fault.

const dayMs = 24 * 3_600_000;
const adminRole = "AWSReservedSSO_Admin_0123456789abcdef";
const createRole = (RoleName: string) =>
  new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting({ Service: "lambda.amazonaws.com" }) });
const passwordSince = (at: Date) => ({ createdAt: at, changedAt: at, resetRequired: false });

/** How often the state machine tries a step, and how long it waits first. */
const tries = 5;
const retrySeconds = 30;

interface Outcome {
  readonly faults: Faults;
  readonly findings: readonly Finding[];
  /** `status control account subject` of every finding, ordered. */
  readonly states: readonly string[];
  /** How often each notice arrived, by `id kind`; of a digest, the id is the run's. */
  readonly notices: ReadonlyMap<string, number>;
  readonly digests: string;
  readonly coverage: readonly object[];
  readonly deadLetters: number;
}

/** Two days of a small organization: sweeps, changes, their events, digests, with a fault somewhere. */
const twoDays = async (createStore: (faults: Faults) => Promise<FindingStore>, fault?: Fault): Promise<Outcome> => {
  const sandbox = createSandbox();
  const { state, ids, clock } = sandbox;
  const joinedAt = clock.now();
  const longAgo = new Date(joinedAt.getTime() - 200 * dayMs);
  const hub = addAccount(state, { id: ids.account(), name: "security", joinedAt });
  const data = addAccount(state, { id: ids.account(), name: "data", joinedAt });
  data.passwordPolicy = { ...strictPasswordPolicy };
  state.organization.delegatedAdministrators.set(hub.id, new Map([["iam-warden.example.com", joinedAt]]));
  addRole(data, ids, {
    name: adminRole,
    path: "/aws-reserved/sso.amazonaws.com/",
    createdAt: joinedAt,
    attachedPolicies: new Set([administratorAccess]),
  });
  data.root.passwordEnabled = true;
  data.root.mfaDevices.push({ serial: "GAHT12345678", enabledAt: joinedAt });
  addUser(data, ids, { name: "leaves", createdAt: longAgo, loginProfile: passwordSince(longAgo) });
  const lastUsed = { at: joinedAt, region: "eu-west-1" };
  addRole(data, ids, { name: "repaired", createdAt: longAgo, lastUsed });
  addRole(data, ids, { name: "deleted", createdAt: longAgo, lastUsed });

  const faults = createFaults(fault);
  const store = await createStore(faults);
  const telemetry = recordedTelemetry();
  const wired = makeHub(sandbox, hub.id);
  const start = () => {
    const clientConfig: typeof sandbox.clientConfig = (...parameters) => {
      const config = sandbox.clientConfig(...parameters);
      return { ...config, requestHandler: faultyHandler(config.requestHandler, faults) };
    };
    const { functions, wiring } = deploy({ ...sandbox, clientConfig }, wired, { telemetry, store, maxAttempts: 1 });
    wiring.close();
    return { functions, deaths: faults.deaths };
  };
  let started = start();
  const invoke = <Answer>(run: (functions: WiredFunctions) => Promise<Answer>): Promise<Answer> => {
    if (started.deaths !== faults.deaths) started = start(); // What died starts anew.
    return faults.invoke(() => run(started.functions));
  };
  const functions: WiredFunctions = {
    intake: (batch) => invoke(({ intake }) => intake(batch)),
    listAccounts: (request) => invoke(({ listAccounts }) => listAccounts(request)),
    sweepAccount: (request) => invoke(({ sweepAccount }) => sweepAccount(request)),
    digest: (request) => invoke(({ digest }) => digest(request)),
    escalate: () => invoke(({ escalate }) => escalate()),
    remediate: (batch) => invoke(({ remediate }) => remediate(batch)),
  };
  const step = async <T>(run: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run();
      } catch (error) {
        if (attempt === tries) throw error;
        clock.advance(retrySeconds * 1000);
      }
    }
  };
  const sweep = async (runId: string): Promise<void> => {
    const plan = await step(() => functions.listAccounts({ runId }));
    for (const account of plan.accounts) {
      let request: SweepRequest | undefined = { runId, account };
      while (request !== undefined) {
        const next: SweepRequest = request;
        const answer = await step(() => functions.sweepAccount(next));
        request = answer.done ? undefined : answer;
      }
    }
    await step(() => functions.digest(plan));
  };
  const queue = createWiring(sandbox, functions);
  const iam = new IAMClient({
    ...sandbox.clientConfig(sandbox.credentialsFor(data.id, { role: adminRole })),
    maxAttempts: 1,
  });
  const PermissionsBoundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";

  await sweep("day-1");
  clock.advance(3_600_000);
  await iam.send(createRole("new"));
  await iam.send(new CreateUserCommand({ UserName: "robot" }));
  await iam.send(new CreateAccessKeyCommand({ UserName: "robot" }));
  clock.advance(2_000);
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "robot" }));
  await iam.send(new CreateLoginProfileCommand({ UserName: "robot", Password: "correct-Horse-9" }));
  sandbox.signIn(data.id, "root", { mfa: true });
  await queue.settle();
  clock.advance(3_600_000);
  await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "repaired", PermissionsBoundary }));
  await iam.send(new DeleteRoleCommand({ RoleName: "deleted" }));
  await iam.send(new DeleteAccessKeyCommand({ UserName: "robot", AccessKeyId: AccessKey?.AccessKeyId }));
  await queue.settle();
  // What no event tells of.
  data.users.delete("leaves");
  addRole(data, ids, { name: "comes", createdAt: longAgo, lastUsed });
  clock.advance(dayMs);
  await sweep("day-2");

  const findings = (await Promise.all([...state.accounts.keys()].map((id) => store.listAll(id)))).flat();
  const notices = new Map<string, number>();
  const digests: string[] = [];
  for (const { protocol, attributes, message } of sandbox.deliveries) {
    if (protocol !== "email") continue;
    const isDigest = attributes.kind?.value === "digest";
    if (isDigest) digests.push(message);
    const id = (isDigest ? /^Sweep ([\w-]+),/m : /Finding ([0-9a-f]{16,})/).exec(message)?.[1];
    const notice = `${id} ${attributes.kind?.value}`;
    notices.set(notice, (notices.get(notice) ?? 0) + 1);
  }
  const sweeps = (await Promise.all(["day-1", "day-2"].map((runId) => store.listSweeps(runId)))).flat();
  return {
    faults,
    findings,
    states: findings
      .map(({ status, control, account, subject }) => `${status} ${control} ${account.name} ${subjectKey(subject)}`)
      .sort(),
    notices,
    digests: digests.join("\n"),
    coverage: sweeps.map(({ runId, accountId, status, verdicts, gaps }) => ({
      runId,
      accountId,
      status,
      verdicts,
      // That a mark could not be left is what a fault there comes to: it is told, and the next hour leaves one.
      gaps: gaps.filter((gap) => !gap.includes("no mark could be left")),
    })),
    deadLetters: queue.deadLetters.length,
  };
};

/** Each notice once, or twice if that is where the fault was. */
const expectTold = ({ notices, findings, digests }: Outcome, expected: Outcome["notices"]): void => {
  expect([...notices.keys()].sort()).toEqual([...expected.keys()].sort());
  expect([...notices].filter(([, count]) => count > 2)).toEqual([]);
  expect([...notices].filter(([, count]) => count === 2).length).toBeLessThanOrEqual(1);
  for (const finding of findings) {
    expect(finding.outbox).toEqual([]);
    expect(finding.history.filter(({ what }) => what === "opened")).toHaveLength(1);
    expect(finding.history.filter(({ what }) => what === "reopened" || what === "recurred")).toEqual([]);
    if (!notices.has(`${finding.id} opened`)) expect(digests).toContain(finding.subject.name);
  }
};

type Sample = Readonly<Record<"publishing" | "writing" | "reading", number>>;

const groupOf = (call: string): keyof Sample =>
  call === "Publish" ? "publishing" : /^(store\.put|PutItem)/.test(call) ? "writing" : "reading";

/** As many of all faults as the sample wants, the same ones each time. */
const faultsFor = (calls: readonly string[], sample: Sample): Fault[] => {
  const random = createRandom(7);
  const all = calls.flatMap((call, index) =>
    faultKinds.map((kind) => ({ group: groupOf(call), order: random(), fault: { kind, at: index + 1 } })),
  );
  const inOrder = all.sort((a, b) => a.order - b.order);
  return (["publishing", "writing", "reading"] as const).flatMap((group) =>
    inOrder
      .filter((one) => one.group === group)
      .slice(0, sample[group])
      .map(({ fault }) => fault),
  );
};

/** The memory store tries every fault of a notice; with `Infinity` for all it takes minutes. */
const samples: Readonly<Record<"memory" | "DynamoDB", Sample>> = {
  memory: { publishing: Number.POSITIVE_INFINITY, writing: 16, reading: 8 },
  DynamoDB: { publishing: 2, writing: 6, reading: 3 },
};

describe.each(["memory", "DynamoDB"] as const)("two days with one fault, findings in %s", (kind) => {
  let dynamoDb: Awaited<ReturnType<typeof startDynamoDb>> | undefined;
  beforeAll(async () => {
    if (kind === "DynamoDB") dynamoDb = await startDynamoDb();
  });
  afterAll(() => dynamoDb?.close());
  const createStore = async (faults: Faults): Promise<FindingStore> =>
    dynamoDb === undefined
      ? faultyStore(createMemoryStore(), faults)
      : createDynamoDbStore({
          client: faultyDynamoDb(dynamoDb.createClient({ maxAttempts: 1 }), faults),
          table: await dynamoDb.createTable(),
        });

  it("come to what they come to without it", async () => {
    const calm = await twoDays(createStore);
    expect(calm.states).toEqual([
      "open console-user-without-mfa data user/robot",
      "open role-without-boundary data role/comes",
      "open role-without-boundary data role/new",
      "open root-without-mfa management root/root", // critical: told singly by the sweep
      "resolved console-user-without-mfa data user/leaves",
      "resolved role-without-boundary data role/deleted",
      "resolved role-without-boundary data role/repaired",
      "resolved root-activity data root/root",
      "resolved two-active-access-keys data user/robot",
      "resolved unused-console-password data user/leaves",
    ]);
    expect([...calm.notices.values()].every((count) => count === 1)).toBe(true);
    expectTold(calm, calm.notices);

    for (const fault of faultsFor(calm.faults.calls, samples[kind])) {
      const outcome = await twoDays(createStore, fault);
      try {
        expect(outcome.states).toEqual(calm.states);
        expect(outcome.coverage).toEqual(calm.coverage);
        expect(outcome.deadLetters).toBe(0);
        expectTold(outcome, calm.notices);
      } catch (cause) {
        throw new Error(`When call ${fault.at}, ${calm.faults.calls[fault.at - 1]}, ${fault.kind} taking effect`, {
          cause,
        });
      }
    }
  }, 300_000);
});
