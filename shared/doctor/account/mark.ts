import type { AccountMarks } from "../../marks/mark-store.ts";
import { standingOf } from "../../marks/standing.ts";
import { type Check, problem } from "../check.ts";

/** What the table knows of an account. */
export interface Kept {
  readonly marks: AccountMarks | undefined;
  /** Why what is kept of its marks cannot be read. */
  readonly unreadable?: string;
  /** ISO 8601: when its last whole sweep was done. */
  readonly sweptAt?: string;
  readonly now: Date;
}

/** The proof that events arrive. */
export const mark: Check<Kept> = {
  id: "mark",
  title: "events of the account arrive",
  severity: "critical",
  isWatching: true,
  look: async ({ marks, unreadable, now }) => {
    const todo = "The next hourly run leaves a mark; `warden doctor` shows whether it arrived.";
    if (unreadable !== undefined)
      return [{ status: "unknown", what: "what is kept of its marks cannot be read", todo, detail: unreadable }];
    const standing = standingOf(marks, now);
    if (standing.state === "watched") return [];
    if (standing.state === "blind")
      return [
        problem(
          "it is blind: iam-warden's mark did not arrive, so no event does",
          "Look at what else is wrong here: the rules, the trail, the role iam-warden-forward. If nothing is, who may have changed the rules?",
          { detail: `no mark since ${standing.since}` },
        ),
      ];
    const permission = /\biam:TagRole\b/.test(standing.why) ? { permission: "iam:TagRole" } : {};
    const what = marks?.unset === undefined ? standing.why : "no mark could be left in it";
    return [{ status: "unknown", what, todo, ...permission, ...(marks?.unset && { detail: marks.unset.why }) }];
  },
};
