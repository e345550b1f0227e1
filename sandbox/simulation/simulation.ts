import type { Settings } from "../../shared/settings/settings.ts";
import type { Engine } from "./engine.ts";
import type { Faults } from "./faults.ts";
import type { Functions } from "./functions.ts";
import type { Plan } from "./plan.ts";
import type { Queue } from "./queue.ts";
import type { Observed } from "./record.ts";
import type { Schedule } from "./schedule.ts";
import type { Tables } from "./tables.ts";
import type { SimulatedOrganization } from "./world.ts";

/** Everything there is in one run. */
export interface Simulation {
  readonly plan: Plan;
  readonly organization: SimulatedOrganization;
  readonly engine: Engine;
  readonly faults: Faults;
  readonly functions: Functions;
  readonly schedule: Schedule;
  readonly repairs: Queue;
  /** The tables themselves, without faults. */
  readonly tables: Tables;
  readonly settings: Settings;
  readonly observed: Observed;
  readonly say: (line: string) => void;
  /** Events and messages that are still under way. */
  readonly waiting: () => number;
}
