import { policyArn } from "../aws/arn.ts";
import type { AnyControl, EvaluationContext, PlanContext, RepairContext } from "../control.ts";
import { type Fact, type Neighbours, unknownFact } from "../facts/facts.ts";
import { neighboursNotRead } from "../facts/neighbours.ts";
import type { OrganizationView } from "../organization/view.ts";
import type { AccountRef } from "../subject.ts";
import { resolve } from "./resolve.ts";
import type { RepairSettings, Settings } from "./settings.ts";

/**
 * What a control is evaluated with in an account; `undefined` if the settings turn it off there. Settings that say nothing of a control (made
 * before it existed) judge it by its defaults.
 */
export const contextFor = (
  settings: Settings,
  control: Pick<AnyControl, "id" | "options" | "isOffByDefault">,
  account: Pick<AccountRef, "id" | "ouPath">,
  now: Date,
  organization: Fact<OrganizationView> = organizationNotRead,
  neighbours: Neighbours = neighboursNotRead,
): EvaluationContext<never> | undefined => {
  const own = resolve(settings, control.id, account);
  if (own ? own.mode === "off" : control.isOffByDefault) return undefined;
  const options: unknown = own ? own.options : control.options.parse({});
  // The options were parsed by this control's own schema: the one place where their forgotten type is vouched for.
  return { now, options: options as never, excludedRoles: settings.excludedRoles, organization, neighbours };
};

/** Who judges without it says so in every verdict that would rest on it. */
const organizationNotRead = unknownFact("the organization was not read");

/** What the settings cannot know of where they hold. */
export interface Surroundings {
  readonly partition: string;
  /** Absent where it was not read. */
  readonly organization?: Fact<OrganizationView>;
  /** Absent where nobody could tell: then no account counts as a member. */
  readonly managementAccountId?: string;
}

/** What a control plans with in an account; `undefined` if the settings turn it off there. */
export const planContextFor = (
  settings: Settings,
  control: Pick<AnyControl, "id" | "options" | "isOffByDefault">,
  account: Pick<AccountRef, "id" | "ouPath">,
  now: Date,
  surroundings: Surroundings,
): PlanContext<never> | undefined => {
  const context = contextFor(settings, control, account, now, surroundings.organization);
  return context && { ...context, repair: repairContext(settings.repairs, account.id, surroundings) };
};

const repairContext = (
  { permissionsBoundary, boundaries, centralRootAccess }: RepairSettings,
  accountId: string,
  { partition, managementAccountId }: Surroundings,
): RepairContext => {
  const own = Object.hasOwn(boundaries, accountId) ? boundaries[accountId] : undefined;
  const boundary = own ?? permissionsBoundary;
  return {
    boundaryArn: boundary === null ? null : policyArn(partition, accountId, boundary),
    centralRootAccess: centralRootAccess && managementAccountId !== undefined && managementAccountId !== accountId,
  };
};
