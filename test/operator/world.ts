import { createMemoryWatchStore } from "../../shared/after-care/memory-watch-store.ts";
import { createMemoryExemptionStore } from "../../shared/exemptions/memory-store.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { Notice } from "../../shared/notify/notice.ts";
import type { Answer } from "../../shared/operator/answer.ts";
import type { OperatorDependencies } from "../../shared/operator/dependencies.ts";
import { type CommandName, createOperator, type Results } from "../../shared/operator/operator.ts";
import { listAccounts } from "../../shared/organization/list-accounts.ts";
import { createMemoryBreakerStore } from "../../shared/remediation/memory-breaker-store.ts";
import type { RepairMessage } from "../../shared/remediation/queue.ts";
import { runRepair } from "../../shared/remediation/run-repair.ts";
import { runUndo } from "../../shared/remediation/run-undo.ts";
import { defaultSettings, type Mode, type Settings } from "../../shared/settings/settings.ts";
import { settingsWith } from "../remediation/interlock-world.ts";
import { sameViews } from "../support/organization-views.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";
import type { RepairWorld } from "../support/repair-world.ts";

export const ann = "arn:aws:sts::999999999999:assumed-role/Security/ann";
export const zoe = "arn:aws:sts::999999999999:assumed-role/Security/zoe";

type World = Pick<RepairWorld, "run" | "account" | "sandbox" | "store" | "writes"> & { readonly finding: Finding };

export interface OperatorWorldOptions {
  readonly mode?: Mode;
  readonly settings?: Partial<Settings>;
  /** Of the finding that the world is about. */
  readonly finding?: Partial<Finding>;
}

/**
 * The operator on a world whose violation is found, and stored; what it asks to be repaired waits until `work` does it, with
 * the real code of the function that repairs.
 */
export const operatorWorld = async <W extends World>(world: W, options: OperatorWorldOptions = {}) => {
  const { audit, remediate, clock, sleep } = world.run();
  const { mode = "remediate" } = options;
  const repairs = { ...defaultSettings().repairs, permissionsBoundary: "TeamBoundary", centralRootAccess: true };
  const settings = settingsWith(world.finding.control, mode, { repairs, ...options.settings });
  const store = createMemoryStore();
  const at = clock().toISOString();
  const finding: Finding = { ...world.finding, openedAt: at, observedAt: at, notifiedAt: at, ...options.finding };
  await store.put(finding);
  await store.putSweep({
    runId: "r1",
    accountId: world.account.id,
    status: "swept",
    startedAt: at,
    finishedAt: at,
    verdicts: { violation: 1, compliant: 1, unknown: 0, notApplicable: 0 },
    unknownCauses: [],
    gaps: [],
    population: { users: 100, roles: 100, accessKeys: 100 },
  });
  const queued: RepairMessage[] = [];
  const notices: Notice[] = [];
  const telemetry = recordedTelemetry();
  const dependencies: OperatorDependencies = {
    audit,
    store,
    remediations: world.store,
    exemptions: createMemoryExemptionStore(),
    breakers: createMemoryBreakerStore(),
    repairs: {
      send: async (message) => {
        queued.push(message);
      },
    },
    notifier: {
      publish: async (notice) => {
        notices.push(notice);
      },
    },
    settings,
    listAccounts: () => listAccounts(audit),
    organization: sameViews,
    managementAccountId: async () => world.sandbox.state.organization.managementAccountId,
    telemetry,
    clock,
    sleep,
  };
  const ask = async <C extends CommandName>(
    command: C,
    args: Readonly<Record<string, unknown>> = {},
    arn = ann,
    changes: Partial<OperatorDependencies> = {},
  ): Promise<Answer<Results[C]>> =>
    (await createOperator({ ...dependencies, ...changes })({ arn }, { command, ...args })) as Answer<Results[C]>;

  return {
    ...world,
    ...dependencies,
    telemetry,
    finding,
    queued,
    notices,
    ask,
    /** Asks, and fails if it is refused. */
    done: async <C extends CommandName>(...[command, args, arn]: [C, Readonly<Record<string, unknown>>?, string?]) => {
      const answer = await ask(command, args, arn);
      if (!answer.ok) throw new Error(`${command} was refused: ${answer.error.name}: ${answer.error.message}`);
      return answer as { readonly ok: true } & Results[C];
    },
    /** How a request is refused: the error's name and message. */
    refused: async (command: CommandName, args: Readonly<Record<string, unknown>> = {}, arn = ann) => {
      const answer = await ask(command, args, arn);
      if (answer.ok) throw new Error(`${command} was not refused: ${JSON.stringify(answer)}`);
      return `${answer.error.name}: ${answer.error.message}`;
    },
    /** Does what was asked for, as the function that repairs does. */
    work: async (): Promise<void> => {
      const own = { ...dependencies, remediate, watches: createMemoryWatchStore() };
      for (const message of queued.splice(0))
        await (message.kind === "repair" ? runRepair(own, message) : runUndo(own, message));
    },
    stored: async (): Promise<Finding> => {
      const found = await store.get(finding.account.id, finding.id);
      if (found === undefined) throw new Error("the finding is gone");
      return found;
    },
  };
};

export type OperatorWorld = Awaited<ReturnType<typeof operatorWorld<World>>>;

/** The plan of the world's finding, as `plan` gives it. */
export const planOf = async ({ done, finding }: OperatorWorld, args: Readonly<Record<string, unknown>> = {}) => {
  const [plan] = (await done("plan", { id: finding.id, ...args })).items;
  if (plan === undefined) throw new Error("no plan");
  return plan;
};
