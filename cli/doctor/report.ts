import type { Severity } from "../../shared/control.ts";
import { severities } from "../../shared/control.ts";
import type { CheckResult, Trouble } from "../../shared/doctor/check.ts";
import type { ExaminedAccount } from "../../shared/doctor/doctor.ts";
import type { AccountRef } from "../../shared/subject.ts";

/** The hub, or an account, with all that was looked at. */
export interface Examined {
  readonly hub: readonly CheckResult[];
  readonly accounts: readonly ExaminedAccount[];
}

/** The same trouble, wherever it is. */
export interface TroubleGroup extends Pick<Trouble, "status" | "what" | "todo" | "permission"> {
  readonly check: string;
  readonly severity: Severity;
  /** Empty for the hub's own. */
  readonly accounts: readonly AccountRef[];
  /** What is only some one's, with its account's id before it. */
  readonly details: readonly string[];
}

export interface DoctorReport {
  readonly total: number;
  readonly watched: number;
  /** At least one check that tells says that the account is not watched. */
  readonly unwatched: number;
  /** Nothing says that it is not, but something could not be told. */
  readonly unknown: number;
  /** The slowest of the last marks, in seconds. */
  readonly slowestMarkSeconds?: number;
  /** Worst first, problems before what is unknown. */
  readonly troubles: readonly TroubleGroup[];
  /** Everything, as it was looked at. */
  readonly hub: readonly CheckResult[];
  readonly accounts: readonly (ExaminedAccount & { readonly state: AccountState })[];
}

type AccountState = "watched" | "unwatched" | "unknown";

const stateOf = ({ checks }: ExaminedAccount): AccountState => {
  const watching = checks.filter(({ isWatching }) => isWatching);
  if (watching.some(({ status }) => status === "problem")) return "unwatched";
  return watching.some(({ status }) => status === "unknown") ? "unknown" : "watched";
};

/** Sums up what was looked at: how many accounts are watched, and every trouble once. */
export const reportOf = ({ hub, accounts }: Examined): DoctorReport => {
  const stated = accounts.map((one) => ({ ...one, state: stateOf(one) }));
  const count = (state: AccountState): number => stated.filter((one) => one.state === state).length;
  const delays = accounts.flatMap(({ delaySeconds }) => delaySeconds ?? []);
  return {
    total: accounts.length,
    ...{ watched: count("watched"), unwatched: count("unwatched"), unknown: count("unknown") },
    ...(delays.length > 0 && { slowestMarkSeconds: Math.max(...delays) }),
    troubles: grouped(hub, accounts),
    hub,
    accounts: stated,
  };
};

interface Placed {
  readonly check: CheckResult;
  readonly trouble: Trouble;
  readonly account?: AccountRef;
}

const grouped = (hub: readonly CheckResult[], accounts: readonly ExaminedAccount[]): readonly TroubleGroup[] => {
  const known = new Map(accounts.map(({ account }) => [account.id, account]));
  const placed: readonly Placed[] = [
    ...hub.flatMap((check) =>
      check.troubles.map((trouble) => {
        const id = trouble.account;
        return { check, trouble, ...(id !== undefined && { account: known.get(id) ?? { id } }) };
      }),
    ),
    ...accounts.flatMap(({ account, checks }) =>
      checks.flatMap((check) => check.troubles.map((trouble) => ({ check, trouble, account }))),
    ),
  ];
  const byTrouble = Map.groupBy(placed, ({ check, trouble: { status, what, todo }, account }) =>
    JSON.stringify([account === undefined, check.check, status, what, todo]),
  );
  return [...byTrouble.values()].flatMap(groupOf).sort(worstFirst);
};

const groupOf = (placed: readonly Placed[]): readonly TroubleGroup[] => {
  const [first] = placed;
  if (first === undefined) return [];
  const { check, trouble } = first;
  const { status, what, todo, permission } = trouble;
  return [
    {
      ...{ check: check.check, severity: check.severity, status, what, todo },
      ...(permission !== undefined && { permission }),
      accounts: placed.flatMap(({ account }) => account ?? []),
      details: placed.flatMap(({ trouble: { detail }, account }) =>
        detail === undefined ? [] : [account === undefined ? detail : `${account.id}: ${detail}`],
      ),
    },
  ];
};

const worstFirst = (a: TroubleGroup, b: TroubleGroup): number =>
  Number(a.status === "unknown") - Number(b.status === "unknown") ||
  severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
  b.accounts.length - a.accounts.length ||
  (a.what < b.what ? -1 : 1);
