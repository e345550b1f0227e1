import { describe, expect, it } from "vitest";
import type { RoleExclusions } from "../../shared/control.ts";
import { controlById } from "../../shared/controls/catalogue.ts";
import type { AnyFacts } from "../../shared/facts/facts.ts";
import { neighboursNotRead } from "../../shared/facts/neighbours.ts";
import { authorize } from "../../shared/remediation/authorization.ts";
import { notProtected, type ProtectedPrincipals } from "../../shared/remediation/not-protected.ts";
import { type Prepared, prepare } from "../../shared/remediation/prepare.ts";
import {
  type AnyStep,
  deactivateAccessKey,
  deleteRootAccessKeys,
  putRoleBoundary,
  putUserPolicy,
  updatePasswordPolicy,
} from "../../shared/remediation/step.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import {
  accessKeyFacts,
  accountFacts,
  now,
  organization,
  passwordPolicy,
  roleFacts,
  rootFacts,
  userFacts,
} from "../support/facts.ts";
import { findingOf, nothingHolds, requestFor } from "../support/repair-world.ts";
import { bob, rootWithKeys } from "./worlds.ts";

const none: ProtectedPrincipals = { users: [], roles: [], paths: [] };
const noExclusions: RoleExclusions = { names: [], paths: [], tags: {}, trustTags: false };

const subjectOf = (facts: AnyFacts) => {
  if (facts.kind === "accessKey")
    return { kind: facts.kind, name: facts.userName, accessKeyId: "AKIA1", arn: facts.userArn };
  const name = facts.kind === "user" || facts.kind === "role" ? facts.name : facts.kind;
  return { kind: facts.kind, name, arn: facts.arn };
};

const stepOf = (facts: AnyFacts): AnyStep => {
  if (facts.kind === "user") return putUserPolicy({ userName: facts.name, policyName: "p", document: "{}" });
  if (facts.kind === "accessKey") return deactivateAccessKey(facts.userName, "AKIA1");
  if (facts.kind === "role") return putRoleBoundary(facts.name, "arn");
  if (facts.kind === "account") return updatePasswordPolicy(passwordPolicy());
  return deleteRootAccessKeys();
};

const preparedFor = (
  facts: AnyFacts,
  { isGone = false, step = stepOf(facts), excludedRoles = noExclusions, arn = subjectOf(facts).arn } = {},
): Prepared => {
  const control = controlById("role-without-boundary");
  if (control?.type !== "state") throw new Error("no such control");
  const repair = { boundaryArn: "arn", centralRootAccess: true };
  const context = { now, options: {} as never, excludedRoles, organization, neighbours: neighboursNotRead, repair };
  return {
    request: requestFor(control, findingOf(control, facts, { ...subjectOf(facts), arn }), context),
    stage: "repair",
    ...(!isGone && { facts }),
    steps: [{ step, before: { kind: "gone", what: "a test" } }],
    number: 1,
    digest: "d",
    preparedAt: now,
  };
};

const user = (name: string, path = "/") =>
  userFacts({ name, path, arn: `arn:aws:iam::111122223333:user${path}${name}` });
const key = (userName: string, userPath = "/") =>
  accessKeyFacts({ userName, userPath, userArn: `arn:aws:iam::111122223333:user${userPath}${userName}` });
const role = (name: string, path = "/") => roleFacts({ name, path });

const glass: ProtectedPrincipals = {
  users: ["break-glass-*", "Admin"],
  roles: ["BreakGlass"],
  paths: ["/ops/*", "/exact/"],
};

describe("what is protected", () => {
  it.each<[string, AnyFacts, string]>([
    [
      "a user by name",
      user("Admin"),
      "User Admin is protected: the settings protect Admin (protectedPrincipals.users).",
    ],
    [
      "in another case",
      user("aDMIN"),
      "User aDMIN is protected: the settings protect Admin (protectedPrincipals.users).",
    ],
    [
      "by pattern",
      user("Break-Glass-2"),
      "User Break-Glass-2 is protected: the settings protect break-glass-* (protectedPrincipals.users).",
    ],
    ["its keys", key("admin"), "User admin is protected: the settings protect Admin (protectedPrincipals.users)."],
    [
      "a role by name",
      role("breakglass"),
      "Role breakglass is protected: the settings protect BreakGlass (protectedPrincipals.roles).",
    ],
    [
      "a user by path",
      user("x", "/OPS/on-call/"),
      "User x is protected: the settings protect /ops/* (protectedPrincipals.paths).",
    ],
    [
      "a key by its user's path",
      key("x", "/ops/"),
      "User x is protected: the settings protect /ops/* (protectedPrincipals.paths).",
    ],
    [
      "a role by path",
      role("x", "/Exact/"),
      "Role x is protected: the settings protect /exact/ (protectedPrincipals.paths).",
    ],
    [
      "iam-warden's own role",
      role("iam-warden-remediate"),
      "Role iam-warden-remediate is protected: it is iam-warden's own (built-in rule iam-warden-*).",
    ],
    [
      "whatever its case",
      role("IAM-Warden-audit"),
      "Role IAM-Warden-audit is protected: it is iam-warden's own (built-in rule iam-warden-*).",
    ],
    ["whatever its name", role("Scanner"), "Role Scanner is protected: it is iam-warden's own."],
    [
      "a service-linked role",
      role("x", "/aws-service-role/s.amazonaws.com/"),
      "Role x is protected: AWS alone makes and changes it (built-in rule path /aws-service-role/).",
    ],
    [
      "what AWS reserves",
      role("x", "/AWS-reserved/sso/"),
      "Role x is protected: AWS alone makes and changes it (built-in rule path /aws-reserved/).",
    ],
    [
      "the organization's way in",
      role("organizationaccountaccessrole"),
      "Role organizationaccountaccessrole is protected: it is the organization's way into the account (built-in rule OrganizationAccountAccessRole).",
    ],
    [
      "a role of CDK's bootstrap",
      role("CDK-hnb659fds-deploy-role-111122223333-eu-west-1"),
      "Role CDK-hnb659fds-deploy-role-111122223333-eu-west-1 is protected: AWS CDK deploys through it (built-in rule cdk-QUALIFIER-{deploy,file-publishing,image-publishing,lookup,cfn-exec}-role-ACCOUNT-REGION).",
    ],
    [
      "a Cyrillic look-alike",
      user("аdmin"),
      "User \\u{430}dmin is protected: IAM gives no such name, so it cannot be told from others.",
    ],
    [
      "a full-width look-alike",
      role("\uff22reakGlass"),
      "Role \\u{ff22}reakGlass is protected: IAM gives no such name, so it cannot be told from others.",
    ],
    [
      "a letter that folds to an ASCII one",
      role("Brea\u212aGlass"),
      "Role Brea\\u{212a}Glass is protected: IAM gives no such name, so it cannot be told from others.",
    ],
    [
      "an invisible character",
      user("adm\u200bin"),
      "User adm\\u{200b}in is protected: IAM gives no such name, so it cannot be told from others.",
    ],
    [
      "a line break at the end",
      user("admin\n"),
      "User admin\\u{a} is protected: IAM gives no such name, so it cannot be told from others.",
    ],
    [
      "a pattern as a name",
      user("*"),
      "User * is protected: IAM gives no such name, so it cannot be told from others.",
    ],
    ["no name", user(""), "User  is protected: IAM gives no such name, so it cannot be told from others."],
    [
      "a look-alike path",
      user("x", "/оps/"),
      "User x is protected: IAM gives no such path as /\\u{43e}ps/, so it cannot be told from others.",
    ],
    [
      "a path that is none",
      role("x", "ops"),
      "Role x is protected: IAM gives no such path as ops, so it cannot be told from others.",
    ],
  ])("%s", async (_name, facts, why) => {
    expect(await notProtected(glass, ["scanner"])(preparedFor(facts))).toBe(why);
    // The finding's ARN says the same once the subject is gone.
    if (!why.includes("no such path as ops"))
      expect(await notProtected(glass, ["scanner"])(preparedFor(facts, { isGone: true }))).toBe(why);
  });

  it.each<[string, AnyFacts]>([
    ["a user with a role's protected name", user("BreakGlass")],
    ["a user named like a built-in role", user("iam-warden-audit")],
    ["a role with a user's protected name", role("Admin")],
    ["a name that holds a protected one", user("Admin2")],
    ["a name that is held by one", user("break-glass")],
    ["a path that begins alike", role("x", "/opsy/")],
    ["a path below one that is meant exactly", role("x", "/exact/more/")],
    ["a path that holds a built-in one", role("x", "/mine/aws-reserved/")],
    ["a key of another user", key("bob")],
    ["an ordinary role", role("app", "/team/")],
    ["root", rootFacts()],
    ["the account", accountFacts()],
  ])("not %s", async (_name, facts) => {
    expect(await notProtected(glass)(preparedFor(facts))).toBeUndefined();
    expect(await notProtected(glass)(preparedFor(facts, { isGone: true }))).toBeUndefined();
  });

  it.each([
    ["name", role("LEGACY-app"), "Role LEGACY-app is protected: the settings exclude legacy-* (excludedRoles)."],
    ["path", role("x", "/vendor/a/"), "Role x is protected: the settings exclude /vendor/* (excludedRoles)."],
    [
      "tag",
      roleFacts({ tags: { team: "network" } }),
      "Role app is out of scope: the settings exclude the tag team=network.",
    ],
  ])("a role that the settings exclude by %s", async (_name, facts, why) => {
    const excludedRoles = { names: ["legacy-*"], paths: ["/vendor/*"], tags: { team: "network" }, trustTags: true };
    expect(await notProtected(none)(preparedFor(facts, { excludedRoles }))).toBe(why);
  });

  it("a tag excuses nothing unless tags are trusted", async () => {
    const excludedRoles = { ...noExclusions, tags: { team: "network" } };
    const facts = roleFacts({ tags: { team: "network" } });
    expect(await notProtected(none)(preparedFor(facts, { excludedRoles }))).toBeUndefined();
  });

  it("goes by the live path, not by that of the finding", async () => {
    const moved = { arn: "arn:aws:iam::111122223333:user/elsewhere/x" };
    expect(await notProtected(glass)(preparedFor(user("x", "/ops/"), moved))).toMatch(/protected/);
  });

  it.each<[string, AnyFacts, AnyStep, string]>([
    ["another user", user("bob"), stepOf(user("Admin")), "PutUserPolicy on user Admin"],
    ["a role of the same name", user("bob"), stepOf(role("bob")), "PutRolePermissionsBoundary on role bob"],
    ["root", user("bob"), deleteRootAccessKeys(), "root:DeleteAccessKey on root"],
    [
      "the account, for root",
      rootFacts(),
      updatePasswordPolicy(passwordPolicy()),
      "UpdateAccountPasswordPolicy on account",
    ],
    ["root, for the account", accountFacts(), deleteRootAccessKeys(), "root:DeleteAccessKey on root"],
    ["a user, for root", rootFacts(), deactivateAccessKey("bob", "AKIA1"), "UpdateAccessKey on user bob"],
  ])("a plan may not write to %s", async (_name, facts, step, what) => {
    const why = `The plan would ${what}, which its finding is not about.`;
    expect(await notProtected(none)(preparedFor(facts, { step }))).toBe(why);
  });

  it("holds where neither facts nor finding say who it is", async () => {
    const prepared = preparedFor(user("bob"), { isGone: true, arn: "bob" });
    const interlocks = { ...nothingHolds, notProtected: notProtected(none) };
    expect(await authorize(interlocks, prepared, { by: "ladder", why: "late" })).toMatchObject({
      outcome: "held",
      interlock: "notProtected",
      why: expect.stringContaining("not an ARN"),
    });
    expect(await notProtected(none)(preparedFor(user("bob"), { isGone: true, arn: "arn:aws:iam::1:bob" }))).toMatch(
      /no such path/,
    );
  });

  it("real plans pass it, and are held by what warden.config.yaml protects", async () => {
    const { protectedPrincipals } = parseSettings("version: 1\nprotectedPrincipals: { users: [BOB] }\n", "f");
    for (const [world, why] of [
      [bob(), "User bob is protected: the settings protect BOB (protectedPrincipals.users)."],
      [rootWithKeys(), undefined],
    ] as const) {
      const preparation = await prepare(world.run(), world.request);
      if (preparation.outcome !== "ready") throw new Error(preparation.outcome);
      expect(await notProtected(none)(preparation.prepared)).toBeUndefined();
      expect(await notProtected(protectedPrincipals)(preparation.prepared)).toBe(why);
    }
  });
});
