import { messageOf, WardenError } from "../errors.ts";
import type { MarkStore } from "../marks/mark-store.ts";
import type { Telemetry } from "../telemetry.ts";

/** What is known of whether events of an account arrive. */
export interface Listening {
  /** Since when they should; absent if nobody can say. */
  readonly since?: Date;
  /** What is not known of it, for the digest: the same words for every account, which are counted. */
  readonly gaps: readonly string[];
}

const unmarked =
  "iam:TagRole on iam-warden's audit role failed: no mark could be left, and whether events arrive is not known";
const unreadable = "marks: what is kept of them cannot be read, and whether events arrive is not known";

/**
 * What the account's marks say at the end of its sweep. Whoever can keep marks from being left makes no account blind, which
 * would be told; so it is told that nobody knows.
 */
export const readListening = async (
  { marks, telemetry }: { readonly marks: MarkStore; readonly telemetry: Telemetry },
  accountId: string,
): Promise<Listening> => {
  try {
    const { since, unset } = (await marks.get(accountId)) ?? {};
    return { ...(since !== undefined && { since: new Date(since) }), gaps: unset === undefined ? [] : [unmarked] };
  } catch (error) {
    if (!(error instanceof WardenError)) throw error;
    telemetry.error(`What is kept of an account's marks cannot be read: ${messageOf(error)}`, {
      error,
      account: accountId,
    });
    return { gaps: [unreadable] };
  }
};
