import type { EscalationPath, Need, Target } from "./path.ts";

type Identity = Omit<EscalationPath, "needs" | "passedTo">;

const path = (rest: Identity, needs: readonly (readonly [action: string, on: Target])[]): EscalationPath => ({
  ...rest,
  needs: needs.map(([action, on]): Need => ({ action: `iam:${action}`, on })),
});

const grantsItself = { kind: "grant-itself", judged: "open" } as const;
const takesOver = { kind: "take-over", judged: "byTarget" } as const;

const onItself: readonly EscalationPath[] = (["user", "role"] as const).flatMap((who) => {
  const Kind = who === "user" ? "User" : "Role";
  const own = (id: string, action: string, how: string, only?: EscalationPath["only"]) =>
    path({ id: `${id}-${who}`, ...grantsItself, who, how, ...(only && { only }) }, [[action, "self"]]);
  return [
    own(
      "attach-policy-to-own",
      `Attach${Kind}Policy`,
      "Attaches any managed policy to itself, AdministratorAccess included.",
    ),
    own("put-policy-on-own", `Put${Kind}Policy`, "Writes itself an inline policy that allows everything."),
    own(
      "delete-boundary-of-own",
      `Delete${Kind}PermissionsBoundary`,
      "Takes its own permissions boundary off.",
      "withBoundary",
    ),
    own(
      "replace-boundary-of-own",
      `Put${Kind}PermissionsBoundary`,
      "Puts a wider boundary in place of its own.",
      "withBoundary",
    ),
    own(
      "detach-denial-of-own",
      `Detach${Kind}Policy`,
      "Detaches the managed policy that denies it something.",
      "withDenial",
    ),
    own(
      "delete-denial-of-own",
      `Delete${Kind}Policy`,
      "Deletes the inline policy that denies it something.",
      "withDenial",
    ),
  ];
});

const onPoliciesAndGroups: readonly EscalationPath[] = [
  path(
    {
      id: "create-policy-version",
      kind: "grant-itself",
      judged: "byTarget",
      how: "Writes a new default version of a managed policy that it has, which allows everything.",
    },
    [["CreatePolicyVersion", "policy"]],
  ),
  path(
    {
      id: "set-default-policy-version",
      kind: "grant-itself",
      judged: "byTarget",
      how: "Makes an older version of a managed policy that it has the default, which may allow more.",
    },
    [["SetDefaultPolicyVersion", "policy"]],
  ),
  path(
    {
      id: "attach-policy-to-group",
      kind: "grant-itself",
      judged: "byTarget",
      who: "user",
      how: "Attaches any managed policy to a group that it is in.",
    },
    [["AttachGroupPolicy", "group"]],
  ),
  path(
    {
      id: "put-policy-on-group",
      kind: "grant-itself",
      judged: "byTarget",
      who: "user",
      how: "Writes an inline policy that allows everything for a group that it is in.",
    },
    [["PutGroupPolicy", "group"]],
  ),
  path(
    {
      id: "add-itself-to-group",
      kind: "grant-itself",
      judged: "byTarget",
      who: "user",
      how: "Adds itself to a group that may do more.",
    },
    [["AddUserToGroup", "group"]],
  ),
];

/** What a role grants to a user has whoever is that user and assumes the role. */
const onUsersByRoles: readonly EscalationPath[] = (
  [
    ["attach-policy-to-user", "AttachUserPolicy", "user", "Attaches any managed policy to the user behind it."],
    ["put-policy-on-user", "PutUserPolicy", "user", "Writes the user behind it a policy that allows everything."],
    [
      "attach-policy-to-group-of-user",
      "AttachGroupPolicy",
      "group",
      "Attaches any managed policy to a group of the user behind it.",
    ],
    ["put-policy-on-group-of-user", "PutGroupPolicy", "group", "Lets a group of the user behind it do everything."],
    ["add-user-to-group", "AddUserToGroup", "group", "Adds the user behind it to a group that may do more."],
  ] as const
).map(([id, action, on, how]) => path({ id, ...takesOver, who: "role", how }, [[action, on]]));

const onUsers: readonly EscalationPath[] = [
  path({ id: "create-access-key", ...takesOver, how: "Makes an access key of a user who may do more." }, [
    ["CreateAccessKey", "user"],
  ]),
  path(
    {
      id: "create-login-profile",
      ...takesOver,
      how: "Gives a user who may do more, and has none, a console password.",
    },
    [["CreateLoginProfile", "user"]],
  ),
  path({ id: "update-login-profile", ...takesOver, how: "Sets the console password of a user who may do more." }, [
    ["UpdateLoginProfile", "user"],
  ]),
  path(
    {
      id: "create-user-with-attached-policy",
      ...takesOver,
      judged: "open",
      how: "Makes a user, attaches any policy to it, and makes itself an access key of it.",
    },
    [
      ["CreateUser", "user"],
      ["AttachUserPolicy", "user"],
      ["CreateAccessKey", "user"],
    ],
  ),
  path(
    {
      id: "create-user-with-inline-policy",
      ...takesOver,
      judged: "open",
      how: "Makes a user, writes it a policy that allows everything, and makes itself an access key of it.",
    },
    [
      ["CreateUser", "user"],
      ["PutUserPolicy", "user"],
      ["CreateAccessKey", "user"],
    ],
  ),
];

const assume = { action: "sts:AssumeRole", on: "role" } as const;
const thenAssumes = (id: string, action: string, how: string, rest: Partial<Identity> = {}): EscalationPath => {
  const { needs, ...found } = path({ id, ...takesOver, judged: "open", how, ...rest }, [[action, "role"]]);
  return { ...found, needs: [...needs, assume] };
};

const onRoles: readonly EscalationPath[] = [
  path(
    {
      id: "update-trust-policy",
      ...takesOver,
      how: "Lets itself into a role that may do more: a trust policy that names it needs no other permission.",
    },
    [["UpdateAssumeRolePolicy", "role"]],
  ),
  thenAssumes(
    "attach-policy-to-assumable-role",
    "AttachRolePolicy",
    "Attaches any managed policy to a role, and assumes it.",
  ),
  thenAssumes(
    "put-policy-on-assumable-role",
    "PutRolePolicy",
    "Writes a role an inline policy that allows everything, and assumes it.",
  ),
  thenAssumes(
    "delete-boundary-of-assumable-role",
    "DeleteRolePermissionsBoundary",
    "Takes the boundary off a role, and assumes it.",
    { judged: "byTarget" },
  ),
  path(
    {
      id: "create-role-with-attached-policy",
      ...takesOver,
      judged: "open",
      how: "Makes a role that trusts it, and attaches any policy to it.",
    },
    [
      ["CreateRole", "role"],
      ["AttachRolePolicy", "role"],
    ],
  ),
  path(
    {
      id: "create-role-with-inline-policy",
      ...takesOver,
      judged: "open",
      how: "Makes a role that trusts it, and writes it a policy that allows everything.",
    },
    [
      ["CreateRole", "role"],
      ["PutRolePolicy", "role"],
    ],
  ),
  path(
    {
      id: "update-saml-provider",
      ...takesOver,
      how: "Puts its own signing key in place of an identity provider's, and signs in as whoever the provider may vouch for.",
    },
    [["UpdateSAMLProvider", "samlProvider"]],
  ),
];

/** Paths through IAM itself. */
export const identityPaths: readonly EscalationPath[] = [
  ...onItself,
  ...onPoliciesAndGroups,
  ...onUsersByRoles,
  ...onUsers,
  ...onRoles,
];
