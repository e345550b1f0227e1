import { parseArn } from "../../aws/arn.ts";
import { matchesPattern } from "../../wildcard.ts";
import { literalOf, overlap } from "../language/pattern-sets.ts";
import type { RequestContext } from "../language/variables.ts";
import { nobody } from "../principal/administrator.ts";
import { type Answer, byWorth, everything, type On, worst } from "../principal/answer.ts";
import { isCallersChoice } from "../principal/decided.ts";
import { can } from "../principal/effective.ts";
import { type NamedPolicy, ofIam, type PrincipalLayers, principalContext } from "../principal/layers.ts";
import { askAction, resolve, sayingOf, statementsAbout } from "../principal/reach.ts";
import { createShared } from "../principal/shared-answers.ts";
import { pathsGivenBy } from "./given-paths.ts";
import type { EscalationPath, Need, Target } from "./path.ts";

/** Whose paths are looked for. */
export interface Principal {
  /** Of the user or role itself. */
  readonly arn: string;
  /** What is known of every request of it. Absent: `principalContext`. */
  readonly given?: RequestContext;
  /** Tells apart what `given` says of all principals of an account alike. */
  readonly about?: string;
}

export interface OpenPath {
  readonly path: EscalationPath;
  /** `conditional` where an Allow that it needs has conditions; `unknown` where something decides that nobody can judge. */
  readonly decision: "yes" | "conditional" | "unknown";
  /** What it leads to, as the policies write it: `arn:aws:iam::*:role/app-*`. Empty where it is the principal itself. */
  readonly targets: readonly string[];
  /**
   * The ARNs of the other users, roles or groups that it leads to where that is all it leads to: it counts only if one of them is
   * more than ordinary. Empty where it counts whatever it leads to.
   */
  readonly onlyTo: readonly string[];
  /** What is gained stays within the principal's own boundary. */
  readonly isWithinBoundary: boolean;
  /** For each action, which policy gives it, what confines it, and what is excepted. */
  readonly needs: readonly (Need & { readonly answer: Answer })[];
}

/**
 * The known paths that are open to a principal by its policies, boundary and SCPs, and lead to whatever matches a wildcard, to its
 * own permissions, or to users, roles or groups by name. To an administrator almost all are open, and gain it nothing: ask
 * `administration` first.
 */
export const openPaths = (layers: PrincipalLayers, principal: Principal): readonly OpenPath[] => {
  const candidates = pathsGivenBy(layers.identity.map(({ document }) => document));
  if (candidates.length === 0) return [];
  const seeker = seekerOf(layers, principal);
  return candidates.flatMap((path) => openPath(seeker, path) ?? []);
};

/** A known path as it is open to one user, role or group that policies name, whatever else it leads to. */
export const openPathTo = (
  layers: PrincipalLayers,
  principal: Principal,
  { path, arn }: { readonly path: EscalationPath; readonly arn: string },
): OpenPath | undefined => {
  const open = openPath({ ...seekerOf(layers, principal), target: arn }, path);
  if (open === undefined) return undefined;
  const needs = open.needs.map((need) => {
    if (!isTarget(need.on)) return need;
    const grants = need.answer.grants.map((grant) => ({ ...grant, resources: [arn] }));
    return { ...need, answer: { ...need.answer, grants } };
  });
  return { ...open, targets: [arn], onlyTo: [arn], needs };
};

/** A principal, as the paths see it. */
interface Seeker extends Principal {
  readonly layers: PrincipalLayers;
  readonly who: "user" | "role";
  readonly partition: string;
  /** `arn:aws:iam::111122223333:` */
  readonly iam: string;
  readonly given: RequestContext;
  /** The same of calls of IAM. */
  readonly givenOfIam: RequestContext;
  /** The ARNs of the policies that it has, its boundary's with them, and the names of its groups, as far as policies tell. */
  readonly policies: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  /** Its boundary, and the service control policies. */
  readonly limits: readonly NamedPolicy[];
  readonly answers: Map<string, Answer>;
  /** The one thing that a path may lead to. Absent: whatever there is. */
  readonly target?: string;
}

const iamOf = (arn: string): string => {
  const { partition, accountId } = parseArn(arn);
  return `arn:${partition}:iam::${accountId}:`;
};

const seekerOf = (layers: PrincipalLayers, principal: Principal): Seeker => {
  const { partition, resource } = parseArn(principal.arn);
  const policies = [...layers.identity, ...(layers.boundary ? [layers.boundary] : [])];
  const given = principal.given ?? principalContext(principal.arn);
  return {
    ...principal,
    layers,
    who: resource.startsWith("user/") ? "user" : "role",
    partition,
    iam: iamOf(principal.arn),
    given,
    givenOfIam: ofIam(given, partition),
    policies: new Set(policies.flatMap(({ arn }) => arn ?? [])),
    groups: new Set(policies.flatMap(({ via }) => via ?? [])),
    limits: [...(layers.boundary ? [layers.boundary] : []), ...layers.serviceControl.flatMap((node) => node.policies)],
    answers: new Map(),
  };
};

const openPath = (seeker: Seeker, path: EscalationPath): OpenPath | undefined => {
  const { who, layers } = seeker;
  if (path.who !== undefined && path.who !== who) return undefined;
  if (path.only === "withBoundary" && !layers.boundary) return undefined;
  if (path.only === "withDenial" && !layers.identity.some(isOwnDenial)) return undefined;
  const needs: (Need & { readonly answer: Answer })[] = [];
  for (const need of path.needs) {
    const answer = ask(seeker, need, path.passedTo);
    if (answer.decision === "no") return undefined;
    needs.push({ ...need, answer });
  }
  const targets = targetsOf(seeker, needs);
  if (targets === undefined) return undefined;
  const onlyTo = leadsFar(seeker, path, targets) ? [] : namedBy(seeker, path, targets);
  if (onlyTo === undefined) return undefined;
  const decision = needs.map(({ answer }) => answer.decision).reduce(worst, "yes");
  if (decision === "no") return undefined;
  const isWithinBoundary =
    path.kind === "grant-itself" &&
    path.only !== "withBoundary" &&
    layers.boundary !== undefined &&
    !path.needs.some((need) => changesBoundary(seeker, need));
  return { path, decision, targets, onlyTo, isWithinBoundary, needs };
};

/** Whoever writes the versions of the policy that is its boundary is bounded by what it likes. Nobody writes those of AWS's own. */
const changesBoundary = ({ layers, givenOfIam, iam }: Seeker, { action, on }: Need): boolean => {
  const arn = layers.boundary?.arn;
  return (
    on === "policy" &&
    arn?.startsWith(iam) === true &&
    can(layers, action, { every: arn }, givenOfIam).decision !== "no"
  );
};

const names: Partial<Record<Target, string>> = {
  user: "user/*",
  role: "role/*",
  policy: "policy/*",
  group: "group/*",
  samlProvider: "saml-provider/*",
};
const isTarget = (on: Target): boolean => on === "existing" || on in names;

const ask = (seeker: Seeker, { action, on }: Need, passedTo: readonly string[] = []): Answer => {
  const whatever = remembering(seeker, `${action} ${on}`, () => answerTo(seeker, { action, on }));
  if (action !== "iam:PassRole" || whatever.decision === "no" || !asksForService(whatever)) return whatever;
  return remembering(seeker, `${action} ${passedTo}`, () => {
    // In China, some services have a name of their own.
    const services = seeker.partition === "aws-cn" ? passedTo.flatMap((each) => [each, `${each}.cn`]) : passedTo;
    const answers = services.map((service) => answerTo(seeker, { action, on, service }));
    return answers.sort(byWorth)[0] ?? whatever;
  });
};

interface Detail extends Need {
  readonly service?: string;
  readonly target?: string;
}

const shared = createShared(
  ({ layers, arn, given }, { action, on, service, target }: Detail): Answer =>
    can(
      layers,
      action,
      onOf({ arn, iam: iamOf(arn), ...(target !== undefined && { target }) }, on),
      service === undefined ? given() : new Map([...given(), [passedToService, [service]]]),
    ),
  ({ action, on, service, target }) => `${action} ${on} ${service ?? ""} ${target ?? ""}`,
);

/** Only the policies that say anything of the action have a say: many principals share those, and the answer. */
const answerTo = (seeker: Seeker, detail: Detail): Answer => {
  const { layers, arn, iam, who, about = "", target } = seeker;
  // A role is passed in the Region of the service.
  const isOfIam = detail.action.startsWith("iam:") && detail.action !== "iam:PassRole";
  const given = isOfIam ? seeker.givenOfIam : seeker.given;
  const question = askAction(detail.action);
  const saying = sayingOf(layers.identity, question);
  if (saying === "") return nobody;
  // Of actions of which each layer says the same, so does the answer.
  const limits = sayingOf(seeker.limits, question);
  return remembering(seeker, `${isOfIam} ${detail.on} ${detail.service ?? ""} ${saying}/ ${limits}`, () => {
    const identity = layers.identity.filter(({ document }) => statementsAbout(document, question).length > 0);
    return shared(
      { arn, given: () => given, about, among: `${iam}${who}/*`, layers: { ...layers, identity } },
      target === undefined ? detail : { ...detail, target },
    );
  });
};

const passedToService = "iam:passedtoservice";

const asksForService = ({ grants, confinedBy, exceptions }: Answer): boolean =>
  [...grants, ...confinedBy, ...exceptions].some(({ conditions }) =>
    Object.values(conditions).some((keys) => Object.keys(keys).some((key) => key.toLowerCase() === passedToService)),
  );

const remembering = ({ answers }: Seeker, key: string, find: () => Answer): Answer => {
  const known = answers.get(key);
  if (known) return known;
  const found = find();
  answers.set(key, found);
  return found;
};

const onOf = ({ arn, iam, target }: Pick<Seeker, "arn" | "iam" | "target">, on: Target): On => {
  if (on === "everything") return everything;
  if (on === "self") return { every: arn };
  if (target !== undefined && isTarget(on)) return { every: target };
  return { some: on in names ? `${iam}${names[on]}` : "*", except: [arn] };
};

/** What decides how far a path leads; two actions on roles have to meet in one. `undefined`: they do not. */
const targetsOf = ({ given }: Seeker, needs: OpenPath["needs"]): readonly string[] | undefined => {
  const sets = needs
    .filter(({ on }) => isTarget(on))
    .map(({ answer }) => [...new Set(answer.grants.flatMap(({ resources }) => resources))]);
  // From the one that names the most: what both reach is what it names.
  const [first = [], ...others] = sets.toSorted((a, b) => wideIn(a, given) - wideIn(b, given));
  const meets = (a: string, b: string): boolean => {
    const [left, right] = [resolve(a, given, "Allow"), resolve(b, given, "Allow")];
    return left !== undefined && right !== undefined && overlap(left.pattern, right.pattern);
  };
  const meeting = first.filter((name) => others.every((set) => set.some((other) => meets(name, other))));
  return sets.length > 0 && meeting.length === 0 ? undefined : meeting;
};

const leadsFar = (seeker: Seeker, { judged }: EscalationPath, targets: readonly string[]): boolean =>
  judged === "open" || targets.some((name) => isWide(name, seeker.given) || isOwn(seeker, name));

/** What can be more than ordinary: of whatever else is named nobody here knows whose permissions it has. */
const maybePrivileged: ReadonlySet<Target> = new Set(["user", "role", "group"]);

/** Those whom a path leads to by name; `undefined`: nobody who could be more than ordinary. */
const namedBy = (
  { iam, arn, given }: Seeker,
  { needs }: EscalationPath,
  targets: readonly string[],
): readonly string[] | undefined => {
  const on = needs.find((need) => isTarget(need.on))?.on;
  if (on === undefined || !maybePrivileged.has(on)) return undefined;
  const others = targets.flatMap((target) => oneOf(target, iam, given) ?? []).filter((each) => each !== arn);
  return others.length === 0 ? undefined : [...new Set(others)];
};

/** The ARN in the account for which a resource stands, if that is one: partition and account may be wildcards. */
const oneOf = (written: string, iam: string, given: RequestContext): string | undefined => {
  if (written.startsWith(iam) && !/[*?$]/.test(written)) return written;
  const pattern = resolve(written, given, "Allow")?.pattern ?? [];
  const colons = pattern.flatMap((each, at) => (each === ":" ? [at] : []));
  const tail = literalOf(pattern.slice(colons[4]).slice(1)) ?? "";
  const arn = `${iam}${tail}`;
  return tail !== "" && matchesPattern(pattern, arn) ? arn : undefined;
};

/** Whether what is named is a policy or group of the principal's own. */
const isOwn = ({ policies, groups }: Seeker, name: string): boolean => {
  const group = /:group\/(?:.*\/)?([^/]+)$/.exec(name)?.[1];
  return policies.has(name) || (group !== undefined && groups.has(group));
};

/** A policy that stands on the principal itself, and denies it something. */
const isOwnDenial = ({ via, document }: PrincipalLayers["identity"][number]): boolean =>
  via === undefined && document.statements.some(({ effect }) => effect === "Deny");

const wideIn = (resources: readonly string[], given: RequestContext): number =>
  resources.filter((each) => isWide(each, given)).length;

/** Whether a resource names more than one thing: partition, Region and account aside, in which a name is still one. */
const isWide = (written: string, given: RequestContext): boolean => {
  if (!/[*?$]/.test(written)) return false;
  const resource = written.replaceAll(/\$\{\s*([^},\s]*)[^}]*\}/g, (_, key: string) =>
    isCallersChoice(key.toLowerCase(), given) ? "*" : "",
  );
  const parts = resource.split(":");
  const name = parts.length < 6 ? resource : parts.slice(5).join(":");
  return /[*?]/.test(name);
};
