import { byCodeUnit } from "../../order.ts";
import { literalPattern, type Pattern } from "../../wildcard.ts";
import { exampleOf, literalOf, meet } from "../language/pattern-sets.ts";
import type { RequestContext } from "../language/variables.ts";
import { type Answer, byWorth, type ConfiningStatement, type Grant, type On, worst } from "./answer.ts";
import { type LayerRef, type PrincipalLayers, type Source, type StatementRef, sourcesOf } from "./layers.ts";
import {
  type ActionQuestion,
  askAction,
  askResource,
  askResources,
  type Reach,
  type ResourceQuestion,
  reachOf,
  resolve,
  statementsAbout,
} from "./reach.ts";

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
    ? onEvery(question, askResources(on.every))
    : onSome(question, askResources(on.some), on.except ?? []);
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

const saidBy = (
  { layer, node, policies }: Source,
  { action, given }: Question,
  resource: ResourceQuestion,
): readonly Said[] => {
  const said: Said[] = [];
  const at: LayerRef = node === undefined ? { layer } : { layer, node };
  for (const policy of policies)
    for (const relevant of statementsAbout(policy.document, action)) {
      const reach = reachOf(relevant, resource, given);
      const { index, statement } = relevant;
      if (reach) said.push({ ...at, policy, index, statement, reach });
    }
  return said;
};

const isWhole = ({ reach }: Said) => reach.action === "whole" && reach.resource === "whole";
const hasConditions = ({ reach }: Said) => Object.keys(reach.conditions).length > 0;
const isSure = (said: Said) => isWhole(said) && !hasConditions(said) && !said.reach.isUnknown;

/** What an Allow is worth for all that is asked; `undefined`: it leaves some of it out. */
const worthOf = (said: Said): Grant["decision"] | undefined => {
  if (said.reach.action === "part" || said.reach.resource === "part") return undefined;
  return isSure(said) ? "yes" : said.reach.isUnknown ? "unknown" : "conditional";
};

const refOf = ({ layer, node, policy, index, statement }: Said): StatementRef =>
  node === undefined ? { layer, policy, index, statement } : { layer, node, policy, index, statement };
const confinementOf = (said: Said): ConfiningStatement => ({
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

/** The Allow statements of a layer that give all that is asked, the surest first. */
const allowing = (said: readonly Said[]): readonly Grant[] =>
  said
    .flatMap((each) => {
      const decision = each.statement.effect === "Allow" ? worthOf(each) : undefined;
      return decision === undefined ? [] : [grantOf(each, decision)];
    })
    .sort(byWorth);

/**
 * What a principal's own policies give on every resource of a pattern, whatever they and the other layers deny: of all actions that
 * are asked about, or of all but what a NotAction leaves out.
 */
export const givenOnEvery = (
  layers: PrincipalLayers,
  action: string,
  resource: string,
  given: RequestContext = nothing,
): readonly Grant[] =>
  sourcesOf({ identity: layers.identity, serviceControl: [] }).flatMap((source) =>
    allowing(
      saidBy(source, { sources: [], action: askAction(action), given }, askResources(resource)).map(butForALittle),
    ),
  );

const butForALittle = (said: Said): Said =>
  said.statement.notActions === undefined ? said : { ...said, reach: { ...said.reach, action: "whole" } };

const onEvery = (question: Question, resource: ResourceQuestion): Answer => {
  const said = question.sources.map((source) => ({ source, all: saidBy(source, question, resource) }));
  const denials = said.flatMap(({ all }) => all.filter(({ statement }) => statement.effect === "Deny"));
  const denial = denials.find(isSure);
  if (denial) return no(denial, refOf(denial));

  const given = said.map(({ source, all }) => ({ source, grants: allowing(all) }));
  const missing = given.find(({ grants }) => grants.length === 0);
  if (missing) return no(missing.source);

  const isUnknown =
    given.some(({ grants }) => grants[0]?.decision === "unknown") ||
    denials.some((each) => each.reach.isUnknown && isWhole(each));
  const confining = given.flatMap(({ grants }) => (grants[0]?.decision === "yes" ? [] : grants));
  return {
    decision: isUnknown ? "unknown" : confining.length > 0 ? "conditional" : "yes",
    grants: given.at(-1)?.grants ?? [],
    confinedBy: confining.map(({ decision, resources, ...confinement }) => confinement),
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

/** Where an Allow gives something of what is asked: as it is written, as a pattern, and as what that shares with the question. */
const placesOf = (
  { statement }: Said,
  resource: ResourceQuestion,
  given: RequestContext,
): readonly { readonly name: string; readonly pattern: Pattern; readonly met: Pattern }[] => {
  if (statement.resources === undefined) return [{ name: "*", pattern: resource.pattern, met: resource.pattern }];
  return statement.resources.flatMap((name) => {
    const pattern = resolve(name, given, statement.effect)?.pattern;
    const met = pattern && meet(pattern, resource.pattern);
    return pattern && met ? [{ name, pattern, met }] : [];
  });
};

/** How many examples a place is tried with: a layer that names hundreds of resources is not asked about each. */
const examplesAtMost = 32;

const through = (question: Question, resource: ResourceQuestion, place: Pattern, met: Pattern): Answer => {
  const whole = onEvery(question, askResource(met));
  if (whole.decision === "yes") return whole;
  let examples: ReadonlyMap<string, Pattern> = new Map([[exampleOf(met), met]]);
  const about = [resource, askResource(place)];
  for (const source of question.sources) {
    // What a layer says of what both share, it says of each of them.
    const said = about.map((each) => saidBy(source, question, each));
    const denial = said.flat().find((each) => each.statement.effect === "Deny" && isSure(each));
    if (denial) return no(denial, refOf(denial));
    if (source.layer === "identity") continue;
    const [allowed = [], within = []] = said.map((all) =>
      all.filter(({ statement, reach }) => statement.effect === "Allow" && reach.action === "whole"),
    );
    const both = allowed.filter(({ statement }) => within.some((each) => each.statement === statement));
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
