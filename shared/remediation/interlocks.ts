import type { AwsAccess } from "../aws/access.ts";
import type { Sleep } from "../facts/fetch-report.ts";
import type { FindingStore } from "../findings/store.ts";
import { once } from "../once.ts";
import type { Settings } from "../settings/settings.ts";
import type { AccountRef } from "../subject.ts";
import { approvalMatches } from "./approval.ts";
import type { Interlock, Interlocks } from "./authorization.ts";
import { blastRadius } from "./blast-radius/blast-radius.ts";
import type { Loss } from "./blast-radius/boundary-losses.ts";
import type { Trip } from "./breaker.ts";
import type { BreakerStore } from "./breaker-store.ts";
import { type NotExemptDependencies, notExempt } from "./not-exempt.ts";
import { notProtected } from "./not-protected.ts";
import { optedIn, type WhyNotDue } from "./opted-in.ts";
import { createPopulation } from "./population.ts";
import type { Prepared } from "./prepare.ts";
import { stillViolating } from "./still-violating.ts";
import { withinBreaker } from "./within-breaker.ts";

export interface InterlockDependencies<Exemption>
  extends Pick<NotExemptDependencies<Exemption>, "exemptions" | "exemptionFor"> {
  /** As they are now: settings that could not be read are those that only notify. */
  readonly settings: Settings;
  /** A credential used within so many days is in use. */
  readonly inUseDays: number;
  /** Names of iam-warden's roles, where they are not `iam-warden-*`. */
  readonly ownRoles?: readonly string[];
  /** Lists the organization's active accounts, with the OUs that they are in now. */
  readonly listAccounts: () => Promise<readonly AccountRef[]>;
  readonly whyNotDue: WhyNotDue;
  readonly store: Pick<FindingStore, "populations">;
  readonly breakers: BreakerStore;
  /** Tells people that a breaker has tripped. */
  readonly tellTrip: (trip: Trip) => Promise<void>;
  /** Gets what a boundary would cut off, for the finding. */
  readonly tellLosses: (prepared: Prepared, losses: readonly Loss[]) => Promise<void>;
  /** Reads, with the audit role. */
  readonly audit: AwsAccess;
  readonly clock: () => Date;
  readonly sleep: Sleep;
}

/** All interlocks, for one invocation: the accounts and how many subjects there are is asked once. */
export const createInterlocks = <Exemption>(dependencies: InterlockDependencies<Exemption>): Interlocks => {
  const { settings, whyNotDue, ownRoles, audit, store, breakers, clock, sleep, inUseDays } = dependencies;
  const accounts = once(dependencies.listAccounts);
  const presentAccount = async (accountId: string) => (await accounts()).find(({ id }) => id === accountId);
  const breaker = withinBreaker({
    store: breakers,
    limits: settings.breaker,
    population: createPopulation({ audit, store, accounts, clock }),
    tell: dependencies.tellTrip,
    clock,
  });
  return {
    optedIn: optedIn({ settings, presentAccount, whyNotDue }),
    notExempt: notExempt({ ...dependencies, presentAccount }),
    notProtected: notProtected(settings.protectedPrincipals, ownRoles),
    stillViolating: stillViolating({ clock }),
    withinBreaker: breaker.look,
    blastRadius: unlessApproved(blastRadius({ audit, clock, sleep, inUseDays }, dependencies.tellLosses)),
    breakerSlot: breaker.take,
  };
};

/** An interlock that lets pass what a person approved who saw why it held. */
const unlessApproved =
  (interlock: Interlock): Interlock =>
  async (prepared) =>
    approvalMatches(prepared) ? undefined : interlock(prepared);
