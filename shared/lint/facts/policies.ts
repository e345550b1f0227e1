import { isUnresolved } from "../../cloudformation/unresolved.ts";
import { type Fact, known, type PolicyFacts, type PrincipalPolicies, unknownFact } from "../../facts/facts.ts";
import { byPolicyName } from "../../facts/policies.ts";
import type { Declaration, InlinePolicy, PrincipalDeclaration, PrincipalKind } from "../declarations.ts";
import type { Document } from "../source/source.ts";
import { notYet, unstated } from "../unstated.ts";
import { sizeOf } from "./size.ts";

/** A principal with all that a file attaches to it. `declaration` is absent where it is only referred to. */
export interface Principal {
  readonly kind: PrincipalKind;
  readonly name: string;
  readonly declaration?: PrincipalDeclaration;
  readonly inline: readonly InlinePolicy[];
  readonly attached: readonly string[];
  /** Why there may be more attached than these. */
  readonly openBecause?: string;
  readonly groups: readonly string[];
}

export const principalKey = ({ kind, name }: Pick<Principal, "kind" | "name">): string => `${kind}/${name}`;

/** Everybody that a file declares, or attaches something to. Ordered as they first appear. */
export const principalsOf = (declarations: readonly Declaration[]): ReadonlyMap<string, Principal> => {
  const principals = new Map<string, Principal>();
  const add = (of: Pick<Principal, "kind" | "name">, more: Partial<Principal>): void => {
    const { kind, name } = of;
    const known = principals.get(principalKey(of)) ?? { kind, name, inline: [], attached: [], groups: [] };
    principals.set(principalKey(of), {
      ...known,
      ...more,
      inline: [...known.inline, ...(more.inline ?? [])],
      attached: [...new Set([...known.attached, ...(more.attached ?? [])])],
      groups: [...new Set([...known.groups, ...(more.groups ?? [])])],
    });
  };
  for (const one of declarations) {
    if (one.type === "principal") {
      const { inline, groups, attached } = one;
      const open = attached.known ? {} : { openBecause: attached.why };
      add(one, { declaration: one, inline, groups, attached: attached.known ? attached.value : [], ...open });
    } else if (one.type === "inlinePolicy") for (const to of one.of) add(to, { inline: [one] });
    else if (one.type === "managedPolicy") for (const to of one.to) add(to, { attached: [one.arn] });
    else if (one.type === "attachment") for (const to of one.to) add(to, { attached: [one.policyArn] });
    else if (one.type === "membership")
      for (const name of one.users) add({ kind: "user", name }, { groups: one.groups });
    else if (one.type === "loginProfile" || one.type === "accessKey") add({ kind: "user", name: one.user }, {});
  }
  return principals;
};

const policyFacts = (name: string, arn: string | null, { content }: Document): PolicyFacts => ({
  ...{ name, arn, document: content },
  size: content.known ? sizeOf(content.value) : 0,
});

/** Of the policies of AWS itself, those whose text is sure, and that matter most. */
const textsOfAws: Readonly<Record<string, unknown>> = {
  AdministratorAccess: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
  IAMFullAccess: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "iam:*", Resource: "*" }] },
};

/** All but these only allow: what the file says of a principal is no less with one of them. */
const ofAwsThatDeny = /^AWSDenyAll$|^AWSCompromisedKeyQuarantine/;
const nothing = { Version: "2012-10-17", Statement: [] };

const ofAws = /^arn:[^:]+:iam::aws:policy\/(.+)$/;

const foreignText = (arn: string, isBoundary: boolean): Fact<unknown> => {
  if (isUnresolved(arn)) return notYet(arn);
  const [, name = ""] = ofAws.exec(arn) ?? [];
  if (Object.hasOwn(textsOfAws, name)) return known(textsOfAws[name]);
  // A boundary leaves no more than it allows.
  const isNoLess = name !== "" && !isBoundary && !ofAwsThatDeny.test(name);
  return isNoLess ? known(nothing) : unstated("a managed policy that is not in the file");
};

const foreign = (arn: string, isBoundary = false): PolicyFacts => {
  const document = foreignText(arn, isBoundary);
  // What people write where an ARN belongs need not be one.
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  return { name, arn, document, size: document.known ? sizeOf(document.value) : 0 };
};

/** The facts of each policy, made once: whoever has a policy has the same object. */
export interface PolicyBook {
  /** Of a principal's own, from embedded and attached. */
  of(principal: Principal): Fact<PrincipalPolicies>;
  managed(arn: string): PolicyFacts;
  /** What a policy was declared by. */
  sourceOf(policy: PolicyFacts): InlinePolicy | Extract<Declaration, { type: "managedPolicy" }> | undefined;
}

export const createPolicyBook = (
  declarations: readonly Declaration[],
  principals: ReadonlyMap<string, Principal>,
): PolicyBook => {
  const sources = new Map<PolicyFacts, InlinePolicy | Extract<Declaration, { type: "managedPolicy" }>>();
  const declared = new Map<string, PolicyFacts>();
  for (const one of declarations)
    if (one.type === "managedPolicy") {
      const facts = policyFacts(one.name, one.arn, one.document);
      declared.set(one.arn, facts);
      sources.set(facts, one);
    }
  const managed = new Map(declared);
  const inline = new Map<InlinePolicy, PolicyFacts>();
  const inlineOf = (policy: InlinePolicy): PolicyFacts => {
    const facts = inline.get(policy) ?? policyFacts(policy.name, null, policy.document);
    inline.set(policy, facts);
    sources.set(facts, policy);
    return facts;
  };
  const byArn = (arn: string): PolicyFacts => {
    const facts = managed.get(arn) ?? foreign(arn);
    managed.set(arn, facts);
    return facts;
  };
  const boundaryOf = (arn: string): PolicyFacts => declared.get(arn) ?? foreign(arn, true);
  const own = ({ inline: embedded, attached }: Principal) => ({
    inline: embedded.map(inlineOf).sort(byPolicyName),
    attached: attached.map(byArn).sort(byPolicyName),
  });
  return {
    managed: byArn,
    sourceOf: (policy) => sources.get(policy),
    of: (principal) => {
      const { openBecause, groups, declaration } = principal;
      if (openBecause !== undefined) return unknownFact(openBecause);
      const boundary = declaration?.boundary;
      if (boundary?.known === false) return boundary;
      return known({
        ...own(principal),
        groups: groups.map((name) => {
          const group = principals.get(principalKey({ kind: "group", name }));
          return { name, ...(group ? own(group) : { inline: [], attached: [] }) };
        }),
        boundary: boundary === undefined || boundary.value === null ? null : boundaryOf(boundary.value),
      });
    },
  };
};
