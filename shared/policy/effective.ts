import { byCodeUnit } from "../order.ts";
import { literalPattern, type Pattern, wildcardPattern } from "../wildcard.ts";
import type { ConditionBlock } from "./document.ts";
import type { LayerRef, PrincipalLayers, Source, StatementRef } from "./layers.ts";
import { sourcesOf } from "./layers.ts";
import { exampleOf, literalOf, meet } from "./pattern-sets.ts";
import {
  type ActionQuestion,
  askAction,
  askResource,
  type Reach,
  type ResourceQuestion,
  reachOf,
  resolve,
  statementsAbout,
} from "./reach.ts";
import type { RequestContext } from "./variables.ts";

/**
 * Which resources a question is about: all that a pattern stands for, or at least one of them that is not excepted.
 * Where an action has no resources, ask of everything.
 */
export type On = { readonly every: string } | { readonly some: string; readonly except?: readonly string[] };

/** On everything: the only grant that an action without resources can have. */
export const everything: On = { every: "*" };

/** A statement that confines: its conditions as far as they are open, and what else makes it less than whole. */
export interface Confinement extends StatementRef {
  readonly conditions: ConditionBlock;
  /** It is about some of what was asked, or a variable without a known value decides. */
  readonly isPartial: boolean;
}

/** A statement of the principal's own policies that gives what was asked. */
export interface Grant extends Confinement {
  readonly decision: "yes" | "conditional" | "unknown";
  /** Where it gives it: the resources as the policy writes them; `*` where it names none, or names what it leaves out. */
  readonly resources: readonly string[];
}

/**
 * What a principal can do. `yes`: but for the exceptions, if there are any. `conditional`: where conditions of an Allow hold, or
 * where a variable has the right value. `unknown`: an element or operator that nobody can judge decides it.
 */
export interface Answer {
  readonly decision: "yes" | "conditional" | "no" | "unknown";
  /** The surest first. Empty where the answer is no. */
  readonly grants: readonly Grant[];
  /** The Allow statements, of any layer, whose conditions make it conditional. */
  readonly confinedBy: readonly Confinement[];
  /** Deny statements that leave it, but not always: with conditions, or about a part of what was asked. */
  readonly exceptions: readonly Confinement[];
  /** Where the answer is no: the layer that denies, or does not allow. */
  readonly takenAwayBy?: LayerRef & { readonly denial?: StatementRef };
}

const nothing: RequestContext = new Map();

/**
 * Whether a principal can do something, as far as its own policies, its boundary and the SCPs go. What resource policies,
 * resource control policies and session policies give or take is not part of the answer.
 * @param action one (`iam:PassRole`), or a pattern (`s3:*`, `*`), which asks of all that it stands for
 * @param given what is known of every such request (`principalContext`): conditions and variables on it are decided
 */
export const can = (layers: PrincipalLayers, action: string, on: On, given: RequestContext = nothing): Answer => {
  const question = { sources: sourcesOf(layers), action: askAction(action), given };
  return "every" in on
    ? onEvery(question, askResource(wildcardPattern(on.every)))
    : onSome(question, askResource(wildcardPattern(on.some)), on.except ?? []);
};

interface Question {
  readonly sources: readonly Source[];
  readonly action: ActionQuestion;
  readonly given: RequestContext;
}

/** A statement that says something of what is asked. */
interface Said extends StatementRef {
  readonly reach: Reach;
}

const saidBy = (source: Source, { action, given }: Question, resource: ResourceQuestion): readonly Said[] =>
  source.policies.flatMap((policy) =>
    statementsAbout(policy.document, action).flatMap((relevant) => {
      const reach = reachOf(relevant, resource, given);
      if (reach === undefined) return [];
      const { index, statement } = relevant;
      const { layer, node } = source;
      return [{ layer, ...(node !== undefined && { node }), policy, index, statement, reach }];
    }),
  );

const isWhole = ({ reach }: Said) => reach.action === "whole" && reach.resource === "whole";
const hasConditions = ({ reach }: Said) => Object.keys(reach.conditions).length > 0;
const isSure = (said: Said) => isWhole(said) && !hasConditions(said) && !said.reach.isUnknown;

/** What an Allow is worth for all that is asked; `undefined`: it leaves some of it out. */
const worthOf = (said: Said): Grant["decision"] | undefined => {
  if (said.reach.action === "part" || said.reach.resource === "part") return undefined;
  return isSure(said) ? "yes" : said.reach.isUnknown ? "unknown" : "conditional";
};

const order = ["yes", "conditional", "unknown", "no"] as const;
const byWorth = (a: Pick<Answer, "decision">, b: Pick<Answer, "decision">): number =>
  order.indexOf(a.decision) - order.indexOf(b.decision);

const refOf = ({ reach, ...ref }: Said): StatementRef => ref;
const confinementOf = (said: Said): Confinement => ({
  ...refOf(said),
  conditions: said.reach.conditions,
  isPartial: !isWhole(said),
});
const grantOf = (said: Said, decision: Grant["decision"]): Grant => ({
  ...confinementOf(said),
  decision,
  resources: said.statement.resources ?? ["*"],
});

const no = ({ layer, node }: LayerRef, denial?: StatementRef): Answer => ({
  decision: "no",
  grants: [],
  confinedBy: [],
  exceptions: [],
  takenAwayBy: { layer, ...(node !== undefined && { node }), ...(denial && { denial }) },
});

const onEvery = (question: Question, resource: ResourceQuestion): Answer => {
  const said = question.sources.map((source) => ({ source, all: saidBy(source, question, resource) }));
  const denials = said.flatMap(({ all }) => all.filter(({ statement }) => statement.effect === "Deny"));
  const denial = denials.find(isSure);
  if (denial) return no(denial, refOf(denial));

  const allowing = said.map(({ source, all }) => {
    const worth = all.flatMap((each) => {
      const decision = each.statement.effect === "Allow" ? worthOf(each) : undefined;
      return decision === undefined ? [] : [{ each, decision }];
    });
    return { source, worth: worth.sort(byWorth) };
  });
  const missing = allowing.find(({ worth }) => worth.length === 0);
  if (missing) return no(missing.source);

  const best = allowing.flatMap(({ worth }) => worth[0] ?? []);
  const isUnknown =
    best.some(({ decision }) => decision === "unknown") ||
    denials.some((each) => each.reach.isUnknown && isWhole(each));
  const confining = allowing.flatMap(({ worth }) => (worth[0]?.decision === "yes" ? [] : worth));
  return {
    decision: isUnknown ? "unknown" : confining.length > 0 ? "conditional" : "yes",
    grants: (allowing.at(-1)?.worth ?? []).map(({ each, decision }) => grantOf(each, decision)),
    confinedBy: confining.map(({ each }) => confinementOf(each)),
    exceptions: denials.map(confinementOf),
  };
};

/**
 * Each resource that the principal's policies name is followed through the other layers to one example, of which every layer is
 * then asked. No is said only where no resource can be left.
 */
const onSome = (question: Question, resource: ResourceQuestion, except: readonly string[]): Answer => {
  const identity = question.sources.at(-1);
  if (identity === undefined) throw new RangeError("a principal has at least its own policies");
  const isExcepted = (pattern: Pattern) => except.includes(literalOf(pattern) ?? "*");
  const found = saidBy(identity, question, resource)
    .filter(({ statement, reach }) => statement.effect === "Allow" && reach.action === "whole")
    .flatMap((said) =>
      placesOf(said, resource, question.given)
        .filter(({ pattern }) => !isExcepted(pattern))
        .map(({ name, pattern, met }) => ({ said, name, answer: through(question, resource, pattern, met) }))
        .map((place) => ({ ...place, decision: worst(place.answer.decision, ownWorth(said)) })),
    )
    .sort(byWorth);
  const [best] = found;
  if (best === undefined) return no(identity);
  const grants = [...Map.groupBy(found, ({ said }) => said)].flatMap(([said, places]) => {
    const given = places.filter(({ decision }) => decision !== "no");
    const decision = given[0]?.decision;
    if (decision === undefined || decision === "no") return [];
    return [{ ...grantOf(said, decision), resources: [...new Set(given.map(({ name }) => name))] }];
  });
  return { ...best.answer, grants };
};

/** What a statement's own conditions make of what it gives, whatever others give besides. */
const ownWorth = (said: Said): Grant["decision"] =>
  said.reach.isUnknown ? "unknown" : hasConditions(said) ? "conditional" : "yes";

const worst = (a: Answer["decision"], b: Answer["decision"]): Answer["decision"] =>
  order.indexOf(a) > order.indexOf(b) ? a : b;

/** Where an Allow gives something of what is asked: as it is written, as a pattern, and as what that shares with the question. */
const placesOf = (
  { statement }: Said,
  resource: ResourceQuestion,
  given: RequestContext,
): readonly { readonly name: string; readonly pattern: Pattern; readonly met: Pattern }[] => {
  if (statement.resources === undefined) return [{ name: "*", pattern: resource.pattern, met: resource.pattern }];
  return statement.resources.flatMap((name) => {
    const pattern = resolve(name, given)?.pattern;
    const met = pattern && meet(pattern, resource.pattern);
    return pattern && met ? [{ name, pattern, met }] : [];
  });
};

/** How many examples a place is tried with: a layer that names hundreds of resources is not asked about each. */
const examplesAtMost = 32;

const through = (question: Question, resource: ResourceQuestion, place: Pattern, met: Pattern): Answer => {
  let examples: ReadonlyMap<string, Pattern> = new Map([[exampleOf(met), met]]);
  const about = [resource, askResource(place)];
  for (const source of question.sources) {
    // What a layer says of what both share, it says of each of them.
    const said = about.map((each) => saidBy(source, question, each));
    const denial = said.flat().find((each) => each.statement.effect === "Deny" && isSure(each));
    if (denial) return no(denial, refOf(denial));
    if (source.layer === "identity") continue;
    const [allowing = [], within = []] = said.map((all) =>
      all.filter(({ statement, reach }) => statement.effect === "Allow" && reach.action === "whole"),
    );
    const both = allowing.filter(({ statement }) => within.some((each) => each.statement === statement));
    if (both.length === 0) return no(source);
    const narrower = [...examples.values()].flatMap((example) =>
      both.flatMap((each) => placesOf(each, askResource(example), question.given)),
    );
    // In an order of their own, so that the order of statements changes nothing.
    const next = narrower.map((each) => [exampleOf(each.met), each.met] as const).sort(([a], [b]) => byCodeUnit(a, b));
    if (next.length > 0) examples = new Map(new Map(next).entries().take(examplesAtMost));
  }
  const answers = [...examples.keys()]
    .map((example) => onEvery(question, askResource(literalPattern(example))))
    .sort(byWorth);
  const [best] = answers;
  if (best && best.decision !== "no") return best;
  // The examples are taken away; whether others are left nobody has shown.
  const exceptions = answers.flatMap(({ takenAwayBy }) =>
    takenAwayBy?.denial ? [{ ...takenAwayBy.denial, conditions: {}, isPartial: true }] : [],
  );
  return { decision: "conditional", grants: [], confinedBy: [], exceptions };
};
