import type { BlindNotice, Notifier } from "../notify/notice.ts";
import type { AccountRef } from "../subject.ts";
import type { Telemetry } from "../telemetry.ts";
import { leaveMark, type MarkDependencies } from "./leave-mark.ts";
import { type AccountMarks, changeMarks } from "./mark-store.ts";
import { needsMark, standingOf, toldOf } from "./standing.ts";

export interface BlindDependencies extends MarkDependencies {
  readonly notifier: Notifier;
  readonly telemetry: Telemetry;
}

/** Accounts that are marked at once: each has its own rate limits, but all are assumed into from one account. */
const atOnce = 8;

/**
 * Counts the accounts whose marks did not arrive, and tells people once when one becomes blind and once when it sees again:
 * in one notice, however many they are. That it is told is noted before, so that nobody who heard of a blind account is left
 * without the end of it; what may not have been told is told again.
 * @param members the organization's active accounts
 * @throws DeliveryError if it could not be told: the next run tells it
 */
export const tellBlind = async (
  { marks: store, notifier, telemetry, clock }: BlindDependencies,
  members: readonly AccountRef[],
): Promise<void> => {
  const now = clock();
  const at = now.toISOString();
  const all = await knownMarks({ marks: store, telemetry });
  const blind: BlindNotice["blind"][number][] = [];
  const seeing: AccountRef[] = [];
  let stillBlind = 0;
  for (const account of members) {
    const marks = all.get(account.id);
    const standing = standingOf(marks, now);
    if (standing.state !== "blind") {
      if (marks?.toldBlind !== undefined) seeing.push(account);
    } else if (marks?.toldBlind?.isSure) stillBlind += 1;
    else {
      const { arrived } = marks ?? {};
      blind.push({ account, since: standing.since, ...(arrived && { lastArrivedAt: arrived.at }) });
    }
  }
  telemetry.count("BlindAccounts", blind.length + stillBlind);
  if (blind.length + seeing.length === 0) return;
  const note = async (accounts: readonly AccountRef[], told: AccountMarks["toldBlind"]): Promise<void> => {
    for (const { id } of accounts) await changeMarks(store, id, (marks) => toldOf(marks, told));
  };
  const newly = blind.map(({ account }) => account);
  await note(newly, { at, isSure: false });
  await notifier.publish({ kind: "blindAccounts", at, blind, seeing, stillBlind });
  telemetry.warn("Told of blind accounts", { blind: blind.length, seeing: seeing.length, stillBlind });
  await note(newly, { at, isSure: true });
  await note(seeing, undefined);
};

/** Marks the accounts that should not wait for the next sweep, side by side, as far as the time allows. */
export const markAgain = async (
  dependencies: MarkDependencies,
  members: readonly AccountRef[],
  isTimeUp: () => boolean,
): Promise<void> => {
  const { clock, telemetry } = dependencies;
  const all = await knownMarks(dependencies);
  const now = clock();
  const rest = members.filter(({ id }) => needsMark(all.get(id), now)).values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const { id } of rest) {
        if (isTimeUp()) {
          telemetry.warn("The time was too short to mark every account that needs it");
          return;
        }
        await leaveMark(dependencies, id);
      }
    }),
  );
};

/** One that cannot be read is logged, and nothing is known of its account. */
const knownMarks = async ({
  marks,
  telemetry,
}: Pick<MarkDependencies, "marks" | "telemetry">): Promise<ReadonlyMap<string, AccountMarks>> => {
  const all = await marks.list({
    unreadable: (account, error) =>
      telemetry.error(`The marks of an account cannot be read: ${error.message}`, { account }),
  });
  return new Map(all.map((one) => [one.accountId, one]));
};
