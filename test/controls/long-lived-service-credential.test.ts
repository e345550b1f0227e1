import { longLivedServiceCredential } from "../../shared/controls/long-lived-service-credential.ts";
import { known, type ServiceCredentialFacts } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { daysAgo, denied, userFacts } from "../support/facts.ts";

const git = (over: Partial<ServiceCredentialFacts> = {}): ServiceCredentialFacts => ({
  id: "ACCAQEXAMPLEGIT000001",
  service: "codecommit.amazonaws.com",
  active: true,
  createdAt: daysAgo(91),
  expiresAt: null,
  ...over,
});
const bedrock = (over: Partial<ServiceCredentialFacts> = {}): ServiceCredentialFacts =>
  git({ id: "ACCAQEXAMPLEBEDROCK01", service: "bedrock.amazonaws.com", ...over });
const having = (...credentials: readonly ServiceCredentialFacts[]) =>
  userFacts({ serviceCredentials: known(credentials) });

const none = "User bob has no service-specific credential that can be used.";
const noDate = new Date(Number.NaN);

describeControl(longLivedServiceCredential, {
  violates: {
    "one that is a day over the limit": {
      facts: having(git()),
      reason:
        "User bob has a service-specific credential over the limit of 90 days: one for codecommit.amazonaws.com that is 91 days old.",
      evidence: {
        credentials: [
          {
            id: "ACCAQEXAMPLEGIT000001",
            service: "codecommit.amazonaws.com",
            createdAt: "2026-08-21T08:00:00.000Z",
            expiresAt: null,
          },
        ],
        maxAgeDays: 90,
      },
    },
    "two, one of which will expire, beside a young one": {
      facts: having(
        bedrock({ createdAt: daysAgo(300), expiresAt: daysAgo(-65) }),
        git(),
        git({ id: "ACCAQEXAMPLEGIT000002", createdAt: daysAgo(2) }),
      ),
      reason:
        "User bob has 2 service-specific credentials over the limit of 90 days: one for bedrock.amazonaws.com that is 300 days old, one for codecommit.amazonaws.com that is 91 days old.",
      evidence: {
        credentials: [
          {
            id: "ACCAQEXAMPLEBEDROCK01",
            service: "bedrock.amazonaws.com",
            createdAt: "2026-01-24T08:00:00.000Z",
            expiresAt: "2027-01-24T08:00:00.000Z",
          },
          {
            id: "ACCAQEXAMPLEGIT000001",
            service: "codecommit.amazonaws.com",
            createdAt: "2026-08-21T08:00:00.000Z",
            expiresAt: null,
          },
        ],
        maxAgeDays: 90,
      },
    },
    "over a limit of the settings, with an expiry that is no date, beside one whose age is not known": {
      facts: having(bedrock({ createdAt: daysAgo(8), expiresAt: noDate }), git({ createdAt: noDate })),
      options: { maxAgeDays: 7 },
      reason:
        "User bob has a service-specific credential over the limit of 7 days: one for bedrock.amazonaws.com that is 8 days old.",
      evidence: {
        credentials: [
          {
            id: "ACCAQEXAMPLEBEDROCK01",
            service: "bedrock.amazonaws.com",
            createdAt: "2026-11-12T08:00:00.000Z",
            expiresAt: null,
          },
        ],
        maxAgeDays: 7,
      },
    },
  },
  complies: {
    "one exactly at the limit": { facts: having(git({ createdAt: daysAgo(90) })) },
    "one made today for good": { facts: having(bedrock({ createdAt: daysAgo(0) })) },
    "a young one beside an old one out of use": {
      facts: having(git({ active: false }), git({ id: "ACCAQEXAMPLEGIT000002", createdAt: daysAgo(2) })),
    },
  },
  notApplicable: {
    "a user who has none": { facts: having(), reason: none },
    "an inactive one, however old": { facts: having(git({ active: false, createdAt: daysAgo(900) })), reason: none },
    "one that expires at this moment": {
      facts: having(bedrock({ createdAt: daysAgo(365), expiresAt: daysAgo(0) })),
      reason: none,
    },
  },
  unknown: {
    "a list that may not be read": {
      facts: userFacts({ serviceCredentials: denied("iam:ListServiceSpecificCredentials") }),
      reason:
        "Cannot tell what service-specific credentials user bob has: access denied: iam:ListServiceSpecificCredentials",
    },
    "one whose creation is no date": {
      facts: having(git({ createdAt: noDate })),
      reason: "Cannot tell how old the service-specific credentials of user bob are: the date of one cannot be read",
    },
  },
});
