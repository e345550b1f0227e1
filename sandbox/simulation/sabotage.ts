import type { FindingStore } from "../../shared/findings/store.ts";
import type { Notifier } from "../../shared/notify/notice.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { InvariantName } from "./invariants.ts";

/** Where what a function is built with can be replaced by something that is wrong. */
export interface Seams {
  readonly store: (store: FindingStore) => FindingStore;
  readonly notifier: (notifier: Notifier) => Notifier;
  readonly settings: (settings: Settings) => Settings;
  readonly clock: (clock: () => Date) => () => Date;
}

/** Nothing is wrong. */
export const soundSeams: Seams = {
  store: (store) => store,
  notifier: (notifier) => notifier,
  settings: (settings) => settings,
  clock: (clock) => clock,
};

export interface Sabotage {
  /** What is broken, as a sentence. */
  readonly what: string;
  /** The invariant that has to notice. */
  readonly trips: InvariantName;
  readonly seams: Partial<Seams>;
}
