import { busName, ruleName } from "../names.ts";
import { iamArn, type Place, type PolicyStatement } from "./place.ts";
import { builtInRoles } from "./protected.ts";

/**
 * The boundary that iam-warden puts into each account, for everything that people and pipelines make there: all services, in
 * all Regions, but no way to more than it allows.
 *
 * Of IAM it names what may be done, so that what AWS adds to IAM tomorrow is not allowed unseen. Who has it cannot take it off
 * anybody, makes principals only with it, changes only the permissions of principals that have it, and changes neither it nor
 * iam-warden. A principal without it is a way around it, for whoever may pass or assume that: so it holds once every role in
 * scope has it, and the roles that by the built-in rules never have it can be neither passed nor opened to others.
 *
 * CDK's bootstrap roles stay open to whom they trust, or nothing could be deployed through them: let them have it too
 * (`cdk bootstrap --custom-permissions-boundary iam-warden-boundary`). No service but IAM and EventBridge has exceptions: of a
 * service with exceptions nobody could tell whether attaching the boundary breaks what a role does with it.
 */
export const developerBoundary = (place: Place, ownArn: string): readonly PolicyStatement[] => {
  const principals = [iamArn(place, "role/*"), iamArn(place, "user/*")];
  const own = { StringEquals: { "iam:PermissionsBoundary": ownArn } };
  return [
    {
      Sid: "AllButIdentities",
      Effect: "Allow",
      NotAction: ["account:*", "iam:*", "identitystore:*", "organizations:*", "sso-directory:*", "sso:*"],
      Resource: "*",
    },
    { Sid: "SeeIdentities", Effect: "Allow", Action: reads, Resource: "*" },
    { Sid: "MakeBounded", Effect: "Allow", Action: onPrincipals, Resource: principals, Condition: own },
    { Sid: "ManageRoles", Effect: "Allow", Action: manages, Resource: "*" },
    {
      Sid: "OwnCredentials",
      Effect: "Allow",
      Action: ownCredentials,
      // On whatever path: no two users of an account have the same name.
      Resource: ["user/${aws:username}", "user/*/${aws:username}", "mfa/${aws:username}"].map((resource) =>
        iamArn(place, resource),
      ),
    },
    { Sid: "NeverTakeItOff", Effect: "Deny", Action: takesOff, Resource: "*" },
    {
      Sid: "NeverMakeUnbounded",
      Effect: "Deny",
      Action: bounds,
      Resource: "*",
      Condition: { StringNotEquals: { "iam:PermissionsBoundary": ownArn } },
    },
    {
      Sid: "NeverChangeIamWarden",
      Effect: "Deny",
      Action: iamChanges,
      Resource: ["role/iam-warden-*", "role/*/iam-warden-*", "policy/iam-warden-*", "policy/*/iam-warden-*"].map(
        (resource) => iamArn(place, resource),
      ),
    },
    {
      Sid: "NeverStopItsEvents",
      Effect: "Deny",
      Action: ruleChanges,
      Resource: [`arn:${place.partition}:events:*:${place.accountId}:rule/${ruleName("*")}`],
    },
    { Sid: "NeverOpenUnbounded", Effect: "Deny", Action: opens, Resource: builtInRoles(place) },
  ];
};

/** What the boundary denies besides in the hub, where iam-warden itself runs: whatever reaches into that. */
export const hubBoundary = ({ partition, accountId }: Place): readonly PolicyStatement[] => {
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:*:${accountId}:${resource}`;
  const functions = arn("lambda", "function:iam-warden-*");
  return [
    {
      Sid: "NeverReachIntoTheHub",
      Effect: "Deny",
      Action: [
        ...["chatbot:*", "cloudformation:*", "dynamodb:*", "events:*", "logs:Delete*", "logs:Put*", "scheduler:*"],
        ...[
          "s3:*",
          "sns:*",
          "sqs:*",
          "states:*",
          "lambda:Add*",
          "lambda:Create*",
          "lambda:Delete*",
          "lambda:Put*",
          "lambda:Remove*",
        ],
        ...["lambda:Tag*", "lambda:Untag*", "lambda:Update*"],
        ...["appconfig:Create*", "appconfig:Delete*", "appconfig:St*Deployment", "appconfig:Update*"],
      ],
      Resource: [
        arn("appconfig", "*"), // By ids alone: nothing tells the settings from what others keep there.
        arn("chatbot", "*/iam-warden-*"),
        arn("cloudformation", "stack*/iam-warden-*"), // Stacks and stack sets.
        arn("dynamodb", "table/iam-warden-*"),
        arn("events", `*/${busName}*`), // The bus, its rules and its archive.
        functions,
        arn("logs", "log-group:*iam-warden-*"),
        `arn:${partition}:s3:::iam-warden-*`, // The reports name whom to attack.
        arn("scheduler", "schedule/*/iam-warden-*"),
        arn("sns", "iam-warden-*"),
        arn("sqs", "iam-warden-*"),
        arn("states", "*:iam-warden-*"),
      ],
    },
    {
      // Who invokes a function other than through its URL can say to be anybody.
      Sid: "NeverPretendToBeOthers",
      Effect: "Deny",
      Action: ["lambda:InvokeAsync", "lambda:InvokeFunction"],
      Resource: functions,
      Condition: { BoolIfExists: { "lambda:InvokedViaFunctionUrl": "false" } },
    },
  ];
};

const reads = [
  "account:Get*",
  "account:List*",
  "iam:GenerateCredentialReport",
  "iam:GenerateServiceLastAccessedDetails",
  "iam:Get*",
  "iam:List*",
  "iam:Simulate*",
  "organizations:Describe*",
  "organizations:List*",
  "sso:Describe*",
  "sso:Get*",
  "sso:List*",
];

/** What puts a boundary on a principal. */
const bounds = ["iam:CreateRole", "iam:CreateUser", "iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary"];

const takesOff = ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"];

/** Of what changes a principal's permissions, all that IAM can limit to principals with a boundary. */
const onPrincipals = [
  ...bounds,
  "iam:AttachRolePolicy",
  "iam:AttachUserPolicy",
  "iam:DeleteRolePolicy",
  "iam:DeleteUserPolicy",
  "iam:DetachRolePolicy",
  "iam:DetachUserPolicy",
  "iam:PutRolePolicy",
  "iam:PutUserPolicy",
];

/** Roles of others that a principal with the boundary could become somebody else by. */
const opens = ["iam:PassRole", "iam:UpdateAssumeRolePolicy"];

/** Whatever changes or hands on something of IAM. */
const iamChanges = [
  ...["iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:Pass*", "iam:Put*", "iam:Remove*"],
  ...["iam:Set*", "iam:Tag*", "iam:Untag*", "iam:Update*", "iam:Upload*"],
];

const manages = [
  ...opens,
  "iam:AddRoleToInstanceProfile",
  "iam:CreateInstanceProfile",
  "iam:CreatePolicy",
  "iam:CreatePolicyVersion",
  "iam:CreateServiceLinkedRole",
  "iam:DeleteInstanceProfile",
  "iam:DeletePolicy",
  "iam:DeletePolicyVersion",
  "iam:DeleteRole",
  "iam:DeleteServiceLinkedRole",
  "iam:RemoveRoleFromInstanceProfile",
  "iam:SetDefaultPolicyVersion",
  "iam:TagInstanceProfile",
  "iam:TagPolicy",
  "iam:TagRole",
  "iam:UntagInstanceProfile",
  "iam:UntagPolicy",
  "iam:UntagRole",
  "iam:UpdateRole",
  "iam:UpdateRoleDescription",
];

const ownCredentials = [
  "iam:ChangePassword",
  "iam:CreateAccessKey",
  "iam:CreateVirtualMFADevice",
  "iam:DeleteAccessKey",
  "iam:EnableMFADevice",
  "iam:ResyncMFADevice",
  "iam:UpdateAccessKey",
];

const ruleChanges = [
  "events:DeleteRule",
  "events:DisableRule",
  "events:EnableRule",
  "events:PutRule",
  "events:PutTargets",
  "events:RemoveTargets",
  "events:TagResource",
  "events:UntagResource",
];
