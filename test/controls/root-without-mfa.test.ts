import { rootWithoutMfa } from "../../shared/controls/root-without-mfa.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { denied, rootFacts } from "../support/facts.ts";

const reason = "The root user of account 111122223333 has credentials and no MFA device.";
const held = "Account 111122223333 is not known as a member whose root credentials central root access can delete.";
const rowMissing = unknownFact("the credential report has no row for the root user");

describeControl(rootWithoutMfa, {
  violates: {
    "a password and no device": {
      facts: rootFacts({ mfaActive: known(false) }),
      reason,
      evidence: { passwordEnabled: true, accessKeysPresent: false, mfaActive: false },
    },
    "a password and no device, keys unknown": {
      facts: rootFacts({ mfaActive: known(false), accessKeysPresent: denied("iam:GetAccountSummary") }),
      reason,
      evidence: { passwordEnabled: true, accessKeysPresent: null, mfaActive: false },
    },
    "an access key and no password": {
      facts: rootFacts({ mfaActive: known(false), passwordEnabled: known(false), accessKeysPresent: known(true) }),
      reason,
      evidence: { passwordEnabled: false, accessKeysPresent: true, mfaActive: false },
    },
    "an access key, and a password that nobody may look up": {
      facts: rootFacts({ mfaActive: known(false), passwordEnabled: rowMissing, accessKeysPresent: known(true) }),
      reason,
      evidence: { passwordEnabled: null, accessKeysPresent: true, mfaActive: false },
    },
    "a password that central root access cannot reach": {
      facts: rootFacts({ mfaActive: known(false) }),
      reason,
      evidence: { passwordEnabled: true, accessKeysPresent: false, mfaActive: false },
      repair: { context: { centralRootAccess: false }, held },
    },
  },
  complies: {
    "a device": { facts: rootFacts() },
    "a virtual device": { facts: rootFacts({ virtualMfaAssigned: known(true) }) },
    "a device, where the report's root row is missing": {
      facts: rootFacts({ passwordEnabled: rowMissing, accessKeys: rowMissing, passwordLastUsedAt: rowMissing }),
    },
  },
  notApplicable: {
    "a member under central root access: no password, no keys, no device": {
      facts: rootFacts({ passwordEnabled: known(false), mfaActive: known(false) }),
      reason: "The root user of account 111122223333 has neither a password nor access keys.",
    },
    "no password and no keys, whatever is known of devices": {
      facts: rootFacts({ passwordEnabled: known(false), mfaActive: denied("iam:GetAccountSummary") }),
      reason: "The root user of account 111122223333 has neither a password nor access keys.",
    },
  },
  unknown: {
    "no device, and the report's root row is missing": {
      facts: rootFacts({ mfaActive: known(false), passwordEnabled: rowMissing }),
      reason:
        "The root user of account 111122223333 has no MFA device, but whether it has any credentials cannot be told: the credential report has no row for the root user",
    },
    "no device, no password, keys unknown": {
      facts: rootFacts({
        mfaActive: known(false),
        passwordEnabled: known(false),
        accessKeysPresent: denied("iam:GetAccountSummary"),
      }),
      reason:
        "The root user of account 111122223333 has no MFA device, but whether it has any credentials cannot be told: access denied: iam:GetAccountSummary",
    },
    "devices unknown": {
      facts: rootFacts({ mfaActive: denied("iam:GetAccountSummary") }),
      reason:
        "Cannot tell whether the root user of account 111122223333 has an MFA device: access denied: iam:GetAccountSummary",
    },
    "nothing is known": {
      facts: rootFacts({
        passwordEnabled: rowMissing,
        mfaActive: denied("iam:GetAccountSummary"),
        virtualMfaAssigned: denied("iam:ListVirtualMFADevices"),
        accessKeysPresent: denied("iam:GetAccountSummary"),
        accessKeys: rowMissing,
        passwordLastUsedAt: rowMissing,
      }),
      reason:
        "Cannot tell whether the root user of account 111122223333 has an MFA device: access denied: iam:GetAccountSummary",
    },
  },
});
