import { parseArn } from "../aws/arn.ts";
import { builtInExclusions, outOfScope } from "../controls/terms/roles/role-scope.ts";
import type { SubjectKind } from "../subject.ts";
import { matchesStars } from "../wildcard.ts";
import type { Interlock } from "./authorization.ts";
import type { Prepared } from "./prepare.ts";
import type { AnyStep } from "./step.ts";

/** Patterns of what no repair touches, compared whole and in whatever case; `*` stands for any characters. */
export interface ProtectedPrincipals {
  readonly users: readonly string[];
  readonly roles: readonly string[];
  /** Of users and roles. */
  readonly paths: readonly string[];
}

interface Principal {
  readonly kind: "user" | "role";
  readonly name: string;
  readonly path: string;
}

/**
 * Holds what is protected: iam-warden's own roles, what AWS and its tools own (the built-in rules of `role-scope.ts`), the
 * roles that the settings exclude, and their protected principals. IAM keeps a name's case but lets no two names differ in
 * it alone, so case never tells a name from a protected one. A name that IAM cannot have given, such as one with a letter
 * that only looks like an ASCII one, is held; so is a plan that writes to another principal than its finding's.
 * @param ownRoles names of iam-warden's roles, where they are not `iam-warden-*`
 */
export const notProtected =
  (principals: ProtectedPrincipals, ownRoles: readonly string[] = []): Interlock =>
  async (prepared) => {
    const principal = principalOf(prepared);
    const subject = principal ?? { kind: prepared.request.finding.subject.kind };
    for (const { step } of prepared.steps) {
      const target = targetOf(step);
      if (target.kind !== subject.kind || target.name !== principal?.name)
        return `The plan would ${step.write.operation} on ${[target.kind, shown(target.name ?? "")].join(" ").trim()}, which its finding is not about.`;
    }
    if (principal === undefined) return undefined;
    return whyProtected(principal, prepared, principals, ownRoles);
  };

const whyProtected = (
  principal: Principal,
  { facts, request: { context } }: Prepared,
  principals: ProtectedPrincipals,
  ownRoles: readonly string[],
): string | undefined => {
  const { kind, name, path } = principal;
  const is = `${kind === "user" ? "User" : "Role"} ${shown(name)} is protected`;
  if (!/^[A-Za-z0-9+=,.@_-]{1,128}$/.test(name))
    return `${is}: IAM gives no such name, so it cannot be told from others.`;
  if (!/^\/(?:[\x21-\x7e]{0,510}\/)?$/.test(path)) {
    return `${is}: IAM gives no such path as ${shown(path)}, so it cannot be told from others.`;
  }
  const matching = (patterns: readonly string[], text: string) =>
    patterns.find((pattern) => matchesStars(pattern.toLowerCase(), text.toLowerCase()));

  // Users have the paths of AWS's own at most by somebody's mistake; names of roles say nothing of a user.
  const builtIn = builtInExclusions.find(({ excludes }) =>
    excludes({ name: kind === "role" ? name : "", path }, "anyCase"),
  );
  if (builtIn) return `${is}: ${builtIn.because} (built-in rule ${builtIn.rule}).`;
  if (kind === "role") {
    if (matching(ownRoles, name) !== undefined) return `${is}: it is iam-warden's own.`;
    const { names, paths } = context.excludedRoles;
    const excluded = matching(names, name) ?? matching(paths, path);
    if (excluded !== undefined) return `${is}: the settings exclude ${excluded} (excludedRoles).`;
    const byTag = facts?.kind === "role" ? outOfScope(facts, context.excludedRoles) : undefined;
    if (byTag !== undefined) return byTag;
  }
  const setting = kind === "user" ? "users" : "roles";
  const byName = matching(principals[setting], name);
  if (byName !== undefined) return `${is}: the settings protect ${byName} (protectedPrincipals.${setting}).`;
  const byPath = matching(principals.paths, path);
  if (byPath !== undefined) return `${is}: the settings protect ${byPath} (protectedPrincipals.paths).`;
  return undefined;
};

/**
 * Whom a repair is about, on live facts; where the subject is gone, as its finding's ARN says. `undefined` for root and
 * account, which no setting names.
 * @throws MalformedInputError if a finding's ARN is none
 */
const principalOf = ({ facts, request: { finding } }: Prepared): Principal | undefined => {
  if (facts?.kind === "user" || facts?.kind === "role") return facts;
  if (facts?.kind === "accessKey") return { kind: "user", name: facts.userName, path: facts.userPath };
  const { kind, name, arn } = finding.subject;
  if (facts !== undefined || kind === "root" || kind === "account") return undefined;
  const { resource } = parseArn(arn);
  return {
    kind: kind === "role" ? "role" : "user",
    name,
    path: resource.slice(resource.indexOf("/"), resource.lastIndexOf("/") + 1),
  };
};

/** Root and the account have no name. */
const targetOf = ({ write }: AnyStep): { readonly kind: SubjectKind; readonly name?: string } => {
  if ("userName" in write) return { kind: "user", name: write.userName };
  if ("roleName" in write) return { kind: "role", name: write.roleName };
  return { kind: write.operation.startsWith("root:") ? "root" : "account" };
};

/** With everything but printable ASCII spelled out, so that a look-alike is seen. */
const shown = (text: string): string =>
  text.replace(/[^\x20-\x7e]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
