import type { NamedPattern } from "./patterns.ts";
import type { CloudTrailRecord } from "./record.ts";

/**
 * Calls, and results of requests, by which accounts join, leave or move, or a unit, a name or an owner's tag changes: what
 * settings and notices go by.
 */
const changes = [
  "AcceptHandshake",
  "CloseAccount",
  "CreateAccountResult",
  "LeaveOrganization",
  "MoveAccount",
  "RemoveAccountFromOrganization",
  "TagResource",
  "UntagResource",
  "UpdateOrganizationalUnit",
];

/**
 * What the management account forwards besides: Organizations records almost everything there, and nowhere but in its own
 * home Region. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html
 */
export const organizationPatterns = (): readonly NamedPattern[] => [
  {
    name: "organization-changes-1",
    pattern: {
      source: ["aws.organizations"],
      "detail-type": ["AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"],
      detail: {
        eventSource: ["organizations.amazonaws.com"],
        eventName: changes,
        errorCode: [{ exists: false }],
      },
    },
    needsReadEvents: false,
    lane: "changes",
  },
];

/** Whether a record says that the organization's accounts, units or tags are no longer what they were. */
export const changesOrganization = ({ eventSource, eventName }: CloudTrailRecord): boolean =>
  eventSource === "organizations.amazonaws.com" && changes.includes(eventName);
