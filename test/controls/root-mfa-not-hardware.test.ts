import { rootMfaNotHardware } from "../../shared/controls/root-mfa-not-hardware.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { denied, rootFacts } from "../support/facts.ts";

const convicted = {
  reason: "The root user of account 111122223333 can sign in with a virtual MFA device.",
  evidence: { mfaActive: true, virtualMfaAssigned: true },
};

describeControl(rootMfaNotHardware, {
  violates: {
    "a virtual device": { facts: rootFacts({ virtualMfaAssigned: known(true) }), ...convicted },
    "a virtual device, where the report's root row is missing": {
      facts: rootFacts({
        passwordEnabled: unknownFact("the credential report has no row for the root user"),
        virtualMfaAssigned: known(true),
      }),
      ...convicted,
    },
    "a virtual device and an access key, but no password": {
      facts: rootFacts({
        passwordEnabled: known(false),
        accessKeysPresent: known(true),
        virtualMfaAssigned: known(true),
      }),
      ...convicted,
    },
  },
  complies: {
    "a device that is not virtual": { facts: rootFacts() },
  },
  notApplicable: {
    "no device at all": {
      facts: rootFacts({ mfaActive: known(false) }),
      reason: "The root user of account 111122223333 has no MFA device at all, which root-without-mfa judges.",
    },
    "no device, and the virtual devices may not be listed": {
      facts: rootFacts({ mfaActive: known(false), virtualMfaAssigned: denied("iam:ListVirtualMFADevices") }),
      reason: "The root user of account 111122223333 has no MFA device at all, which root-without-mfa judges.",
    },
    "a member under central root access": {
      facts: rootFacts({ passwordEnabled: known(false), mfaActive: known(false) }),
      reason: "The root user of account 111122223333 has neither a password nor access keys.",
    },
    "a device left over where root has no credentials": {
      facts: rootFacts({ passwordEnabled: known(false), virtualMfaAssigned: known(true) }),
      reason: "The root user of account 111122223333 has neither a password nor access keys.",
    },
  },
  unknown: {
    "the virtual devices may not be listed": {
      facts: rootFacts({ virtualMfaAssigned: denied("iam:ListVirtualMFADevices") }),
      reason:
        "Cannot tell whether the MFA device of the root user of account 111122223333 is virtual: access denied: iam:ListVirtualMFADevices",
    },
    "whether there is a device is unknown": {
      facts: rootFacts({ mfaActive: denied("iam:GetAccountSummary") }),
      reason:
        "Cannot tell whether the root user of account 111122223333 has an MFA device: access denied: iam:GetAccountSummary",
    },
  },
});
