import {
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  PutRolePermissionsBoundaryCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { addRole, addUser, trusting } from "../../sandbox/iam/state.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { subjectKey } from "../../shared/subject.ts";
import { createFaults, deployedWithFaults, type Fault, type Faults, sampledFaults } from "../support/faults.ts";
import { deployHub } from "../support/small-organization.ts";
import { threeAccounts, watched } from "../support/three-accounts.ts";

// A crash between any two awaits loses nothing and repeats at most a notice: what the templates deploy runs for two days in an
// organization, and at one of the calls that a function makes on the wire the call fails or the function dies. Queues, schedules
// and the state machine try again, as deployed; what then is open, told and counted has to be what it is without the fault.

const passedOver =
  /the organization was not read|access-analyzer:\w+ was not answered|reading the account's trails failed in AWS/;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const createRole = (RoleName: string) =>
  new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting({ Service: "lambda.amazonaws.com" }) });
const passwordSince = (at: Date) => ({ createdAt: at, changedAt: at, resetRequired: false });

interface Outcome {
  readonly faults: Faults;
  readonly findings: readonly Finding[];
  /** `status control account subject` of every finding, ordered. */
  readonly states: readonly string[];
  /** How often each notice arrived, by `id kind`; of a digest, the id is the run's. */
  readonly notices: ReadonlyMap<string, number>;
  readonly digests: string;
  readonly coverage: readonly object[];
  /** Keys of what was written for people to read. */
  readonly reports: readonly string[];
  readonly deadLetters: number;
}

/** Two days of a small organization: sweeps, changes, their events, digests, with a fault somewhere. */
const twoDays = async (fault?: Fault): Promise<Outcome> => {
  // The daily sweep is at six, the hourly run at half past.
  const accounts = threeAccounts({ start: new Date("2026-11-02T05:45:00Z") });
  const { sandbox, telemetry, hub, data } = accounts;
  const { state, ids, clock } = sandbox;
  const longAgo = new Date(clock.now().getTime() - 200 * dayMs);
  const management = state.accounts.get(state.organization.managementAccountId);
  management?.root.mfaDevices.pop();
  data.root.passwordEnabled = true;
  // The hub may look up what is centralized of root.
  const { organization } = state;
  organization.trustedServices.set("iam.amazonaws.com", longAgo);
  for (const feature of ["RootCredentialsManagement", "RootSessions"] as const) organization.rootFeatures.add(feature);
  organization.delegatedAdministrators.set(hub.id, new Map([["iam.amazonaws.com", longAgo]]));
  addUser(data, ids, { name: "leaves", createdAt: longAgo, loginProfile: passwordSince(longAgo) });
  const lastUsed = { at: clock.now(), region: "eu-west-1" };
  addRole(data, ids, { name: "repaired", createdAt: longAgo, lastUsed });
  addRole(data, ids, { name: "deleted", createdAt: longAgo, lastUsed });

  const faults = createFaults(fault);
  const { sandbox: faulty, around } = deployedWithFaults(sandbox, faults);
  const { store, wiring } = deployHub(faulty, hub.id, { telemetry, around });
  const iam = watched(accounts, store).iam(data);
  const PermissionsBoundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  const later = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await wiring.runSchedules();
    await wiring.settle();
  };

  await later(hourMs);
  await iam.send(createRole("new"));
  await iam.send(new CreateUserCommand({ UserName: "robot" }));
  await iam.send(new CreateAccessKeyCommand({ UserName: "robot" }));
  clock.advance(2_000);
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "robot" }));
  await iam.send(new CreateLoginProfileCommand({ UserName: "robot", Password: "correct-Horse-9" }));
  sandbox.signIn(data.id, "root", { mfa: true });
  await wiring.settle();
  await later(hourMs);
  await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "repaired", PermissionsBoundary }));
  await iam.send(new DeleteRoleCommand({ RoleName: "deleted" }));
  await iam.send(new DeleteAccessKeyCommand({ UserName: "robot", AccessKeyId: AccessKey?.AccessKeyId }));
  await wiring.settle();
  // What no event tells of.
  data.users.delete("leaves");
  addRole(data, ids, { name: "comes", createdAt: longAgo, lastUsed });
  clock.advance(dayMs);
  // By itself: of the night's hourly runs each would do what two have done.
  const { runId } = await wiring.sweep();

  const runs = ["sweep-2026-11-02T06:00:00Z", runId];
  // It is named by its time, which retries may have moved.
  const named = (text: string): string => text.replace(/2026-11-03T[\d:-]+Z/, "2026-11-03");
  const findings = (await Promise.all([...state.accounts.keys()].map((id) => store.listAll(id)))).flat();
  const notices = new Map<string, number>();
  const digests: string[] = [];
  for (const { protocol, attributes, message } of sandbox.deliveries) {
    if (protocol !== "email") continue;
    const isDigest = attributes.kind?.value === "digest";
    if (isDigest) digests.push(message);
    const id = (isDigest ? /^Sweep ([\w:-]+),/m : /Finding ([0-9a-f]{16,})/).exec(message)?.[1];
    const notice = `${named(id ?? "")} ${attributes.kind?.value}`;
    notices.set(notice, (notices.get(notice) ?? 0) + 1);
  }
  const sweeps = (await Promise.all(runs.map((run) => store.listSweeps(run)))).flat();
  return {
    faults,
    findings,
    states: findings
      .map(({ status, control, account, subject }) => `${status} ${control} ${account.name} ${subjectKey(subject)}`)
      .sort(),
    notices,
    digests: digests.join("\n"),
    coverage: sweeps.map(({ runId: run, accountId, status, verdicts, unknownCauses, gaps }) => ({
      runId: named(run),
      accountId,
      status,
      verdicts: withoutGaps(verdicts, unknownCauses),
      // That a mark could not be left is what a fault there comes to: it is told, and the next hour leaves one.
      gaps: gaps.filter((gap) => !gap.includes("no mark could be left") && !passedOver.test(gap)),
    })),
    // Plans are not: there is one for each time that the accounts were listed.
    reports: [...state.buckets.values()]
      .flatMap(({ objects }) => [...objects.keys()].map(named))
      .filter((key) => key.startsWith("reports/"))
      .sort(),
    deadLetters: wiring.deadLetters.length,
  };
};

type Sweep = Awaited<ReturnType<FindingStore["listSweeps"]>>[number];

/**
 * No sweep fails because the organization could not be read, or Access Analyzer or CloudTrail did not answer: what rests on it is then
 * unknown, which the sweep tells as coverage. Such a verdict counts here as what it is without a fault: compliant, or not applicable.
 */
const withoutGaps = (verdicts: Sweep["verdicts"], causes: Sweep["unknownCauses"]) => {
  const unread = causes.filter(({ cause }) => passedOver.test(cause));
  const sum = (of: typeof causes) => of.reduce((all, { count }) => all + count, 0);
  // Without the fault no resource is found, and none judged.
  const ofResources = unread.filter(({ cause }) => / was not answered in \S+$/.test(cause));
  const { compliant, notApplicable, unknown, violation } = verdicts;
  const satisfied = compliant + notApplicable + sum(unread) - sum(ofResources);
  return { satisfied, unknown: unknown - sum(unread), violation };
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

/** How many faults at calls of an operation. */
const most = (call: string): number => ({ Publish: 20, PutItem: 10 })[call] ?? 1;

describe("two days with one fault", () => {
  it("come to what they come to without it", async () => {
    const calm = await twoDays();
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
    expect(calm.reports.length).toBeGreaterThan(0);
    expect([...calm.notices.values()].every((count) => count === 1)).toBe(true);
    expectTold(calm, calm.notices);

    for (const fault of sampledFaults(calm.faults.calls, { most })) {
      const outcome = await twoDays(fault);
      try {
        expect(outcome.states).toEqual(calm.states);
        expect(outcome.coverage).toEqual(calm.coverage);
        expect(outcome.reports).toEqual(calm.reports);
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
