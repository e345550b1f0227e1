import { compliant, defineControl, noOptions, notApplicable, unknown, violation } from "../control.ts";
import { denyUntilMfa } from "./terms/deny-until-mfa.ts";

/** A person can sign in to the console with a password and nothing else. */
export const consoleUserWithoutMfa = defineControl({
  id: "console-user-without-mfa",
  title: "Console user has no MFA device",
  severity: "high",
  frameworks: {
    cis: { "5.0": "1.9", "7.0": "2.10" },
    securityHub: "IAM.5",
    nist: ["AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(2)", "IA-2(6)", "IA-2(8)"],
  },
  subjects: ["user"],
  hints: [
    "iam:CreateLoginProfile",
    "iam:CreateUser",
    "iam:DeactivateMFADevice",
    "iam:DeleteLoginProfile",
    "iam:DeleteUser",
    "iam:DeleteUserPolicy",
    "iam:EnableMFADevice",
    "iam:PutUserPolicy",
    "iam:UpdateUser",
  ],
  credentials: ["loginProfile", "mfaDevices"],
  options: noOptions,
  guidance: {
    what: "An IAM user has a console password and no MFA device.",
    why: "Whoever learns the password, by phishing, reuse or a leak, is signed in as that user. Nothing else stands in the way.",
    counts: [
      "A console user is a user with a login profile. People who sign in through a federation or IAM Identity Center have none and never count.",
      "One active MFA device of any type (passkey, authenticator app, hardware token) is enough.",
      "A policy that denies everything until MFA is used makes the password harmless, but closes nothing: the finding stays open until there is a device or no password.",
      "A user whose login profile or MFA devices may not be read is unknown, neither a finding nor a pass.",
    ],
    fix: {
      cli: `# The user adds a device in the console under "Security credentials". Until then let the console session do only that;
# the user's access keys keep working, because their requests carry no aws:MultiFactorAuthPresent at all.
cat > deny-until-mfa.json <<'JSON'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice", "iam:GetUser", "iam:ChangePassword"],
      "Resource": ["arn:aws:iam::*:mfa/*", "arn:aws:iam::*:user/\${aws:username}", "arn:aws:iam::*:user/*/\${aws:username}"]
    },
    {
      "Effect": "Deny",
      "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice", "iam:GetUser", "iam:ChangePassword", "iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices", "sts:GetSessionToken"],
      "Resource": "*",
      "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "false" } }
    }
  ]
}
JSON
aws iam put-user-policy --user-name USER_NAME --policy-name deny-until-mfa --policy-document file://deny-until-mfa.json

# Or, where nobody needs the console, take the password away: aws iam delete-login-profile --user-name USER_NAME`,
      cloudFormation: `Resources:
  DenyUntilMfa:
    Type: AWS::IAM::UserPolicy
    Properties:
      UserName: USER_NAME
      PolicyName: deny-until-mfa
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: [iam:CreateVirtualMFADevice, iam:EnableMFADevice, iam:ListMFADevices, iam:ResyncMFADevice, iam:GetUser, iam:ChangePassword]
            Resource:
              - arn:aws:iam::*:mfa/*
              - arn:aws:iam::*:user/\${aws:username}
              - arn:aws:iam::*:user/*/\${aws:username}
          - Effect: Deny
            NotAction: [iam:CreateVirtualMFADevice, iam:EnableMFADevice, iam:ListMFADevices, iam:ResyncMFADevice, iam:GetUser, iam:ChangePassword, iam:GetAccountPasswordPolicy, iam:ListVirtualMFADevices, sts:GetSessionToken]
            Resource: "*"
            Condition:
              Bool:
                aws:MultiFactorAuthPresent: "false"`,
      terraform: `locals {
  mfa_self_service = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice", "iam:GetUser", "iam:ChangePassword"]
}

resource "aws_iam_user_policy" "deny_until_mfa" {
  user = "USER_NAME"
  name = "deny-until-mfa"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = local.mfa_self_service
        Resource = ["arn:aws:iam::*:mfa/*", "arn:aws:iam::*:user/$\${aws:username}", "arn:aws:iam::*:user/*/$\${aws:username}"]
      },
      {
        Effect    = "Deny"
        NotAction = concat(local.mfa_self_service, ["iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices", "sts:GetSessionToken"])
        Resource  = "*"
        Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false" } }
      },
    ]
  })
}`,
    },
  },
  evaluate: (user) => {
    if (user.console.known && !user.console.value.enabled) {
      return notApplicable(`User ${user.name} has no console password.`);
    }
    if (user.mfaActive.known && user.mfaActive.value) return compliant;
    if (!user.console.known) {
      return unknown(`Cannot tell whether user ${user.name} has a console password`, user.console.why);
    }
    if (!user.mfaActive.known) {
      return unknown(`Cannot tell whether console user ${user.name} has an MFA device`, user.mfaActive.why);
    }
    return violation(`User ${user.name} can sign in to the console with a password alone: no MFA device is active.`, {
      consolePassword: true,
      mfaActive: false,
    });
  },
  repair: {
    writes: ["DeleteUserPolicy", "PutUserPolicy"],
    plan: (user) => ({ steps: [denyUntilMfa(user)] }),
    contains: "A console session without MFA can do nothing but add a device.",
    notes: [
      "An inline policy, iam-warden-deny-until-mfa, denies what a console session without MFA asks for, except what it takes to add a device. Requests signed with the user's access keys are not affected.",
      "The finding stays open until there is a device or no password; the policy may stand on, for it says nothing of sessions with MFA.",
      "Whoever knows the password can still add a device of their own: tell the user, who has to be first.",
      "A user whose inline policies would exceed 2,048 characters in all, white space not counted, is held.",
    ],
  },
});
