import { roleNames, ruleName } from "../names.ts";
import type { PolicyStatement } from "./place.ts";
import { protectedRoleNames } from "./protected.ts";

/** Where service control policies hold. */
export interface Guarded {
  readonly partition: string;
  readonly hubAccountId: string;
}

const roleArn = ({ partition }: Guarded, name: string, accountId = "*"): string =>
  `arn:${partition}:iam::${accountId}:role/${name}`;

/** Whoever deploys iam-warden: StackSets in the members, CloudFormation for CDK in the hub. */
const deployers = (at: Guarded): readonly string[] => [
  roleArn(at, "stacksets-exec-*"),
  roleArn(at, "cdk-*-cfn-exec-role-*", at.hubAccountId),
];

/**
 * Nothing in a member as its root, but what central root access does for the organization: without that exception nobody
 * could take root's credentials away.
 */
export const denyRoot = ({ partition }: Guarded): readonly PolicyStatement[] => [
  {
    Sid: "DenyRoot",
    Effect: "Deny",
    Action: ["*"],
    Resource: "*",
    Condition: {
      ArnLike: { "aws:PrincipalArn": `arn:${partition}:iam::*:root` },
      Null: { "aws:AssumedRoot": "true" },
    },
  },
];

/**
 * iam-warden's roles, rules and boundary stay as they were deployed, whoever administers the account. So do the roles of
 * StackSets, which AWS alone makes: whoever could make one would be taken for who deploys.
 */
export const protectIamWarden = (at: Guarded): readonly PolicyStatement[] => [
  {
    Sid: "ProtectIamWarden",
    Effect: "Deny",
    Action: [
      ...[
        "iam:AcquireRole",
        "iam:Add*",
        "iam:Attach*",
        "iam:Create*",
        "iam:Delete*",
        "iam:Detach*",
        "iam:PassRole",
        "iam:Put*",
      ],
      ...["iam:Set*", "iam:Untag*", "iam:Update*"],
      // Enabling one that hears reads makes it hear writes alone.
      ...[
        "events:DeleteRule",
        "events:DisableRule",
        "events:EnableRule",
        "events:PutRule",
        "events:PutTargets",
        "events:RemoveTargets",
      ],
      ...["events:TagResource", "events:UntagResource"],
      ...["sqs:AddPermission", "sqs:DeleteQueue", "sqs:PurgeQueue", "sqs:RemovePermission", "sqs:SetQueueAttributes"],
    ],
    Resource: [
      ...protectedInIam(at),
      `arn:${at.partition}:events:*:*:rule/${ruleName("*")}`,
      `arn:${at.partition}:sqs:*:*:iam-warden-*`,
    ],
    Condition: { ArnNotLike: { "aws:PrincipalArn": deployers(at) } },
  },
  {
    Sid: "ProtectTags",
    Effect: "Deny",
    Action: ["iam:Tag*"],
    Resource: protectedInIam(at),
    // It leaves its mark on itself, and its own policy lets it tag nothing else.
    Condition: { ArnNotLike: { "aws:PrincipalArn": [...deployers(at), roleArn(at, roleNames.audit)] } },
  },
];

const protectedInIam = (at: Guarded): readonly string[] => [
  ...["iam-warden-*", "*/iam-warden-*", "stacksets-exec-*", "*/stacksets-exec-*"].map((name) => roleArn(at, name)),
  `arn:${at.partition}:iam::*:policy/iam-warden-*`,
];

/**
 * No role without a boundary that is approved, and none taken off. Left out are the roles that by the built-in rules have
 * none; of those, names alone keep nobody from making one, so let only those who may have them make them.
 * @param boundaries by name, with path
 */
export const requireBoundary = (at: Guarded, boundaries: readonly string[]): readonly PolicyStatement[] => {
  const NotResource = protectedRoleNames.map((name) => roleArn(at, name));
  // iam-warden's own undo brings back whatever stood there before.
  const byOthers = { "aws:PrincipalArn": [roleArn(at, "iam-warden-remediate"), ...deployers(at)] };
  const unapproved = {
    "iam:PermissionsBoundary": boundaries.map((name) => `arn:${at.partition}:iam::*:policy/${name}`),
  };
  return [
    {
      Sid: "RequireBoundary",
      Effect: "Deny",
      // A template of AWS brings its own boundary, if any: no role of one is approved.
      Action: ["iam:AcquireRole", "iam:CreateRole", "iam:PutRolePermissionsBoundary"],
      NotResource,
      Condition: { ArnNotLike: { ...unapproved, ...byOthers } },
    },
    {
      Sid: "KeepBoundary",
      Effect: "Deny",
      Action: ["iam:DeleteRolePermissionsBoundary"],
      NotResource,
      Condition: { ArnNotLike: byOthers },
    },
  ];
};
