import type { RoleExclusions } from "../../../control.ts";
import type { RoleFacts } from "../../../facts/facts.ts";
import { matchesStars } from "../../../wildcard.ts";

interface BuiltInRule {
  /** As the docs and the reason name it. */
  readonly rule: string;
  readonly because: string;
  /** The same for policies of IAM, which know `*` alone: as narrow as they can say it, and never narrower than the rule. */
  readonly matches: { readonly path: string } | { readonly names: readonly string[] };
  /** `anyCase`: a name or path that differs in case alone counts too. */
  readonly excludes: (role: Pick<RoleFacts, "name" | "path">, anyCase?: "anyCase") => boolean;
}

/** Names and paths are ASCII: what folds to lower case is A to Z alone. */
const folded = (text: string, anyCase?: "anyCase"): string => (anyCase ? text.toLowerCase() : text);

const named = (pattern: string): Pick<BuiltInRule, "matches" | "excludes"> => ({
  matches: { names: [pattern] },
  excludes: (role, anyCase) => matchesStars(folded(pattern, anyCase), folded(role.name, anyCase)),
});

const under = (path: string): Pick<BuiltInRule, "matches" | "excludes"> => ({
  matches: { path },
  excludes: (role, anyCase) => folded(role.path, anyCase).startsWith(path),
});

/** `cdk bootstrap` names its roles so; any other name that begins with `cdk-` is somebody's own and stays in scope. */
const cdkBootstrapPurposes = ["deploy", "file-publishing", "image-publishing", "lookup", "cfn-exec"] as const;
const cdkBootstrapRole = new RegExp(
  `^cdk-[A-Za-z0-9_-]{1,10}-(?:${cdkBootstrapPurposes.join("|")})-role-[0-9]{12}-[a-z]{2,3}(?:-[a-z]+)+-[0-9]{1,2}$`,
);
const cdkBootstrapRoleAnyCase = new RegExp(cdkBootstrapRole.source, "i");

/** Roles that a service made for itself. They have no permissions boundary, and no service control policy limits them. */
export const serviceLinkedRoles: BuiltInRule = {
  rule: "path /aws-service-role/",
  because: "AWS alone makes and changes it",
  ...under("/aws-service-role/"),
};

/** Roles of AWS's own, such as IAM Identity Center's. */
const reservedRoles: BuiltInRule = {
  rule: "path /aws-reserved/",
  because: "AWS alone makes and changes it",
  ...under("/aws-reserved/"),
};

/** Whether nobody but AWS can change a role. */
export const isOfAws = (role: Pick<RoleFacts, "name" | "path">): boolean =>
  serviceLinkedRoles.excludes(role) || reservedRoles.excludes(role);

/** iam-warden's roles, in the hub and in members. */
export const ownRoles: BuiltInRule = {
  rule: "iam-warden-*",
  because: "it is iam-warden's own",
  ...named("iam-warden-*"),
};

/** The one role of iam-warden's that writes, and could therefore give itself what it likes: by its exact name, without a path. */
export const isRemediationRole = ({ name, path }: Pick<RoleFacts, "name" | "path">): boolean =>
  name === "iam-warden-remediate" && path === "/";

/**
 * The roles that are nobody's to change: AWS alone does, or AWS tools and iam-warden itself depend on them as they are. No repair
 * touches them, and controls that take the settings' exclusions do not judge them. Names are compared case and all: IAM keeps the
 * case it was given.
 */
export const builtInExclusions: readonly BuiltInRule[] = [
  serviceLinkedRoles,
  reservedRoles,
  {
    rule: "stacksets-exec-*",
    because: "CloudFormation StackSets works through it",
    ...named("stacksets-exec-*"),
  },
  {
    rule: "AWSCloudFormationStackSet*",
    because: "CloudFormation StackSets works through it",
    ...named("AWSCloudFormationStackSet*"),
  },
  {
    rule: "AWSControlTowerExecution",
    because: "AWS Control Tower works through it",
    ...named("AWSControlTowerExecution"),
  },
  {
    rule: "aws-controltower-*",
    because: "AWS Control Tower works through it",
    ...named("aws-controltower-*"),
  },
  {
    rule: "OrganizationAccountAccessRole",
    because: "it is the organization's way into the account",
    ...named("OrganizationAccountAccessRole"),
  },
  {
    rule: "cdk-QUALIFIER-{deploy,file-publishing,image-publishing,lookup,cfn-exec}-role-ACCOUNT-REGION",
    because: "AWS CDK deploys through it",
    excludes: ({ name }, anyCase) => (anyCase ? cdkBootstrapRoleAnyCase : cdkBootstrapRole).test(name),
    matches: { names: cdkBootstrapPurposes.map((purpose) => `cdk-*-${purpose}-role-*`) },
  },
  ownRoles,
];

/**
 * Why a role is out of scope, as a sentence; `undefined` if it is in scope. The built-in rules come first, then the
 * settings' names, paths and tags, each in its order.
 */
export const outOfScope = (role: RoleFacts, excluded: RoleExclusions): string | undefined => {
  const builtIn = builtInExclusions.find((rule) => rule.excludes(role));
  if (builtIn) return `Role ${role.name} is out of scope: ${builtIn.because} (built-in rule ${builtIn.rule}).`;
  const name = excluded.names.find((pattern) => matchesStars(pattern, role.name));
  if (name !== undefined) return bySettings(role, `the name pattern ${name}`);
  const path = excluded.paths.find((pattern) => matchesStars(pattern, role.path));
  if (path !== undefined) return bySettings(role, `the path pattern ${path}`);
  if (!excluded.trustTags) return undefined;
  const tag = Object.entries(excluded.tags).find(
    ([key, pattern]) => Object.hasOwn(role.tags, key) && matchesStars(pattern, role.tags[key] ?? ""),
  );
  return tag && bySettings(role, `the tag ${tag[0]}=${tag[1]}`);
};

const bySettings = (role: RoleFacts, what: string): string =>
  `Role ${role.name} is out of scope: the settings exclude ${what}.`;
