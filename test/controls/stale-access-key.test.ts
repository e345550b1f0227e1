import { staleAccessKey } from "../../shared/controls/stale-access-key.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { accessKeyFacts, daysAgo, denied } from "../support/facts.ts";

describeControl(staleAccessKey, {
  violates: {
    "a key over the limit": {
      facts: accessKeyFacts({ createdAt: daysAgo(131) }),
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob is 131 days old; the limit is 90.",
      evidence: { createdAt: "2026-07-12T08:00:00.000Z", maxAgeDays: 90 },
    },
    "a day over the limit": {
      facts: accessKeyFacts({ createdAt: daysAgo(91) }),
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob is 91 days old; the limit is 90.",
      evidence: { createdAt: "2026-08-21T08:00:00.000Z", maxAgeDays: 90 },
    },
    "an old key that was used just now: age is not use": {
      facts: accessKeyFacts({ createdAt: daysAgo(131), lastUsedAt: known(daysAgo(0)) }),
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob is 131 days old; the limit is 90.",
      evidence: { createdAt: "2026-07-12T08:00:00.000Z", maxAgeDays: 90 },
    },
    "an old key whose last use may not be read": {
      facts: accessKeyFacts({ createdAt: daysAgo(131), lastUsedAt: denied("iam:GetAccessKeyLastUsed") }),
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob is 131 days old; the limit is 90.",
      evidence: { createdAt: "2026-07-12T08:00:00.000Z", maxAgeDays: 90 },
    },
    "an old key whose id a bulk read does not know": {
      facts: accessKeyFacts({ createdAt: daysAgo(131), id: unknownFact("the credential report lists no key ids") }),
      reason: "The access key of bob made at 2026-07-12T08:00:00.000Z is 131 days old; the limit is 90.",
      evidence: { createdAt: "2026-07-12T08:00:00.000Z", maxAgeDays: 90 },
    },
    "over a limit of the settings": {
      facts: accessKeyFacts({ createdAt: daysAgo(2) }),
      options: { maxAgeDays: 1 },
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob is 2 days old; the limit is 1.",
      evidence: { createdAt: "2026-11-18T08:00:00.000Z", maxAgeDays: 1 },
    },
  },
  complies: {
    "a young key": { facts: accessKeyFacts() },
    "exactly at the limit": { facts: accessKeyFacts({ createdAt: daysAgo(90) }) },
    "the limit and almost a day": { facts: accessKeyFacts({ createdAt: daysAgo(90.999) }) },
    "under a limit of the settings": {
      facts: accessKeyFacts({ createdAt: daysAgo(131) }),
      options: { maxAgeDays: 180 },
    },
    "made in the future, by a clock that runs ahead": { facts: accessKeyFacts({ createdAt: daysAgo(-1) }) },
  },
  notApplicable: {
    "an inactive key, however old": {
      facts: accessKeyFacts({ active: false, createdAt: daysAgo(2000) }),
      reason: "Access key AKIAQEXAMPLEBOB00001 of bob is inactive.",
    },
  },
  unknown: {
    "a time of creation that is no date": {
      facts: accessKeyFacts({ createdAt: new Date(Number.NaN) }),
      reason: "Cannot tell how old access key AKIAQEXAMPLEBOB00001 of bob is: the time when it was made cannot be read",
    },
  },
});
