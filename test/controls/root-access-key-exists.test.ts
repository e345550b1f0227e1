import { rootAccessKeyExists } from "../../shared/controls/root-access-key-exists.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { daysAgo, denied, rootFacts } from "../support/facts.ts";

const held = "Account 111122223333 is not known as a member whose root credentials central root access can delete.";
const rowMissing = unknownFact("the credential report has no row for the root user");
const key = { active: true, createdAt: known(daysAgo(100)), lastUsedAt: known(null) };

describeControl(rootAccessKeyExists, {
  violates: {
    "a key, by the account summary alone": {
      facts: rootFacts({ accessKeysPresent: known(true), accessKeys: rowMissing }),
      reason: "The root user of account 111122223333 has an access key.",
      evidence: { accessKeysPresent: true, accessKeys: [] },
    },
    "a key, of which the report tells more": {
      facts: rootFacts({ accessKeysPresent: known(true), accessKeys: known([key]) }),
      reason: "The root user of account 111122223333 has an access key.",
      evidence: {
        accessKeysPresent: true,
        accessKeys: [{ active: true, createdAt: "2026-08-12T08:00:00.000Z", lastUsedAt: null }],
      },
    },
    "two keys, one inactive, with unknown dates": {
      facts: rootFacts({
        accessKeysPresent: known(true),
        accessKeys: known([
          { ...key, lastUsedAt: known(daysAgo(2)) },
          { active: false, createdAt: unknownFact("N/A"), lastUsedAt: unknownFact("N/A") },
        ]),
      }),
      reason: "The root user of account 111122223333 has 2 access keys.",
      evidence: {
        accessKeysPresent: true,
        accessKeys: [
          { active: true, createdAt: "2026-08-12T08:00:00.000Z", lastUsedAt: "2026-11-18T08:00:00.000Z" },
          { active: false, createdAt: null, lastUsedAt: null },
        ],
      },
    },
    "an inactive key: one call makes it active again": {
      facts: rootFacts({ accessKeysPresent: known(true), accessKeys: known([{ ...key, active: false }]) }),
      reason: "The root user of account 111122223333 has an access key, inactive at present.",
      evidence: {
        accessKeysPresent: true,
        accessKeys: [{ active: false, createdAt: "2026-08-12T08:00:00.000Z", lastUsedAt: null }],
      },
    },
    "a key in the report, where the account summary may not be read": {
      facts: rootFacts({ accessKeysPresent: denied("iam:GetAccountSummary"), accessKeys: known([key]) }),
      reason: "The root user of account 111122223333 has an access key.",
      evidence: {
        accessKeysPresent: true,
        accessKeys: [{ active: true, createdAt: "2026-08-12T08:00:00.000Z", lastUsedAt: null }],
      },
    },
    "a key that central root access cannot reach": {
      facts: rootFacts({ accessKeysPresent: known(true), accessKeys: rowMissing }),
      reason: "The root user of account 111122223333 has an access key.",
      evidence: { accessKeysPresent: true, accessKeys: [] },
      repair: { context: { centralRootAccess: false }, held },
    },
  },
  complies: {
    "no key": { facts: rootFacts() },
    "no key, where the report's root row is missing": { facts: rootFacts({ accessKeys: rowMissing }) },
    "no key any more, while an older report still shows it": { facts: rootFacts({ accessKeys: known([key]) }) },
    "a member under central root access": {
      facts: rootFacts({ passwordEnabled: known(false), mfaActive: known(false) }),
    },
  },
  unknown: {
    "neither the summary nor the report can be read": {
      facts: rootFacts({ accessKeysPresent: denied("iam:GetAccountSummary"), accessKeys: rowMissing }),
      reason:
        "Cannot tell whether the root user of account 111122223333 has access keys: access denied: iam:GetAccountSummary",
    },
    "the report shows no key (it leaves out inactive ones), and the summary cannot be read": {
      facts: rootFacts({ accessKeysPresent: denied("iam:GetAccountSummary"), accessKeys: known([]) }),
      reason:
        "Cannot tell whether the root user of account 111122223333 has access keys: access denied: iam:GetAccountSummary",
    },
  },
});
