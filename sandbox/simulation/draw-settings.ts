import { stringify } from "yaml";
import type { AnyControl } from "../../shared/control.ts";
import { controls } from "../../shared/controls/catalogue.ts";
import type { Random } from "../random.ts";
import { type AccountPlan, ouPaths } from "./plan.ts";
import { oneOf } from "./random.ts";

const isRepairable = (control: AnyControl): boolean => control.type === "state" && control.repair !== undefined;

const isFinishable = (control: AnyControl): boolean =>
  control.type === "state" && control.repair?.finalPlan !== undefined;

/** `warden.config.yaml`: modes over OUs and accounts, ladders of hours instead of weeks, tight breakers. */
export const drawSettings = (accounts: readonly AccountPlan[], random: Random): string => {
  const modeOf = (control: AnyControl): string =>
    isRepairable(control)
      ? oneOf(["off", "notify", "notify", "remediate", "remediate", "remediate"] as const, random())
      : oneOf(["off", "notify", "notify", "notify"] as const, random());
  const entries = controls.flatMap((control) => {
    if (random() < 0.3) return [];
    const scopes = [
      ...ouPaths.filter(() => random() < 0.2).map((ou) => ({ ou, mode: modeOf(control) })),
      ...accounts.filter(() => random() < 0.15).map(({ id }) => ({ account: id, mode: modeOf(control) })),
    ];
    const ladder = isRepairable(control) && random() < 0.8 ? { ladder: drawLadder(control, random) } : {};
    const approving = control.id === "role-with-unapproved-boundary" && random() < 0.7;
    const options = approving ? { options: { approvedBoundaries: ["approved-boundary"] } } : {};
    return [[control.id, { mode: modeOf(control), scopes, ...ladder, ...options }] as const];
  });
  const limit = () => ({ count: 1 + Math.floor(random() * 6), percent: oneOf([5, 25, 50, 100], random()) });
  return stringify({
    version: 1,
    controls: Object.fromEntries(entries),
    ...(random() < 0.3 && { excludedRoles: { paths: ["/vendor/*"] } }),
    breaker: { perAccount: limit(), organization: limit() },
    protectedPrincipals: {
      paths: ["/break-glass/*"],
      ...(random() < 0.5 && { users: ["dora"], roles: ["deploy"] }),
    },
    repairs: {
      inUseDays: oneOf([1, 5, 30], random()),
      autoUndo: random() < 0.3,
      remindBefore: oneOf(["0d", "0d", "2h"], random()),
      permissionsBoundary: "approved-boundary",
      centralRootAccess: true,
    },
  });
};

const drawLadder = (control: AnyControl, random: Random) => {
  const hours = oneOf([0, 1, 6, 20], random());
  return [
    { after: "0d", do: "notify" },
    { after: `${hours}h`.replace(/^0h$/, "0d"), do: "remediate" },
    ...(isFinishable(control) && random() < 0.5 ? [{ after: `${hours + 24}h`, do: "finish" }] : []),
  ];
};
