import { parseArn } from "../aws/arn.ts";
import { administration, type ServiceWideGrant, serviceWideGrants } from "./administrator.ts";
import { isAlikeFor } from "./alike.ts";
import type { Answer } from "./answer.ts";
import { type PolicyDocument, parsePolicy } from "./document.ts";
import { can } from "./effective.ts";
import { type OpenPath, openPaths } from "./escalation/open-paths.ts";
import type { NamedPolicy, PrincipalLayers } from "./layers.ts";
import type { RequestContext } from "./variables.ts";

/** What controls ask of one user or role, each found out when it is first asked. */
export interface Questions {
  readonly administration: () => Answer;
  /** The same whatever the service control policies take away: nobody in its account can do more than that leaves. */
  readonly administrationInAccount: () => Answer;
  readonly serviceWideGrants: () => readonly ServiceWideGrant[];
  readonly openPaths: () => readonly OpenPath[];
  /** Whether its boundary and the service control policies leave no administrator, whatever its own policies say. */
  readonly isBounded: () => boolean;
  /** Whether it can assume every role of every account that trusts it. */
  readonly assumeAnyRole: () => Answer;
}

export interface Asked {
  /** Of the user or role itself. */
  readonly arn: string;
  readonly layers: PrincipalLayers;
  /** What every request of it has: `principalContext`, and more. */
  readonly given: RequestContext;
  /** Tells apart what `given` says of all principals of an account alike: the organization. */
  readonly about: string;
}

const everything: NamedPolicy = {
  name: "everything",
  kind: "inline",
  document: parsePolicy({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } }),
};

const lazily = <T>(find: () => T): (() => T) => {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
};

const ask = ({ arn, layers, given }: Asked): Questions => {
  const { partition } = parseArn(arn);
  return {
    administration: lazily(() => administration(layers, given)),
    administrationInAccount: lazily(() => administration({ ...layers, serviceControl: [] }, given)),
    serviceWideGrants: lazily(() => (mayGiveServices(layers) ? serviceWideGrants(layers, given) : [])),
    isBounded: lazily(() => administration({ ...layers, identity: [everything] }, given).decision === "no"),
    openPaths: lazily(() => openPaths(layers, { arn, given })),
    assumeAnyRole: lazily(() => can(layers, "sts:AssumeRole", { every: `arn:${partition}:iam::*:role/*` }, given)),
  };
};

const wideDocuments = new WeakMap<PolicyDocument, boolean>();

/** Whether a policy might give every action of a service. Most do not, and need no search. */
const mayGiveServices = ({ identity }: PrincipalLayers): boolean =>
  identity.some(({ document }) => {
    const known = wideDocuments.get(document);
    if (known !== undefined) return known;
    const found = document.statements.some(
      ({ effect, actions }) =>
        effect === "Allow" && (actions === undefined || actions.some((action) => /^[^:]*\*$|:\?*\*+$/.test(action))),
    );
    wideDocuments.set(document, found);
    return found;
  });

/** By the first of its policies; kept no longer than that. */
const remembered = new WeakMap<PolicyDocument, Map<string, Questions>>();

/**
 * What there is to ask of a principal. Thousands of principals have the same policies: where these say the same of each of
 * them, each question is answered once.
 */
export const questionsOf = (asked: Asked): Questions => {
  const { layers, arn, about } = asked;
  const { identity, boundary, serviceControl } = layers;
  const [first] = identity;
  if (first === undefined) return ask(asked);
  const { partition, accountId, resource } = parseArn(arn);
  const all = `arn:${partition}:iam::${accountId}:${resource.startsWith("user/") ? "user" : "role"}/*`;
  const policies = [...identity, ...(boundary ? [boundary] : [])];
  const limits = serviceControl.flatMap((node) => node.policies);
  if (![...policies, ...limits].every(({ document }) => isAlikeFor(document, all))) return ask(asked);
  const known = remembered.get(first.document) ?? new Map<string, Questions>();
  remembered.set(first.document, known);
  const key = JSON.stringify([all, about, nodesName(serviceControl), policies.map(nameOf)]);
  const found = known.get(key) ?? ask(asked);
  if (known.size >= setsAtMost) known.clear();
  known.set(key, found);
  return found;
};

/** With one policy; accounts of many more sets are rare, and then some are asked twice. */
const setsAtMost = 1_000;

const nodeNames = new WeakMap<PrincipalLayers["serviceControl"], string>();

const nodesName = (nodes: PrincipalLayers["serviceControl"]): string => {
  const known = nodeNames.get(nodes);
  if (known !== undefined) return known;
  const name = JSON.stringify(nodes.map(({ node, policies }) => [node, policies.map(nameOf)]));
  nodeNames.set(nodes, name);
  return name;
};

const nameOf = ({ kind, name, arn, via, document }: NamedPolicy): string =>
  `${numberOf(document)} ${kind} ${arn ?? ""} ${via ?? ""} ${name}`;

const numbers = new WeakMap<object, number>();
let lastNumber = 0;

const numberOf = (value: object): number => {
  const known = numbers.get(value) ?? ++lastNumber;
  numbers.set(value, known);
  return known;
};
