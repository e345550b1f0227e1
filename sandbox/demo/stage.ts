import { type Finding, findingId, type HistoryEntry } from "../../shared/findings/finding.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { type SubjectRef, subjectKey } from "../../shared/subject.ts";
import type { Telemetry } from "../../shared/telemetry.ts";
import type { Calls } from "../deployed/calls.ts";
import { type Deployment, deploy } from "../deployed/deploy.ts";
import type { SweepObserver, SweepRun } from "../deployed/sweep.ts";
import { createSandbox, type EventBridgeEvent, type Sandbox } from "../sandbox.ts";
import { type DemoOrganization, demoOrganization } from "../world.ts";
import { followFindings } from "./findings.ts";
import type { DemoLine, Printer } from "./lines.ts";
import { demoSettings } from "./settings.ts";
import type { Expectation, LifeStep } from "./step.ts";
import { demoTemplates } from "./templates.ts";

/** What needs no line of its own: a message or another line says it. */
const silent: ReadonlySet<HistoryEntry["what"]> = new Set(["notified", "acknowledged", "approved", "reminded"]);

/** Where the demo's people sign in and its workloads run, besides the home Region. */
const otherRegions = ["us-east-2", "eu-north-1", "ap-southeast-2", "eu-west-1"];

type Untimed<L> = L extends DemoLine ? Omit<L, "at"> : never;

/** The demo organization with iam-warden deployed in it, everything that happens there told to a printer. */
export interface Stage extends Deployment {
  readonly sandbox: Sandbox;
  readonly organization: DemoOrganization;
  say(line: Untimed<DemoLine>): void;
  /** Sweeps once, now. The findings are summed up instead of told one by one. `paced`: waits after each account. */
  sweepAll(paced?: () => Promise<void>): Promise<void>;
  /** Starts what the schedules have due: a sweep is told as any. */
  runSchedules(): Promise<void>;
  /** Tells what arrived or was laid aside since it was last asked. */
  tellNews(): void;
  /** What is not as the organization was seeded; empty if the open findings are its truth, no more and no less. */
  compareWithTruth(): Promise<{ readonly found: number; readonly problems: readonly string[] }>;
  /** What a step did not lead to. */
  compareWithStep(step: LifeStep): Promise<readonly string[]>;
}

/**
 * @param start of virtual time; by default a fixed one, so that every run is the same
 * @param rate how many times faster than a person's its time passes
 */
export const createStage = (
  printer: Printer,
  { seed, start, rate }: { readonly seed: number; readonly start?: Date; readonly rate?: number },
): Stage => {
  const sandbox = createSandbox({ seed, start, rate });
  const organization = demoOrganization(sandbox, { seed, bare: true });
  const names = new Map(organization.accounts.map(({ id, name }) => [id, name]));
  const nameOf = (accountId: string): string => names.get(accountId) ?? accountId;
  const say = (line: Untimed<DemoLine>): void =>
    printer.print({ at: sandbox.clock.now().toISOString(), ...line } as DemoLine);

  let inSweep = false;
  const telemetry: Telemetry = {
    info: () => {},
    warn: () => {},
    error: (message, fields = {}) => {
      const { errorName } = fields;
      say({ type: "log", level: "error", message, ...(typeof errorName === "string" && { errorName }) });
    },
    count: () => {},
    measure: () => {},
  };
  const onRouted = (event: EventBridgeEvent): void => {
    // iam-warden's own mark is nothing that happened in the account.
    if (event.detail.eventName === "TagRole" && personOf(event) === "iam-warden-audit") return;
    say({
      type: "event",
      // What AWS tells of by itself is no record of a call.
      eventName: String(event.detail.eventName ?? event["detail-type"]),
      eventId: String(event.detail.eventID ?? event.id),
      account: event.account,
      accountName: nameOf(event.account),
      by: personOf(event),
    });
  };
  const settings = demoSettings(organization);
  const deployment = deploy(sandbox, {
    ...{
      hubAccountId: organization.hubAccountId,
      templates: demoTemplates(settings),
      otherRegions,
      telemetry,
      onRouted,
    },
    onInvoked: async () => {
      for (const { finding, entry } of await findingNews()) tellFinding(finding, entry);
    },
  });
  const { calls, store, wiring } = deployment;
  const findingNews = followFindings(sandbox.state, store);
  const tellFinding = (finding: Finding, latest: HistoryEntry): void => {
    if (silent.has(latest.what)) return;
    say({
      type: "finding",
      change: latest.what,
      id: finding.id,
      control: finding.control,
      severity: finding.severity,
      reason: latest.reason ?? finding.reason,
      ...(latest.by !== undefined && { by: personIn(latest.by) }),
      account: finding.account.id,
      accountName: nameOf(finding.account.id),
      subject: subjectKey(finding.subject),
      inSweep,
    });
  };

  say({ type: "start", accounts: organization.accounts.length, ...count(sandbox, organization) });

  let told = 0;
  let laidAside = 0;
  const tellNews = (): void => {
    for (const { protocol, endpoint, subject, message, attributes, at } of sandbox.deliveries.slice(told)) {
      const shown = Object.fromEntries(Object.entries(attributes).map(([name, { value }]) => [name, value]));
      printer.print({
        at: at.toISOString(),
        type: "message",
        protocol,
        endpoint,
        subject,
        body: message,
        attributes: shown,
        inSweep,
      });
    }
    told = sandbox.deliveries.length;
    for (const letter of wiring.deadLetters.slice(laidAside)) say({ type: "dead-letter", ...letter });
    laidAside = wiring.deadLetters.length;
  };

  const observer = (paced?: () => Promise<void>): SweepObserver => ({
    started: (id, accounts) => say({ type: "sweep-started", runId: id, accounts: accounts.length }),
    finished: async ({ id }, answer) => {
      say({
        type: "account-swept",
        account: id,
        accountName: nameOf(id),
        status: answer?.done ? answer.status : "failed",
        violations: answer?.done ? answer.verdicts.violation : 0,
        unknown: answer?.done ? answer.verdicts.unknown : 0,
      });
      await paced?.();
    },
  });
  const tellSweep = async ({ runId, answers, failures }: SweepRun, callsBefore: number): Promise<void> => {
    const bySeverity = { critical: 0, high: 0, medium: 0, low: 0 };
    for (const finding of await allOpen(store, organization)) bySeverity[finding.severity] += 1;
    const swept = answers.filter((answer) => answer.done && answer.status === "swept").length;
    say({
      type: "sweep-finished",
      runId,
      swept,
      failed: answers.length - swept + failures.length,
      apiCalls: total(calls()) - callsBefore,
      bySeverity,
    });
  };

  return {
    ...deployment,
    sandbox,
    organization,
    say,
    tellNews,
    sweepAll: async (paced) => {
      const before = total(calls());
      inSweep = true;
      const run = await wiring.sweep(observer(paced));
      inSweep = false;
      await tellSweep(run, before);
    },
    runSchedules: async () => {
      const before = total(calls());
      const run = await wiring.runSchedules(observer());
      if (run !== undefined) await tellSweep(run, before);
    },
    compareWithTruth: async () => {
      const open = await allOpen(store, organization);
      const label = (control: string, accountId: string, subject: SubjectRef): string =>
        `${control} on ${subjectKey(subject)} in ${nameOf(accountId)}`;
      const expected = new Set(
        organization.truth.map(({ control, account, subject }) => label(control, account, subject)),
      );
      const found = new Set(open.map(({ control, account, subject }) => label(control, account.id, subject)));
      const problems = [
        ...[...expected].filter((one) => !found.has(one)).map((one) => `not found: ${one}`),
        ...[...found].filter((one) => !expected.has(one)).map((one) => `found, but not seeded: ${one}`),
      ];
      return { found: found.size, problems };
    },
    compareWithStep: async ({ expected, title }) => {
      const problems = await Promise.all(expected.map((one) => missing(store, one)));
      return problems.flatMap((problem) => (problem === undefined ? [] : [`${title}: ${problem}`]));
    },
  };
};

/** Who passed an event, for the timeline: `mira.lund@kestrel.example`, `root`. */
const personOf = ({ detail }: EventBridgeEvent): string => {
  const identity = detail.userIdentity;
  if (identity === undefined) return "AWS";
  const arn = typeof identity === "object" && identity !== null && "arn" in identity ? identity.arn : undefined;
  return typeof arn === "string" ? personIn(arn) : "somebody";
};

const personIn = (arn: string): string => arn.slice(Math.max(arn.lastIndexOf("/"), arn.lastIndexOf(":")) + 1);

const missing = async (store: FindingStore, { accountId, control, subject, status }: Expectation) => {
  const finding = await store.get(accountId, findingId(accountId, control, subject));
  if (finding?.status === status) return undefined;
  return `${control} on ${subjectKey(subject)} should be ${status}, but is ${finding?.status ?? "unknown to anybody"}`;
};

const allOpen = async (store: FindingStore, { accounts }: DemoOrganization): Promise<readonly Finding[]> =>
  (await Promise.all(accounts.map(({ id }) => store.listOpen(id)))).flat();

const count = ({ state }: Sandbox, { accounts }: DemoOrganization) => {
  const states = accounts.flatMap(({ id }) => state.accounts.get(id) ?? []);
  return {
    active: states.filter(({ status }) => status === "ACTIVE").length,
    users: states.reduce((sum, { users }) => sum + users.size, 0),
    roles: states.reduce((sum, { roles }) => sum + roles.size, 0),
  };
};

const total = (calls: Calls): number =>
  Object.values(calls)
    .flatMap((operations) => Object.values(operations))
    .reduce((sum, one) => sum + one, 0);
