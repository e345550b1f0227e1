import * as z from "zod";
import { severities } from "../control.ts";
import { shownStatus, shownStatuses } from "../findings/standing-of.ts";
import { accountIdArg, controlIdArg, defineCommand, limitArg, listOf } from "./command.ts";
import { type FindingSummary, summaryOf } from "./summary.ts";
import { worstFirst, writeCursor } from "./worst-first.ts";

/** An answer of a function's URL may have 6 MB. */
const mostBytes = 4_000_000;
/** Findings that one answer may read: the rest waits for the next. An account that is begun is read to its end. */
export const mostRead = 20_000;

/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Ask with it for what follows. A page may be short, or empty, and yet not the last: the last has none. */
  readonly cursor?: string;
  /** Accounts whose findings this version cannot read, and why: they are missing. */
  readonly unreadable: readonly { readonly account: string; readonly why: string }[];
}

/** Lists findings by account, in each the worst first. Without `status`: all but the resolved ones. */
export const findings = defineCommand(
  z.strictObject({
    status: listOf(shownStatuses).optional(),
    severity: listOf(severities).optional(),
    control: z.array(controlIdArg, { error: "a list of controls' ids" }).max(50).optional(),
    account: z.array(accountIdArg, { error: "a list of account ids" }).max(1_000).optional(),
    limit: limitArg(500).default(100),
    cursor: z.string({ error: "what an earlier answer gave" }).max(500).optional(),
  }),
  async (
    { store, clock },
    _caller,
    { status, severity, control, account, limit, cursor },
  ): Promise<Page<FindingSummary>> => {
    const now = clock();
    const steps = worstFirst(store, {
      ...(account && { accounts: account }),
      ...(cursor !== undefined && { cursor }),
      read: status?.includes("resolved") ? "all" : "open",
      wanted: (finding) => {
        const shown = shownStatus(finding, now);
        return (
          (status === undefined ? shown !== "resolved" : status.includes(shown)) &&
          (severity?.includes(finding.severity) ?? true) &&
          (control?.includes(finding.control) ?? true)
        );
      },
    });
    const items: FindingSummary[] = [];
    const unreadable: Page<never>["unreadable"][number][] = [];
    let bytes = 0;
    for await (const { place, finding, read, unreadable: gap } of steps) {
      if (gap) unreadable.push(gap);
      if (finding) {
        const item = summaryOf(finding, now);
        bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
        items.push(item);
      }
      const isFull = items.length >= limit || bytes >= mostBytes;
      if (isFull || (finding === undefined && read >= mostRead))
        return { items, unreadable, cursor: writeCursor(place) };
    }
    return { items, unreadable };
  },
);
