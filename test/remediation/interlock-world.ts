import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { listAccounts } from "../../shared/organization/list-accounts.ts";
import type { Trip } from "../../shared/remediation/breaker.ts";
import { createInterlocks, type InterlockDependencies } from "../../shared/remediation/interlocks.ts";
import { createMemoryBreakerStore } from "../../shared/remediation/memory-breaker-store.ts";
import type { ExemptionMatcher } from "../../shared/remediation/not-exempt.ts";
import { type Prepared, prepare, type RepairRequest } from "../../shared/remediation/prepare.ts";
import { defaultSettings, type Mode, type Settings } from "../../shared/settings/settings.ts";
import type { RepairWorld } from "../support/repair-world.ts";

/** An exemption as far as an interlock has to know it. */
export interface Excuse {
  readonly control: string;
  readonly reason: string;
  readonly until: string;
  readonly by: string;
}

export const excuseFor: ExemptionMatcher<Excuse> = (excuses, { control }, now) =>
  excuses.find((excuse) => excuse.control === control && Date.parse(excuse.until) > now.getTime());

/** The default settings with a control in some mode, and what differs besides. */
export const settingsWith = (control: string, mode: Mode, changes: Partial<Settings> = {}): Settings => {
  const settings = defaultSettings();
  const own = settings.controls[control];
  if (own === undefined) throw new Error(`no such control: ${control}`);
  return { ...settings, controls: { ...settings.controls, [control]: { ...own, mode } }, ...changes };
};

export const asker = { by: "ladder", why: "7 days open" };

type World = Pick<RepairWorld, "run" | "account"> & { readonly request: RepairRequest };

export const readyIn = async ({ run, request }: World, changes: Partial<RepairRequest> = {}): Promise<Prepared> => {
  const preparation = await prepare(run(), { ...request, ...changes });
  if (preparation.outcome !== "ready") throw new Error(JSON.stringify(preparation));
  return preparation.prepared;
};

/** All real interlocks on a world where everything lets its repair pass, but for what `changes` say. */
export const interlocksOf = async (world: World, changes: Partial<InterlockDependencies<Excuse>> = {}) => {
  const { audit, clock, sleep } = world.run();
  const store = createMemoryStore();
  const at = clock().toISOString();
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
  const told: Trip[] = [];
  const dependencies: InterlockDependencies<Excuse> = {
    settings: settingsWith(world.request.control.id, "remediate"),
    inUseDays: 30,
    listAccounts: () => listAccounts(audit),
    exemptions: async () => [],
    exemptionFor: excuseFor,
    whyNotDue: () => undefined,
    store,
    breakers: createMemoryBreakerStore(),
    tellTrip: async (trip) => {
      told.push(trip);
    },
    tellLosses: async () => {},
    audit,
    clock,
    sleep,
    ...changes,
  };
  return { interlocks: createInterlocks(dependencies), dependencies, told };
};
