import type { AwsAccess } from "../../shared/aws/access.ts";
import type { Notifier } from "../../shared/notify/notice.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { FunctionName, InstanceParts } from "./handlers.ts";
import type { InvariantName } from "./invariants.ts";
import type { Tables } from "./tables.ts";

/** Where what a function is built with can be replaced by something that is wrong. */
export interface Seams {
  /** What reads. */
  readonly aws: (aws: AwsAccess, name: FunctionName) => AwsAccess;
  readonly tables: (tables: Tables, parts: Pick<InstanceParts, "enqueue">) => Tables;
  readonly notifier: (notifier: Notifier) => Notifier;
  readonly settings: (settings: Settings) => Settings;
  readonly clock: (clock: () => Date) => () => Date;
}

/** Nothing is wrong. */
export const soundSeams: Seams = {
  aws: (aws) => aws,
  tables: (tables) => tables,
  notifier: (notifier) => notifier,
  settings: (settings) => settings,
  clock: (clock) => clock,
};

/** A way to break the program from without, and the invariant that has to notice: what no sabotage trips proves nothing. */
export interface Sabotage {
  readonly what: string;
  readonly trips: InvariantName;
  /** Where to look first, if what it needs is seldom drawn: a seed at which it was noticed. Absent: 1. */
  readonly firstSeed?: number;
  /** Invariants that may fail with it. */
  readonly mayTrip?: readonly InvariantName[];
  /** Made anew for each run. */
  readonly seams: () => Partial<Seams>;
}
