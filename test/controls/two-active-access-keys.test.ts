import { twoActiveAccessKeys } from "../../shared/controls/two-active-access-keys.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { accessKeyFacts, denied, userFacts } from "../support/facts.ts";

const key = accessKeyFacts();
const second = accessKeyFacts({ id: known("AKIAQEXAMPLEBOB00002") });
const nameless = accessKeyFacts({ id: unknownFact("the credential report lists no key ids") });
const inactive = accessKeyFacts({ id: known("AKIAQEXAMPLEBOB00003"), active: false });

describeControl(twoActiveAccessKeys, {
  violates: {
    "two active keys": {
      facts: userFacts({ accessKeys: known([key, second]) }),
      reason: "User bob has 2 active access keys; one is enough.",
      evidence: { activeAccessKeys: 2 },
    },
    "two active keys whose ids a bulk read does not know": {
      facts: userFacts({ accessKeys: known([nameless, nameless]) }),
      reason: "User bob has 2 active access keys; one is enough.",
      evidence: { activeAccessKeys: 2 },
    },
  },
  complies: {
    "one active key": { facts: userFacts({ accessKeys: known([key]) }) },
    "one active and one inactive key": { facts: userFacts({ accessKeys: known([inactive, key]) }) },
  },
  notApplicable: {
    "no key": { facts: userFacts(), reason: "User bob has no active access key." },
    "two inactive keys": {
      facts: userFacts({ accessKeys: known([inactive, inactive]) }),
      reason: "User bob has no active access key.",
    },
  },
  unknown: {
    "the keys may not be listed": {
      facts: userFacts({ accessKeys: denied("iam:ListAccessKeys") }),
      reason: "Cannot tell how many active access keys user bob has: access denied: iam:ListAccessKeys",
    },
  },
});
