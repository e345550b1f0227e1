import { groupArn, oidcProviderArn, policyArn, roleArn, userArn } from "../../aws/arn.ts";
import {
  type AccessKeyFacts,
  type AnyFacts,
  type CustomerPolicyFacts,
  type GroupFacts,
  known,
  type OidcProviderFacts,
  type PolicyFacts,
  type RoleFacts,
  type UserFacts,
} from "../../facts/facts.ts";
import { noConsole, policyQuotas } from "../../facts/shapes.ts";
import type { AccountRef } from "../../subject.ts";
import type { Range } from "../../text/positions.ts";
import type { Declaration } from "../declarations.ts";
import { unstated, whyUnstated, withUnstated } from "../unstated.ts";
import { createPolicyBook, type PolicyBook, type Principal, principalsOf } from "./policies.ts";

/** What a control can judge of a file, and where it stands. */
export interface FileSubject {
  readonly facts: AnyFacts;
  readonly address: string;
  readonly at: Range;
}

export interface Subjects {
  readonly subjects: readonly FileSubject[];
  /** Where a policy stands that is in facts. */
  placeOf(policy: PolicyFacts): { readonly at: Range; readonly address: string } | undefined;
}

/** Whatever time an account says of something, no file does. */
const times = { createdAt: whyUnstated("when it was made") } as const;

/** As an account has them that asked for no others. */
const quotas = policyQuotas(known({}));

/** Makes of what a file declares the facts that controls judge, as if an account had nothing but this. */
export const subjectsOf = (declarations: readonly Declaration[], account: AccountRef, now: Date): Subjects => {
  const principals = principalsOf(declarations);
  const book = createPolicyBook(declarations, principals);
  const boundaries = new Set(
    [...principals.values()].flatMap(({ declaration }) =>
      declaration?.boundary.known && declaration.boundary.value !== null ? [declaration.boundary.value] : [],
    ),
  );
  const attachedArns = new Set([...principals.values()].flatMap(({ attached }) => attached));
  const context: Context = { account, now, declarations, book };
  const subjects = [
    ...[...principals.values()].map((principal) => placed(principal, factsOf(principal, context), declarations)),
    ...declarations.flatMap((one): FileSubject[] => {
      if (one.type === "oidcProvider") return [{ facts: oidcProvider(one, account), address: one.address, at: one.at }];
      if (one.type !== "managedPolicy") return [];
      const isBoundary = one.isBoundary === true || (boundaries.has(one.arn) && !attachedArns.has(one.arn));
      return [{ facts: customerPolicy(one, isBoundary, context), address: one.address, at: one.at }];
    }),
  ];
  return {
    subjects,
    placeOf: (policy) => {
      const source = book.sourceOf(policy);
      return source && { at: source.document.at, address: source.address };
    },
  };
};

interface Context {
  readonly account: AccountRef;
  readonly now: Date;
  readonly declarations: readonly Declaration[];
  readonly book: PolicyBook;
}

/** Where it is declared, else where it is first spoken of. */
const placed = (principal: Principal, facts: AnyFacts, declarations: readonly Declaration[]): FileSubject => {
  const { declaration, inline } = principal;
  const first = declaration ?? inline[0] ?? declarations.find((one) => speaksOf(one, principal));
  return { facts, address: first?.address ?? "", at: first?.at ?? { start: 0, end: 0 } };
};

const speaksOf = (one: Declaration, { kind, name }: Principal): boolean => {
  if (one.type === "managedPolicy" || one.type === "attachment")
    return one.to.some((to) => to.kind === kind && to.name === name);
  if (one.type === "membership") return kind === "user" && one.users.includes(name);
  return (one.type === "loginProfile" || one.type === "accessKey") && kind === "user" && one.user === name;
};

const factsOf = (principal: Principal, context: Context): AnyFacts => {
  if (principal.kind === "role") return roleFacts(principal, context);
  return principal.kind === "user" ? userFacts(principal, context) : groupFacts(principal, context);
};

const boundaryIn = ({ declaration }: Principal) => {
  const boundary = declaration?.boundary;
  if (boundary?.known) return { permissionsBoundaryArn: boundary.value, lacking: {} };
  const why = boundary?.why ?? whyUnstated("the boundary of somebody who is not in the file");
  return { permissionsBoundaryArn: null, lacking: { permissionsBoundaryArn: why } };
};

const roleFacts = (principal: Principal, { account, book }: Context): RoleFacts => {
  const { name, declaration } = principal;
  const { permissionsBoundaryArn, lacking } = boundaryIn(principal);
  const path = declaration?.path ?? "/";
  const facts: RoleFacts = {
    ...{ kind: "role", account, name, path, id: "", arn: roleArn("aws", account.id, `${path}${name}`) },
    ...{ createdAt: new Date(0), tags: declaration?.tags ?? {}, permissionsBoundaryArn, lastUsedAt: null },
    policies: book.of(principal),
    quotas,
    trustPolicy: declaration?.trust?.content ?? unstated("the trust policy of a role that is not in the file"),
  };
  return withUnstated(facts, { ...times, lastUsedAt: whyUnstated("when a role was last used"), ...lacking });
};

const userFacts = (principal: Principal, { account, book, declarations, now }: Context): UserFacts => {
  const { name, declaration } = principal;
  const { permissionsBoundaryArn, lacking } = boundaryIn(principal);
  const path = declaration?.path ?? "/";
  const arn = userArn("aws", account.id, `${path}${name}`);
  const tags = declaration?.tags ?? {};
  const keys = declarations.flatMap((one): AccessKeyFacts[] => {
    if (one.type !== "accessKey" || one.user !== name) return [];
    const key: AccessKeyFacts = {
      ...{ kind: "accessKey", account, userName: name, userArn: arn, userPath: path, userTags: tags },
      ...{
        id: known(one.address),
        active: one.isActive,
        createdAt: now,
        lastUsedAt: unstated("when a key was last used"),
      },
    };
    return [withUnstated(key, times)];
  });
  const hasLogin = declarations.some((one) => one.type === "loginProfile" && one.user === name);
  const console = hasLogin
    ? known({
        enabled: true,
        createdAt: unstated("when a login profile was made"),
        passwordChangedAt: unstated("when a password was changed"),
        lastUsedAt: unstated("when a password was last used"),
      })
    : declaration
      ? known(noConsole)
      : unstated("whether somebody who is not in the file has a password");
  const facts: UserFacts = {
    ...{
      kind: "user",
      account,
      name,
      path,
      id: "",
      arn,
      createdAt: new Date(0),
      tags,
      permissionsBoundaryArn,
      console,
    },
    policies: book.of(principal),
    quotas,
    mfaActive: unstated("whether a user has an MFA device"),
    serviceCredentials: unstated("when a service-specific credential was made"),
    accessKeys: declaration || keys.length > 0 ? known(keys) : unstated("the keys of somebody who is not in the file"),
    credentialsAsOf: now,
  };
  return withUnstated(facts, { ...times, ...lacking });
};

const groupFacts = (principal: Principal, { account, book }: Context): GroupFacts => {
  const { name, declaration } = principal;
  const path = declaration?.path ?? "/";
  const arn = groupArn("aws", account.id, `${path}${name}`);
  const facts: GroupFacts = {
    ...{ kind: "group", account, name, path, arn, createdAt: new Date(0), policies: book.of(principal), quotas },
  };
  return withUnstated(facts, times);
};

/** A policy that the file attaches to nobody is judged as one that somebody will attach, unless it is a boundary. */
const customerPolicy = (
  { arn, document }: Extract<Declaration, { type: "managedPolicy" }>,
  isBoundary: boolean,
  { account, book }: Context,
): CustomerPolicyFacts => {
  const { size } = book.managed(arn);
  const name = arn.slice(policyArn("aws", account.id, "").length);
  const facts: CustomerPolicyFacts = {
    ...{ kind: "policy", account, name, arn, createdAt: new Date(0), document: document.content, size, quotas },
    ...{ attachments: isBoundary ? 0 : 1, boundaryOf: isBoundary ? 1 : 0 },
  };
  return withUnstated(facts, times);
};

const oidcProvider = (
  { name, clientIds, tags }: Extract<Declaration, { type: "oidcProvider" }>,
  account: AccountRef,
): OidcProviderFacts => ({
  ...{ kind: "oidcProvider", account, name, arn: oidcProviderArn("aws", account.id, name) },
  ...{ createdAt: unstated("when a provider was made"), clientIds, tags },
});
