import * as z from "zod";
import { announcedBeforeMs, type Exemption, isOver } from "../exemptions/exemption.ts";
import { byCodeUnit } from "../order.ts";
import { defineCommand, limitArg } from "./command.ts";

export interface ListedExemption extends Exemption {
  /** `expiring`: within seven days. */
  readonly status: "active" | "expiring" | "expired" | "ended";
}

export interface Exemptions {
  readonly items: readonly ListedExemption[];
  /** Ask with it for what follows; the last page has none. */
  readonly cursor?: string;
  /** Stored ones that this version cannot read: they excuse nobody, and hold every repair. */
  readonly unreadable: readonly { readonly id: string; readonly why: string }[];
}

/** Lists exemptions, the next to end first; those that are over, if they are asked for, come last. */
export const exemptions = defineCommand(
  z.strictObject({
    all: z.boolean({ error: "true or false" }).default(false),
    limit: limitArg(500).default(500),
    cursor: z.string({ error: "what an earlier answer gave" }).max(200).optional(),
  }),
  async ({ exemptions: store, clock }, _caller, { all, limit, cursor }): Promise<Exemptions> => {
    const now = clock();
    const unreadable: Exemptions["unreadable"][number][] = [];
    const stored = await store.list({ unreadable: (id, error) => unreadable.push({ id, why: error.message }) });
    const listed = stored
      .map((one): ListedExemption => ({ ...one, status: statusOf(one, now) }))
      .filter((one) => all || !isDone(one))
      .sort((a, b) => byCodeUnit(placeOf(a), placeOf(b)))
      .filter((one) => cursor === undefined || placeOf(one) > cursor);
    const items = listed.slice(0, limit);
    const last = items.at(-1);
    return { items, unreadable, ...(listed.length > items.length && last && { cursor: placeOf(last) }) };
  },
);

const statusOf = (one: Exemption, now: Date): ListedExemption["status"] => {
  if (one.endedAt !== undefined) return "ended";
  if (isOver(one, now)) return "expired";
  return Date.parse(one.until) - now.getTime() <= announcedBeforeMs ? "expiring" : "active";
};

const isDone = ({ status }: ListedExemption): boolean => status === "ended" || status === "expired";

const placeOf = (one: ListedExemption): string => `${isDone(one) ? 1 : 0}#${one.until}#${one.id}`;
