import type { NamedPattern } from "./patterns.ts";
import type { CloudTrailRecord } from "./record.ts";

/**
 * Calls, and results of requests, by which accounts join, leave or move, or a unit, a name or an owner's tag changes: what
 * settings and notices go by.
 */
const ofAccounts = [
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

/** Calls by which a service control policy comes to limit others than before, or something else. */
const ofPolicies = [
  "AttachPolicy",
  "DeletePolicy",
  "DetachPolicy",
  "DisablePolicyType",
  "EnablePolicyType",
  "UpdatePolicy",
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
        eventName: [...ofAccounts, ...ofPolicies],
        errorCode: [{ exists: false }],
      },
    },
    needsReadEvents: false,
    lane: "changes",
  },
];

/** Whether a record says that the organization's accounts, units or tags are no longer what they were. */
export const changesOrganization = ({ eventSource, eventName }: CloudTrailRecord): boolean =>
  eventSource === "organizations.amazonaws.com" && ofAccounts.includes(eventName);

/** A change of the organization's accounts, of where they are, or of what limits them. */
export interface OrganizationChange {
  readonly at: Date;
  /** Of a policy whose document may be another now. */
  readonly policyId?: string;
}

/** What a record says of that; tags are on accounts, and say nothing of it. */
export const organizationChangeOf = (record: CloudTrailRecord): OrganizationChange | undefined => {
  const { eventSource, eventName, eventTime: at, requestParameters } = record;
  const isTag = eventName === "TagResource" || eventName === "UntagResource";
  if (eventSource !== "organizations.amazonaws.com" || isTag || ![...ofAccounts, ...ofPolicies].includes(eventName))
    return undefined;
  const policyId = eventName === "UpdatePolicy" ? requestParameters?.policyId : undefined;
  return { at, ...(typeof policyId === "string" && { policyId }) };
};
