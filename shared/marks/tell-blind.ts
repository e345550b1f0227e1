import type { Notifier } from "../notify/notice.ts";
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
 * in one notice, however many they are. It is told first and noted then; a run that dies in between tells it again.
 * @param members the organization's active accounts
 * @throws DeliveryError if it could not be told: the next run tells it
 */
export const tellBlind = async (
  { marks: store, notifier, telemetry, clock }: BlindDependencies,
  members: readonly AccountRef[],
): Promise<void> => {
  const now = clock();
  const all = await knownMarks({ marks: store, telemetry });
  const standing = members.map((account) => {
    const marks = all.get(account.id);
    return { account, marks, standing: standingOf(marks, now) };
  });
  const blind = standing.flatMap(({ account, marks, standing: { state, ...rest } }) =>
    state === "blind" && "since" in rest
      ? [{ account, since: rest.since, lastArrivedAt: marks?.arrived?.at, isNews: marks?.toldBlindAt === undefined }]
      : [],
  );
  telemetry.count("BlindAccounts", blind.length);
  const news = blind.filter(({ isNews }) => isNews);
  const seeing = standing.flatMap(({ account, marks, standing: { state } }) =>
    state !== "blind" && marks?.toldBlindAt !== undefined ? [{ account, since: marks.toldBlindAt }] : [],
  );
  if (news.length + seeing.length === 0) return;
  const at = now.toISOString();
  await notifier.publish({
    kind: "blindAccounts",
    at,
    blind: news.map(({ account, since, lastArrivedAt }) => ({
      account,
      since,
      ...(lastArrivedAt !== undefined && { lastArrivedAt }),
    })),
    seeing: seeing.map(({ account }) => account),
    stillBlind: blind.length - news.length,
  });
  telemetry.warn("Told of blind accounts", { blind: news.length, seeing: seeing.length });
  for (const { account } of news) await changeMarks(store, account.id, (marks) => toldOf(marks, at));
  for (const { account } of seeing) await changeMarks(store, account.id, (marks) => toldOf(marks, undefined));
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
