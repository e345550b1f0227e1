import { compliant, defineControl, noOptions, notApplicable, unknown, violation } from "../control.ts";
import { asMemberRoot } from "./terms/root/member-root.ts";
import { noRootCredentials, rootCredentials } from "./terms/root/root-credentials.ts";

/** Root's MFA is an authenticator app, whose secret can be copied. */
export const rootMfaNotHardware = defineControl({
  id: "root-mfa-not-hardware",
  title: "Root user's MFA device is virtual",
  severity: "medium",
  frameworks: {
    cis: { "5.0": "1.5", "7.0": "2.6" },
    securityHub: "IAM.6",
    nist: ["AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(2)", "IA-2(6)", "IA-2(8)"],
  },
  subjects: ["root"],
  hints: [
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:DeactivateMFADevice",
    "iam:DeleteAccessKey",
    "iam:DeleteLoginProfile",
    "iam:DeleteVirtualMFADevice",
    "iam:EnableMFADevice",
    "signin:PasswordRecoveryCompleted",
  ],
  options: noOptions,
  guidance: {
    what: "The root user's MFA is active and a virtual device (an authenticator app) is assigned to it.",
    why: "The secret of an authenticator app can be copied, backed up to a cloud or lost with a phone; its codes can be phished. A hardware token or security key holds its secret and, as FIDO2, answers only the real site.",
    counts: [
      "It is a finding only if MFA is active and a virtual device is assigned to root. A virtual device beside a hardware one counts: root can sign in with either.",
      "Root without any MFA device is the matter of root-without-mfa and not applicable here; so is root without password and access keys.",
      "AWS does not say whether a passkey lives in a security key or is synced between devices: both pass.",
      "Where the virtual devices may not be listed the kind of device cannot be told: unknown.",
    ],
    fix: {
      cli: `# Sign in as root, "Security credentials", "Assign MFA device": a security key (FIDO2) or hardware token; assign two, so that
# losing one locks nobody out. Then remove the virtual device there. What is left over can be seen with:
aws iam list-virtual-mfa-devices --assignment-status Assigned \\
  --query "VirtualMFADevices[?ends_with(User.Arn, ':root')].SerialNumber"

# In a member account no device is needed if root has no credentials:
${asMemberRoot("IAMDeleteRootUserCredentials", "aws iam delete-login-profile")}`,
      cloudFormation: `# CloudFormation cannot change root's MFA devices: use the console (see the AWS CLI tab), or central root access.`,
      terraform: `# Terraform cannot change root's MFA devices. It can do away with the need for one in member accounts:
resource "aws_iam_organizations_features" "root" {
  enabled_features = ["RootCredentialsManagement", "RootSessions"]
}`,
    },
  },
  evaluate: (root) => {
    const credentials = rootCredentials(root);
    if (credentials.known && !credentials.present) return notApplicable(noRootCredentials(root));
    if (!root.mfaActive.known) {
      return unknown(
        `Cannot tell whether the root user of account ${root.account.id} has an MFA device`,
        root.mfaActive.why,
      );
    }
    if (!root.mfaActive.value) {
      return notApplicable(
        `The root user of account ${root.account.id} has no MFA device at all, which root-without-mfa judges.`,
      );
    }
    if (!root.virtualMfaAssigned.known) {
      return unknown(
        `Cannot tell whether the MFA device of the root user of account ${root.account.id} is virtual`,
        root.virtualMfaAssigned.why,
      );
    }
    if (!root.virtualMfaAssigned.value) return compliant;
    return violation(`The root user of account ${root.account.id} can sign in with a virtual MFA device.`, {
      mfaActive: true,
      virtualMfaAssigned: true,
    });
  },
});
