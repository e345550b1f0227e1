import { unusedConsolePassword } from "../../shared/controls/unused-console-password.ts";
import { known } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { consolePassword, daysAgo, denied, livePassword, userFacts } from "../support/facts.ts";

describeControl(unusedConsolePassword, {
  violates: {
    "last sign-in too long ago": {
      facts: userFacts({ console: consolePassword({ lastUsedAt: known(daysAgo(60)) }) }),
      reason: "User bob has not signed in to the console for 60 days; the limit is 45.",
      evidence: {
        passwordChangedAt: "2026-05-04T08:00:00.000Z",
        lastUsedAt: "2026-09-21T08:00:00.000Z",
        maxUnusedDays: 45,
      },
    },
    "never signed in: counts from when the password was set": {
      facts: userFacts({ console: consolePassword({ lastUsedAt: known(null) }) }),
      reason: "User bob has never signed in to the console with the password set 200 days ago; the limit is 45.",
      evidence: { passwordChangedAt: "2026-05-04T08:00:00.000Z", lastUsedAt: null, maxUnusedDays: 45 },
    },
    "a stale report, with the login profile and the last sign-in read again": {
      facts: userFacts({
        console: livePassword({ passwordChangedAt: known(daysAgo(200)), lastUsedAt: known(daysAgo(46)) }),
      }),
      reason: "User bob has not signed in to the console for 46 days; the limit is 45.",
      evidence: {
        passwordChangedAt: "2026-05-04T08:00:00.000Z",
        lastUsedAt: "2026-10-05T08:00:00.000Z",
        maxUnusedDays: 45,
      },
    },
    "over a limit of the settings": {
      facts: userFacts({ console: consolePassword({ lastUsedAt: known(daysAgo(2)) }) }),
      options: { maxUnusedDays: 1 },
      reason: "User bob has not signed in to the console for 2 days; the limit is 1.",
      evidence: {
        passwordChangedAt: "2026-05-04T08:00:00.000Z",
        lastUsedAt: "2026-11-18T08:00:00.000Z",
        maxUnusedDays: 1,
      },
    },
  },
  complies: {
    "signed in yesterday": { facts: userFacts({ console: consolePassword() }) },
    "signed in yesterday, read live": { facts: userFacts({ console: livePassword() }) },
    "signed in exactly at the limit": {
      facts: userFacts({ console: consolePassword({ lastUsedAt: known(daysAgo(45)) }) }),
    },
    "never signed in, password set exactly at the limit": {
      facts: userFacts({
        console: consolePassword({ lastUsedAt: known(null), passwordChangedAt: known(daysAgo(45)) }),
      }),
    },
    "never signed in, login profile made lately, read live": {
      facts: userFacts({ console: livePassword({ lastUsedAt: known(null), createdAt: known(daysAgo(3)) }) }),
    },
    "an old sign-in, and a password set anew since": {
      facts: userFacts({
        console: consolePassword({ lastUsedAt: known(daysAgo(100)), passwordChangedAt: known(daysAgo(3)) }),
      }),
    },
    "an old sign-in with an earlier login profile": {
      facts: userFacts({ console: livePassword({ lastUsedAt: known(daysAgo(100)), createdAt: known(daysAgo(3)) }) }),
    },
    "password set lately, last sign-in unknown": {
      facts: userFacts({
        console: consolePassword({ lastUsedAt: denied("iam:GetUser"), passwordChangedAt: known(daysAgo(3)) }),
      }),
    },
  },
  notApplicable: {
    "no login profile (so all federated people)": {
      facts: userFacts(),
      reason: "User bob has no console password.",
    },
  },
  unknown: {
    "the login profile may not be read": {
      facts: userFacts({ console: denied("iam:GetLoginProfile") }),
      reason: "Cannot tell whether user bob has a console password: access denied: iam:GetLoginProfile",
    },
    "the last sign-in may not be read": {
      facts: userFacts({ console: consolePassword({ lastUsedAt: denied("iam:GetUser") }) }),
      reason: "Cannot tell when user bob last signed in to the console: access denied: iam:GetUser",
    },
    "never signed in with an old login profile, read live: the password may be new": {
      facts: userFacts({ console: livePassword({ lastUsedAt: known(null) }) }),
      reason:
        "Cannot tell whether the console password of user bob was set anew since it was last used: only the credential report says",
    },
    "an old sign-in, read live: the password may be new": {
      facts: userFacts({ console: livePassword({ lastUsedAt: known(daysAgo(100)) }) }),
      reason:
        "Cannot tell whether the console password of user bob was set anew since it was last used: only the credential report says",
    },
    "dates that are none": {
      facts: userFacts({ console: consolePassword({ passwordChangedAt: known(new Date(Number.NaN)) }) }),
      reason: "Cannot tell when user bob last signed in to the console: the dates of the password cannot be read",
    },
  },
});
