import type { LiveCredentials } from "../facts/live-credentials.ts";
import type { Judged } from "./judge.ts";
import { keyTime } from "./key-ids.ts";
import type { ReadPlan } from "./verification.ts";

/** What was read live about a user, and when the reads began. */
export interface LiveReads {
  readonly at: Date;
  readonly plan: ReadPlan;
  readonly live: LiveCredentials;
}

/** Live reads of one user whom a stale credential report accuses, or who is younger than the report. */
export interface Verification extends LiveReads {
  /** The unique id, `AIDA…`: a later user of the same name is another. */
  readonly userId: string;
  /** Suspicions that the bound on reads left unverified; see `suspicionOf`. */
  readonly unverified: readonly string[];
}

/** What was verified against one credential report of an account: good until the next report. */
export interface Verifications {
  readonly accountId: string;
  /** When IAM made the report. */
  readonly reportAt: Date;
  readonly users: readonly Verification[];
}

/** What one control holds against one subject of a user; of keys, which a report does not name, by their time of creation. */
export const suspicionOf = ({ control, facts }: Judged): string =>
  facts.kind === "accessKey" ? `${control.id}@${keyTime(facts)}` : control.id;

/** Whether every read was answered: what failed or was denied is to be tried again. */
const isWhole = ({ loginProfile, passwordLastUsedAt, mfaActive, accessKeys }: LiveCredentials): boolean => {
  const lastUses = accessKeys?.known ? accessKeys.value.map(({ lastUsedAt }) => lastUsedAt) : [];
  const reads = [loginProfile, passwordLastUsedAt, mfaActive, accessKeys, ...lastUses];
  return reads.every((read) => read === undefined || read.known);
};

/** What a sweep remembers of the users whom it reads live. */
export interface VerificationMemory {
  /** Gives nothing of another report than this one. */
  recall(reportAt: Date, userId: string): Verification | undefined;
  /** Keeps what was read, if every read was answered. */
  keep(reportAt: Date, verification: Verification): void;
  /** All that is remembered of the latest report, if anything was kept. */
  changed(): Verifications | undefined;
}

/** @param stored what earlier sweeps of the account remembered */
export const createVerificationMemory = (accountId: string, stored?: Verifications): VerificationMemory => {
  let report = stored?.reportAt;
  let hasNew = false;
  const users = new Map(stored?.users.map((user) => [user.userId, user]));
  const isReport = (at: Date): boolean => at.getTime() === report?.getTime();
  return {
    recall: (reportAt, userId) => (isReport(reportAt) ? users.get(userId) : undefined),
    keep: (reportAt, verification) => {
      if (!isWhole(verification.live)) return;
      if (!isReport(reportAt)) users.clear();
      report = reportAt;
      users.set(verification.userId, verification);
      hasNew = true;
    },
    changed: () => (hasNew && report ? { accountId, reportAt: report, users: [...users.values()] } : undefined),
  };
};
