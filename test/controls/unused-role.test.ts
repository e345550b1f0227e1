import { unusedRole } from "../../shared/controls/unused-role.ts";
import { describeControl } from "../support/describe-control.ts";
import { daysAgo, roleFacts } from "../support/facts.ts";

const brokenDate = new Date(Number.NaN);

describeControl(unusedRole, {
  violates: {
    "last used too long ago": {
      facts: roleFacts({ createdAt: daysAgo(300), lastUsedAt: daysAgo(91) }),
      reason: "Role app has not been used for 91 days; the limit is 90.",
      evidence: { createdAt: "2026-01-24T08:00:00.000Z", lastUsedAt: "2026-08-21T08:00:00.000Z", maxIdleDays: 90 },
    },
    "never used: counts from creation": {
      facts: roleFacts({ createdAt: daysAgo(91) }),
      reason: "Role app has never been used in the 91 days since it was made; the limit is 90.",
      evidence: { createdAt: "2026-08-21T08:00:00.000Z", lastUsedAt: null, maxIdleDays: 90 },
    },
    "as old as IAM's memory of use, and never used": {
      facts: roleFacts({ createdAt: daysAgo(400) }),
      reason: "Role app has never been used in the 400 days since it was made; the limit is 90.",
      evidence: { createdAt: "2025-10-16T08:00:00.000Z", lastUsedAt: null, maxIdleDays: 90 },
    },
    "older than IAM's memory of use: that it was never used is not known": {
      facts: roleFacts({ createdAt: daysAgo(401) }),
      reason: "Role app has not been used in the last 400 days, as far back as IAM knows; the limit is 90.",
      evidence: { createdAt: "2025-10-15T08:00:00.000Z", lastUsedAt: null, maxIdleDays: 90 },
    },
    "over a limit of the settings": {
      facts: roleFacts({ createdAt: daysAgo(300), lastUsedAt: daysAgo(8) }),
      options: { maxIdleDays: 7 },
      reason: "Role app has not been used for 8 days; the limit is 7.",
      evidence: { createdAt: "2026-01-24T08:00:00.000Z", lastUsedAt: "2026-11-12T08:00:00.000Z", maxIdleDays: 7 },
    },
    "a role that the settings' tags would excuse, while tags are not trusted": {
      facts: roleFacts({ createdAt: daysAgo(91), tags: { purpose: "recovery" } }),
      excludedRoles: { tags: { purpose: "recovery" }, trustTags: false },
      reason: "Role app has never been used in the 91 days since it was made; the limit is 90.",
      evidence: { createdAt: "2026-08-21T08:00:00.000Z", lastUsedAt: null, maxIdleDays: 90 },
    },
  },
  complies: {
    "used yesterday, however old": { facts: roleFacts({ createdAt: daysAgo(2000), lastUsedAt: daysAgo(1) }) },
    "last used exactly at the limit": { facts: roleFacts({ lastUsedAt: daysAgo(90) }) },
    "never used, made exactly at the limit": { facts: roleFacts({ createdAt: daysAgo(90) }) },
    "made lately in the place of one of the same name that was used long ago": {
      facts: roleFacts({ createdAt: daysAgo(3), lastUsedAt: daysAgo(300) }),
    },
    "used in what the clock here calls the future": { facts: roleFacts({ lastUsedAt: daysAgo(-1) }) },
  },
  notApplicable: {
    "a service-linked role": {
      facts: roleFacts({ name: "AWSServiceRoleForSupport", path: "/aws-service-role/support.amazonaws.com/" }),
      reason:
        "Role AWSServiceRoleForSupport is out of scope: AWS alone makes and changes it (built-in rule path /aws-service-role/).",
    },
    "a role that is kept for a bad day": {
      facts: roleFacts({ name: "break-glass" }),
      excludedRoles: { names: ["break-glass*"] },
      reason: "Role break-glass is out of scope: the settings exclude the name pattern break-glass*.",
    },
  },
  unknown: {
    "a last use that is no date": {
      facts: roleFacts({ lastUsedAt: brokenDate }),
      reason: "Cannot tell when role app was last used: the dates of the role cannot be read",
    },
    "a creation that is no date": {
      facts: roleFacts({ createdAt: brokenDate, lastUsedAt: daysAgo(300) }),
      reason: "Cannot tell when role app was last used: the dates of the role cannot be read",
    },
  },
});
