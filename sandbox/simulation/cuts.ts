import type { SnsDelivery } from "../sns/state.ts";
import type { Evidence } from "./evidence.ts";
import { dayMs, hourMs, type Plan, startOfTime } from "./plan.ts";
import type { SimulatedOrganization } from "./world.ts";

/** The accounts of which nothing comes through at a time. What is not for good ends with the faults at the latest. */
export const cutsAt = (
  { cuts, days }: Pick<Plan, "cuts" | "days">,
  { accounts }: Pick<SimulatedOrganization, "accounts">,
  now: number,
): readonly string[] => {
  const at = now - startOfTime.getTime();
  return cuts.flatMap(({ account, from, to }) => {
    const end = to === undefined ? Number.POSITIVE_INFINITY : Math.min(to, days * dayMs);
    return at >= from && at < end ? (accounts[account]?.id ?? []) : [];
  });
};

interface Told {
  readonly at: number;
  readonly state: "blind" | "seeing";
}

/** What people were told of whether events of an account arrive, in order. */
const toldOf = (accountId: string, deliveries: readonly SnsDelivery[]): readonly Told[] =>
  deliveries.flatMap(({ at, attributes, message }): readonly Told[] => {
    const text = message.replace(/\s+/g, " ");
    if (attributes.kind?.value !== "blindAccounts" || !text.includes(accountId)) return [];
    const isBlind = new RegExp(`\\(${accountId}\\)[^(]*?: the mark of`).test(text);
    return [{ at: at.getTime(), state: isBlind ? "blind" : "seeing" }];
  });

/**
 * Until the next sweep a day may pass; if that fails, six hours more until an hourly run leaves the mark (`needsMark`). Then an hour until it is
 * missed, and some in which whoever looks fails.
 */
const toldWithinMs = (24 + 6 + 1 + 5) * hourMs;

/** Whoever is cut off for good is told blind, within a day and a half if there was so long. */
export const cutsAreTold = ({ plan, accounts, deliveries }: Evidence): readonly string[] =>
  plan.cuts.flatMap(({ account: index, from, to }) => {
    const account = accounts[index];
    if (to !== undefined || account?.status !== "ACTIVE") return [];
    const told = toldOf(account.id, deliveries);
    const start = startOfTime.getTime() + from;
    const deadline = from + toldWithinMs <= plan.days * dayMs ? start + toldWithinMs : Number.POSITIVE_INFINITY;
    const when = new Date(start).toISOString();
    if (!told.some(({ at, state }) => state === "blind" && at <= deadline) && told.at(-1)?.state !== "blind")
      return [`${account.id} is cut off since ${when}, and nobody was told`];
    if (!told.some(({ at }) => at <= deadline))
      return [`${account.id} is cut off since ${when}, and that was told late`];
    return told.at(-1)?.state === "blind" ? [] : [`${account.id} is cut off since ${when}, and was told to see again`];
  });

/** Nobody whose events arrive is left told blind. */
export const seeingIsTold = ({ plan, accounts, deliveries, endedAt }: Evidence): readonly string[] => {
  const cut = cutsAt(plan, { accounts }, endedAt);
  return accounts
    .filter(({ id, status }) => status === "ACTIVE" && !cut.includes(id))
    .filter(({ id }) => toldOf(id, deliveries).at(-1)?.state === "blind")
    .map(({ id }) => `${id} is told blind, though its events arrive`);
};
