import { compliant, defineControl, noOptions, notApplicable, unknown, violation } from "../control.ts";
import { deleteRootAccessKeys, deleteRootPassword } from "../remediation/step.ts";
import { asMemberRoot, beyondCentralRoot } from "./terms/root/member-root.ts";
import { noRootCredentials, rootCredentials } from "./terms/root/root-credentials.ts";

/** The root user has credentials and no MFA device. */
export const rootWithoutMfa = defineControl({
  id: "root-without-mfa",
  title: "Root user has no MFA device",
  severity: "critical",
  frameworks: {
    cis: { "5.0": "1.4", "7.0": "2.5" },
    securityHub: "IAM.9",
    nist: ["AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(2)", "IA-2(6)", "IA-2(8)"],
  },
  subjects: ["root"],
  hints: [
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:DeactivateMFADevice",
    "iam:DeleteAccessKey",
    "iam:DeleteLoginProfile",
    "iam:EnableMFADevice",
    "signin:PasswordRecoveryCompleted",
  ],
  options: noOptions,
  guidance: {
    what: "The account's root user has a password or access keys, and no MFA device.",
    why: "Root can do everything in the account, no policy in it can stop root, and its password can be reset by whoever reads the account's mailbox.",
    counts: [
      "A root user without password and access keys (a member account under central root access) has nothing to protect: not applicable.",
      "Root's row may be missing from the credential report; then the account summary answers, and what neither says is unknown.",
      "An inactive MFA with a password that nobody may look up is unknown, unless root has an access key: then it is a finding either way.",
    ],
    fix: {
      cli: `# In a member account, best of all: let root have no credentials. From the management account or the delegated
# administrator for IAM, once for the organization:
aws iam enable-organizations-root-credentials-management
aws iam enable-organizations-root-sessions
# then for the account:
${asMemberRoot("IAMDeleteRootUserCredentials", "aws iam delete-login-profile")}

# In the management account: sign in as root, then "Security credentials", "Assign MFA device". Afterwards this prints 1:
aws iam get-account-summary --query SummaryMap.AccountMFAEnabled`,
      cloudFormation: `# CloudFormation cannot give root an MFA device. In member accounts it can make sure that root is not used without one.
Resources:
  DenyRootWithoutMfa:
    Type: AWS::Organizations::Policy
    Properties:
      Name: deny-root-without-mfa
      Type: SERVICE_CONTROL_POLICY
      TargetIds: [OU_ID]
      Content:
        Version: "2012-10-17"
        Statement:
          - Effect: Deny
            NotAction: [iam:CreateVirtualMFADevice, iam:EnableMFADevice, iam:ListMFADevices, iam:ListVirtualMFADevices, iam:ResyncMFADevice, iam:GetUser, sts:GetSessionToken]
            Resource: "*"
            Condition:
              ArnLike:
                aws:PrincipalArn: arn:*:iam::*:root
              "Null":
                aws:AssumedRoot: "true"
              BoolIfExists:
                aws:MultiFactorAuthPresent: "false"`,
      terraform: `# Central root access for the organization; then delete the member's root credentials as shown for the AWS CLI.
resource "aws_iam_organizations_features" "root" {
  enabled_features = ["RootCredentialsManagement", "RootSessions"]
}`,
    },
  },
  evaluate: (root) => {
    const credentials = rootCredentials(root);
    if (credentials.known && !credentials.present) return notApplicable(noRootCredentials(root));
    if (root.mfaActive.known && root.mfaActive.value) return compliant;
    if (!root.mfaActive.known) {
      return unknown(
        `Cannot tell whether the root user of account ${root.account.id} has an MFA device`,
        root.mfaActive.why,
      );
    }
    if (!credentials.known) {
      return unknown(
        `The root user of account ${root.account.id} has no MFA device, but whether it has any credentials cannot be told`,
        credentials.why,
      );
    }
    return violation(`The root user of account ${root.account.id} has credentials and no MFA device.`, {
      passwordEnabled: root.passwordEnabled.known ? root.passwordEnabled.value : null,
      accessKeysPresent: root.accessKeysPresent.known ? root.accessKeysPresent.value : null,
      mfaActive: false,
    });
  },
  repair: {
    writes: ["root:DeleteAccessKey", "root:DeleteLoginProfile"],
    plan: (root, { repair }) => {
      const held = beyondCentralRoot(root.account.id, repair);
      return held === undefined ? { steps: [deleteRootAccessKeys(), deleteRootPassword()] } : { held };
    },
    notes: [
      "The access keys and the password of the member's root are deleted in a session of central root access that can do nothing else: a root without credentials needs no device. Nothing undoes it, so a person has to approve it.",
      "The management account's root is out of reach: there it is held.",
    ],
  },
});
