import type { RoleFacts } from "../../facts/facts.ts";
import type { Statement } from "../../policy/language/document.ts";
import type { AccountAccess } from "../account-access.ts";
import type { InUseQuestion } from "./in-use.ts";
import { type Use, type UsedService, usedSince } from "./last-accessed.ts";
import { type Layer, managedPolicy, rolePolicies } from "./role-policies.ts";
import { type Answers, type Asked, simulate } from "./simulate.ts";
import {
  keepsNothing,
  keepsWhole,
  keysOf,
  namedActions,
  resourcesOf,
  sparesResources,
  touches,
  touchesService,
  variablesOf,
} from "./statements.ts";
import { freeActions, untrackedActions } from "./untracked-actions.ts";

/** Something that a role used and that a boundary would cut off, or may. */
export interface Loss {
  /** As policies name it, `s3`. */
  readonly service: string;
  /** Absent where the whole service is meant, or AWS does not say which of its actions were used. */
  readonly action?: string;
  /** ISO 8601 in UTC. */
  readonly lastUsedAt: string;
  readonly region?: string;
  /** Present where it cannot be told whether it would be cut off: why not, as a sentence without its end. */
  readonly untold?: string;
}

export interface BoundaryChange {
  readonly role: RoleFacts;
  readonly boundaryArn: string;
  /** The boundary that the role has before; what that cuts off already is no loss. */
  readonly earlierArn: string | null;
}

/** How far back the uses of a role count. */
const usedDays = 90;
const dayMs = 86_400_000;

/** What a role used in the last 90 days and would lose to a boundary, or may lose. Ordered by service and action. */
export const boundaryLosses = async (
  access: AccountAccess,
  { role, boundaryArn, earlierArn }: BoundaryChange,
  { now, sleep }: Pick<InUseQuestion, "now" | "sleep">,
): Promise<readonly Loss[]> => {
  const since = new Date(now.getTime() - usedDays * dayMs);
  const used = await usedSince(access, role.arn, since, sleep);
  if (used.length === 0) return [];
  const own = await rolePolicies(access, role.name);
  // What it used came from elsewhere: nothing here is allowed that a boundary could cut off.
  if (own.texts.length === 0) return [];
  const boundary = await managedPolicy(access, boundaryArn);
  const earlier = earlierArn === null ? none : await managedPolicy(access, earlierArn);
  const layers = { own, boundary, earlier };

  const questions = used.map((service) => ({ service, names: namesToAsk(service, layers) }));
  const asked = questions.flatMap(({ service: { service }, names }) =>
    names.map((name): Asked => {
      const action = `${service}:${name}`;
      return { action, resources: resourcesOf(touching(layers, action)) };
    }),
  );
  const policies = own.texts;
  const before = await simulate(access, { policies, boundary: earlier.texts }, asked);
  const after = await simulate(access, { policies, boundary: boundary.texts }, asked);
  return questions.flatMap(({ service, names }) => {
    const fates = new Map(names.map((name) => [name, fateOf(`${service.service}:${name}`, layers, before, after)]));
    return lossesOf(service, fates, layers);
  });
};

interface Layers {
  readonly own: Layer;
  readonly boundary: Layer;
  readonly earlier: Layer;
}

const none: Layer = { texts: [], statements: [] };

const touching = ({ own, boundary, earlier }: Layers, action: string): readonly Statement[] =>
  [own, boundary, earlier].flatMap(({ statements }) => statements.filter((one) => touches(one, action)));

/** Whether actions of a service were used that are not among those listed. */
const hasUnlisted = ({ at, actions }: UsedService): boolean => !actions.some((action) => action.at >= at);

/** The actions to ask about: those used, those that AWS would not list, and, where it lists none, those the policies name. */
const namesToAsk = (used: UsedService, { own, boundary }: Layers): readonly string[] => {
  const { service, actions } = used;
  const names = actions.map(({ name }) => name);
  if (!keepsWhole(boundary.statements, service)) {
    names.push(...(untrackedActions[service] ?? []));
    if (hasUnlisted(used)) names.push(...namedActions([...own.statements, ...boundary.statements], service));
  }
  const byLowerCase = new Map(names.toReversed().map((name) => [name.toLowerCase(), name]));
  return [...byLowerCase.values()].filter((name) => !freeActions.has(`${service}:${name}`.toLowerCase())).sort();
};

/** What becomes of an action: `irrelevant` where the role may not do it even without the boundary. */
type Fate = "kept" | "cut" | "irrelevant" | { readonly untold: string };

const fateOf = (action: string, { own, boundary, earlier }: Layers, before: Answers, after: Answers): Fate => {
  const limits = boundary.statements.filter((one) => touches(one, action));
  const grants = [...own.statements, ...earlier.statements].filter((one) => touches(one, action));
  const found = resourcesOf([...limits, ...grants]).map((resource): Fate => {
    const limited = after(action, resource);
    const missing = missingOf(limited.MissingContextValues, limits);
    if (missing !== undefined) return { untold: `the boundary asks for ${missing}` };
    const through = limited.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary;
    const granted = before(action, resource);
    const unsure = missingOf(granted.MissingContextValues, grants);
    const kept = through ?? limited.EvalDecision === "allowed";
    if (granted.EvalDecision === "allowed" || (kept && unsure !== undefined)) return kept ? "kept" : "cut";
    return unsure === undefined ? "irrelevant" : { untold: `the role's own policies ask for ${unsure}` };
  });
  const untold = found.find((fate) => typeof fate === "object");
  if (untold !== undefined) return untold;
  const kept = found.includes("kept");
  if (found.includes("cut")) return kept ? { untold: "it depends on the resource" } : "cut";
  if (!kept) return "irrelevant";
  return sparesResources(limits) ? { untold: "the boundary excepts some resources" } : "kept";
};

/** The first value that statements ask for and the simulator did not have. It is told none, so variables are never known. */
const missingOf = (missing: readonly string[] | undefined, statements: readonly Statement[]): string | undefined => {
  const keys = keysOf(statements);
  const variable = statements.flatMap(variablesOf)[0];
  return (missing ?? []).find((key) => keys.has(key.toLowerCase())) ?? variable;
};

const lossesOf = (used: UsedService, fates: ReadonlyMap<string, Fate>, layers: Layers): readonly Loss[] => {
  const { service, actions } = used;
  const fateByName = new Map([...fates].map(([name, fate]) => [name.toLowerCase(), fate]));
  const losses = actions.flatMap((action): Loss[] => {
    const fate = fateByName.get(action.name.toLowerCase()) ?? "irrelevant";
    if (fate === "kept" || fate === "irrelevant") return [];
    const loss = { service, action: action.name, ...useOf(action) };
    return [fate === "cut" ? loss : { ...loss, ...fate }];
  });
  if (losses.length > 0) return losses;
  const untold = wholeService(used, fates, layers);
  return untold === undefined ? [] : [{ service, ...useOf(used), ...untold }];
};

/** What becomes of the uses of a service that AWS does not list by action; `undefined` if none is lost. */
const wholeService = (
  used: UsedService,
  fates: ReadonlyMap<string, Fate>,
  { own, boundary, earlier }: Layers,
): Pick<Loss, "untold"> | undefined => {
  const { service } = used;
  if (keepsWhole(boundary.statements, service)) return undefined;
  const granted = own.statements.some((one) => one.effect === "Allow" && touchesService(one, service));
  if (!granted || (earlier !== none && keepsNothing(earlier.statements, service))) return undefined;
  const unlisted = hasUnlisted(used);
  const lost = [...fates].filter(([, fate]) => fate === "cut" || typeof fate === "object").map(([name]) => name);
  if (keepsNothing(boundary.statements, service) && (unlisted || lost.length > 0)) return {};
  if (lost.length > 0)
    return { untold: `AWS does not say whether it used ${lost.join(", ")}, which the boundary may cut off` };
  return unlisted ? { untold: "AWS does not say which of its actions it used" } : undefined;
};

const useOf = ({ at, region }: Use): Pick<Loss, "lastUsedAt" | "region"> => ({
  lastUsedAt: at.toISOString(),
  ...(region !== undefined && { region }),
});

/** How many losses a sentence names. */
const shown = 10;

/** The losses of a role as a sentence or two. */
export const whyLost = ({ role, boundaryArn }: BoundaryChange, losses: readonly Loss[]): string => {
  const listed = (some: readonly Loss[]): string => {
    const names = some.slice(0, shown).map(({ service, action, lastUsedAt, region, untold }) => {
      const where = region === undefined ? "" : ` in ${region}`;
      const because = untold === undefined ? "" : `; ${untold}`;
      return `${service}${action === undefined ? "" : `:${action}`} (last used at ${lastUsedAt}${where}${because})`;
    });
    const more = some.length - shown;
    return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
  };
  const cut = losses.filter(({ untold }) => untold === undefined);
  const untold = losses.filter((loss) => loss.untold !== undefined);
  const sentences = [
    cut.length > 0 &&
      `${boundaryArn} would cut off what role ${role.name} used within ${usedDays} days: ${listed(cut)}.`,
    untold.length > 0 &&
      `Whether ${boundaryArn} would cut off what role ${role.name} used within ${usedDays} days cannot be told: ${listed(untold)}.`,
  ];
  return sentences.filter((sentence) => sentence !== false).join(" ");
};
