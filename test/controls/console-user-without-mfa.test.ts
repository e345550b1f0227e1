import { consoleUserWithoutMfa } from "../../shared/controls/console-user-without-mfa.ts";
import { known } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { consolePassword, denied, livePassword, noPassword, userFacts } from "../support/facts.ts";

const convicted = {
  reason: "User bob can sign in to the console with a password alone: no MFA device is active.",
  evidence: { consolePassword: true, mfaActive: false },
};

describeControl(consoleUserWithoutMfa, {
  violates: {
    "a password and no device, from the report": { facts: userFacts({ console: consolePassword() }), ...convicted },
    "a password and no device, read live": { facts: userFacts({ console: livePassword() }), ...convicted },
    "a password that was never used": {
      facts: userFacts({ console: consolePassword({ lastUsedAt: known(null) }) }),
      ...convicted,
    },
    "a password of unknown dates": {
      facts: userFacts({
        console: consolePassword({ passwordChangedAt: denied("x"), lastUsedAt: denied("iam:GetUser") }),
      }),
      ...convicted,
    },
  },
  complies: {
    "a password and a device": { facts: userFacts({ console: consolePassword(), mfaActive: known(true) }) },
    "a device, and a login profile that may not be read": {
      facts: userFacts({ console: denied("iam:GetLoginProfile"), mfaActive: known(true) }),
    },
  },
  notApplicable: {
    "no login profile (so all federated people)": {
      facts: userFacts(),
      reason: "User bob has no console password.",
    },
    "no login profile, whatever is known of devices": {
      facts: userFacts({ console: noPassword, mfaActive: denied("iam:ListMFADevices") }),
      reason: "User bob has no console password.",
    },
  },
  unknown: {
    "the login profile may not be read": {
      facts: userFacts({ console: denied("iam:GetLoginProfile") }),
      reason: "Cannot tell whether user bob has a console password: access denied: iam:GetLoginProfile",
    },
    "the devices may not be listed": {
      facts: userFacts({ console: consolePassword(), mfaActive: denied("iam:ListMFADevices") }),
      reason: "Cannot tell whether console user bob has an MFA device: access denied: iam:ListMFADevices",
    },
    "neither is known": {
      facts: userFacts({ console: denied("iam:GetLoginProfile"), mfaActive: denied("iam:ListMFADevices") }),
      reason: "Cannot tell whether user bob has a console password: access denied: iam:GetLoginProfile",
    },
  },
});
