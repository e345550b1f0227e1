import { unusedAccessKey } from "../../shared/controls/unused-access-key.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { accessKeyFacts, daysAgo, denied } from "../support/facts.ts";

describeControl(unusedAccessKey, {
  violates: {
    "last used too long ago": {
      facts: accessKeyFacts({ createdAt: daysAgo(100), lastUsedAt: known(daysAgo(46)) }),
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob was last used 46 days ago; the limit is 45.",
      evidence: {
        createdAt: "2026-08-12T08:00:00.000Z",
        lastUsedAt: "2026-10-05T08:00:00.000Z",
        maxUnusedDays: 45,
      },
    },
    "never used: counts from creation": {
      facts: accessKeyFacts({ createdAt: daysAgo(100), lastUsedAt: known(null) }),
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob was never used since it was made 100 days ago; the limit is 45.",
      evidence: { createdAt: "2026-08-12T08:00:00.000Z", lastUsedAt: null, maxUnusedDays: 45 },
    },
    "never used, and its id not known to a bulk read": {
      facts: accessKeyFacts({
        createdAt: daysAgo(100),
        lastUsedAt: known(null),
        id: unknownFact("the credential report lists no key ids"),
      }),
      reason:
        "The access key of bob made at 2026-08-12T08:00:00.000Z was never used since it was made 100 days ago; the limit is 45.",
      evidence: { createdAt: "2026-08-12T08:00:00.000Z", lastUsedAt: null, maxUnusedDays: 45 },
    },
    "over a limit of the settings": {
      facts: accessKeyFacts({ createdAt: daysAgo(9), lastUsedAt: known(daysAgo(8)) }),
      options: { maxUnusedDays: 7 },
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob was last used 8 days ago; the limit is 7.",
      evidence: {
        createdAt: "2026-11-11T08:00:00.000Z",
        lastUsedAt: "2026-11-12T08:00:00.000Z",
        maxUnusedDays: 7,
      },
    },
  },
  complies: {
    "used yesterday, however old": { facts: accessKeyFacts({ createdAt: daysAgo(900) }) },
    "last used exactly at the limit": {
      facts: accessKeyFacts({ createdAt: daysAgo(100), lastUsedAt: known(daysAgo(45)) }),
    },
    "never used, made exactly at the limit": {
      facts: accessKeyFacts({ createdAt: daysAgo(45), lastUsedAt: known(null) }),
    },
    "made lately, last use unknown: it cannot have been unused for longer than it exists": {
      facts: accessKeyFacts({ createdAt: daysAgo(45), lastUsedAt: denied("iam:GetAccessKeyLastUsed") }),
    },
    "made lately, with a last use from before that": {
      facts: accessKeyFacts({ createdAt: daysAgo(3), lastUsedAt: known(daysAgo(300)) }),
    },
  },
  notApplicable: {
    "an inactive key, however long unused": {
      facts: accessKeyFacts({ active: false, createdAt: daysAgo(2000), lastUsedAt: known(null) }),
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob is inactive.",
    },
  },
  unknown: {
    "an old key whose last use may not be read": {
      facts: accessKeyFacts({ createdAt: daysAgo(100), lastUsedAt: denied("iam:GetAccessKeyLastUsed") }),
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob has an unknown last use: access denied: iam:GetAccessKeyLastUsed",
    },
    "a last use that is no date": {
      facts: accessKeyFacts({ createdAt: daysAgo(100), lastUsedAt: known(new Date(Number.NaN)) }),
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob has an unknown last use: a date of the key cannot be read",
    },
  },
});
