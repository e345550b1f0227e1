import { iamRegionOf } from "../../aws/arn.ts";
import { lookAtTrails } from "../../facts/trails.ts";
import { type Check, problem } from "../check.ts";
import type { AccountContext } from "../dependencies.ts";

const todo =
  "EventBridge hears of calls only where a trail logs them: have a trail of the organization, in every Region, with all management events.";

/** Without a trail that logs them, EventBridge gets no events of calls. One trail that does is enough. */
export const trail: Check<AccountContext> = {
  id: "trail",
  title: "a trail logs the management events of every Region",
  severity: "critical",
  isWatching: true,
  look: async ({ aws, account, clients }) => {
    const clientIn = (region: string) => clients.cloudTrail(region, account.id);
    const { covering, flaws } = await lookAtTrails(clientIn, iamRegionOf(aws.partition), account.id);
    // EventBridge hears of what a trail logs, whether or not it can write that to its bucket.
    if (covering !== null || flaws.some(({ flaw }) => flaw === "cannot write to its bucket")) return [];
    if (flaws.length === 0) return [problem("there is no trail", todo)];
    const kinds = [...new Set(flaws.map(({ flaw }) => flaw))];
    const detail = flaws.map(({ trail: name, flaw }) => `${name} ${flaw}`).join("; ");
    return [problem(`no trail will do: it ${kinds.join(", or ")}`, todo, { detail })];
  },
};
