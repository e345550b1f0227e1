import * as z from "zod";
import { MalformedRequestError, NotAuthenticatedError } from "../errors.ts";
import type { AccountMarks } from "../marks/mark-store.ts";
import { standingOf } from "../marks/standing.ts";
import { once } from "../once.ts";
import { refusalOf } from "../operator/answer.ts";
import type { Answering } from "../operator/over-http.ts";
import type { AccountRef } from "../subject.ts";
import { boundary } from "./account/boundary.ts";
import { breaker as accountBreaker } from "./account/breaker.ts";
import { forwardRole } from "./account/forward-role.ts";
import { type Kept, mark } from "./account/mark.ts";
import { role } from "./account/role.ts";
import { rules as accountRules } from "./account/rules.ts";
import { sweep } from "./account/sweep.ts";
import { trail } from "./account/trail.ts";
import { type Check, type CheckResult, makeChecks } from "./check.ts";
import type { AccountContext, DoctorDependencies } from "./dependencies.ts";
import { breaker } from "./hub/breaker.ts";
import { deadLetters } from "./hub/dead-letters.ts";
import { lastSweep } from "./hub/last-sweep.ts";
import { rules } from "./hub/rules.ts";
import { scopes } from "./hub/scopes.ts";
import { settings } from "./hub/settings.ts";
import { stackInstances } from "./hub/stack-instances.ts";
import { subscriptions } from "./hub/subscriptions.ts";

/** What is looked at in the hub. */
export const hubChecks: readonly Check<DoctorDependencies>[] = [
  rules,
  stackInstances,
  lastSweep,
  subscriptions,
  deadLetters,
  settings,
  scopes,
  breaker,
];
/** What the table says of each account. */
export const keptChecks: readonly Check<Kept>[] = [mark, sweep];
/** What is looked at in an account, once its role can be assumed. */
export const accountChecks: readonly Check<AccountContext>[] = [
  accountRules,
  forwardRole,
  trail,
  boundary,
  accountBreaker,
];

/** An account as the table knows it. */
export interface ExaminedAccount {
  readonly account: AccountRef;
  /** In seconds, from when its last mark was left to when it arrived; absent where none arrived that still counts. */
  readonly delaySeconds?: number;
  readonly checks: readonly CheckResult[];
}

/** What each question is answered with. */
export interface DoctorResults {
  readonly hub: { readonly checks: readonly CheckResult[] };
  readonly accounts: { readonly accounts: readonly ExaminedAccount[] };
  readonly account: { readonly checks: readonly CheckResult[] };
}

const accountId = z.string().regex(/^\d{12}$/, "write an account id of twelve digits, as text");
const request = z.discriminatedUnion("command", [
  z.strictObject({ command: z.literal("hub") }),
  z.strictObject({ command: z.literal("accounts") }),
  z.strictObject({ command: z.literal("account"), account: accountId }),
]);

/**
 * Answers `{command: "hub"}`, `{command: "accounts"}` (all active ones, by the table) and `{command: "account", account}` (one,
 * by looking): small questions, so that however many accounts there are no answer takes long. Never throws.
 */
export const createDoctor =
  (dependencies: DoctorDependencies): Answering =>
  async (caller, asked) => {
    try {
      if (caller.arn.trim() === "") throw new NotAuthenticatedError("Nobody is named as caller.");
      const parsed = request.safeParse(asked);
      if (!parsed.success) throw new MalformedRequestError(`the request: ${z.prettifyError(parsed.error)}`);
      return { ok: true, ...(await answers(dependencies, parsed.data)) };
    } catch (error) {
      return refusalOf(error, dependencies.telemetry);
    }
  };

const answers = async (
  dependencies: DoctorDependencies,
  asked: z.output<typeof request>,
): Promise<DoctorResults[keyof DoctorResults]> => {
  switch (asked.command) {
    case "hub":
      // Of thousands of accounts the list takes its time.
      return {
        checks: await makeChecks(hubChecks, { ...dependencies, listAccounts: once(dependencies.listAccounts) }),
      };
    case "accounts":
      return { accounts: await examineKept(dependencies) };
    case "account":
      return {
        checks: await examine({ ...dependencies, ...dependencies.reachAnew(), account: { id: asked.account } }),
      };
  }
};

/** Behind a role that cannot be assumed there is nothing to look at. */
const examine = async (context: AccountContext): Promise<readonly CheckResult[]> => {
  const first = await makeChecks([role], context);
  return first.every(({ status }) => status === "ok")
    ? [...first, ...(await makeChecks(accountChecks, context))]
    : first;
};

const examineKept = async (dependencies: DoctorDependencies): Promise<readonly ExaminedAccount[]> => {
  const { listAccounts, store, marks: markStore, clock, telemetry } = dependencies;
  const unreadable = new Map<string, string>();
  const [accounts, populations, marks] = await Promise.all([
    listAccounts(),
    store.populations(),
    markStore.list({ unreadable: (id, error) => unreadable.set(id, error.message) }),
  ]);
  const now = clock();
  const marksOf = new Map(marks.map((one) => [one.accountId, one]));
  const sweptAt = new Map(populations.map((one) => [one.accountId, one.countedAt]));
  return Promise.all(
    accounts.map(async (account): Promise<ExaminedAccount> => {
      const { id } = account;
      const [own, swept, why] = [marksOf.get(id), sweptAt.get(id), unreadable.get(id)];
      const kept = {
        ...{ marks: own, now, telemetry },
        ...(why !== undefined && { unreadable: why }),
        ...(swept !== undefined && { sweptAt: swept }),
      };
      return { account, ...delayOf(own, now), checks: await makeChecks(keptChecks, kept) };
    }),
  );
};

const delayOf = (marks: AccountMarks | undefined, now: Date): Pick<ExaminedAccount, "delaySeconds"> => {
  const standing = standingOf(marks, now);
  if (standing.state !== "watched") return {};
  const { at, markedAt } = standing.arrived;
  return { delaySeconds: Math.max(0, Math.round((Date.parse(at) - Date.parse(markedAt)) / 1000)) };
};
