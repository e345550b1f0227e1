import type { CheckResult } from "../../shared/doctor/check.ts";
import type { DoctorResults, ExaminedAccount } from "../../shared/doctor/doctor.ts";
import { messageOf } from "../../shared/errors.ts";
import { CommandError, RefusedError } from "../command-error.ts";
import type { Asking } from "../operator/client.ts";
import type { Examined } from "./report.ts";

/** Accounts that are looked at at once: each takes seconds, and an instance of the function. */
const atOnce = 8;

/**
 * Has the hub and every account looked at, some accounts at once.
 * @param only ids of the accounts that are wanted; the hub is then left out
 * @param tell how far it has come
 * @throws CommandError for an account that is no active member
 */
export const examineAll = async (
  ask: Asking<DoctorResults>,
  { only, tell }: { readonly only?: readonly string[]; readonly tell: (done: number, of: number) => void },
): Promise<Examined> => {
  const [{ checks: hub }, { accounts: all }] = await Promise.all([
    only === undefined ? ask("hub", {}) : { checks: [] },
    ask("accounts", {}),
  ]);
  const unknown = only?.filter((id) => !all.some(({ account }) => account.id === id)) ?? [];
  if (unknown.length > 0) throw new CommandError(`No active account of the organization: ${unknown.join(", ")}`);
  const wanted = only === undefined ? all : all.filter(({ account }) => only.includes(account.id));
  const examined: ExaminedAccount[] = [];
  let done = 0;
  const rest = wanted.entries();
  tell(0, wanted.length);
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [index, one] of rest) {
        examined[index] = { ...one, checks: [...one.checks, ...(await looked(ask, one.account.id))] };
        done += 1;
        tell(done, wanted.length);
      }
    }),
  );
  return { hub, accounts: examined };
};

/** One account that cannot be asked about is unknown; the others are looked at all the same. */
const looked = async (ask: Asking<DoctorResults>, account: string): Promise<readonly CheckResult[]> => {
  try {
    return (await ask("account", { account })).checks;
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof RefusedError)) throw error;
    const trouble = {
      ...{ status: "unknown" as const, what: "the doctor did not answer" },
      ...{ todo: "Ask again; the log of the function doctor says more.", detail: messageOf(error) },
    };
    const check = { check: "answer", title: "the doctor answers", severity: "high" as const, isWatching: true };
    return [{ ...check, status: "unknown", troubles: [trouble] }];
  }
};
