import { describe, expect, it } from "vitest";
import { parseRecord } from "../../shared/events/envelope.ts";
import { matches } from "../../shared/events/matcher.ts";
import {
  changesOrganization,
  organizationChangeOf,
  organizationPatterns,
} from "../../shared/events/organization-changes.ts";
import { type Raw, record } from "./records.ts";

const call = (eventName: string, more: Raw = {}): Raw =>
  record({ eventSource: "organizations.amazonaws.com", eventName, ...more });
const isForwarded = (detail: Raw): boolean =>
  organizationPatterns().some(({ pattern }) =>
    matches(pattern, { source: "aws.organizations", "detail-type": "AWS API Call via CloudTrail", detail }),
  );

describe("a record of Organizations", () => {
  it.each([
    ["MoveAccount", true, true],
    ["AcceptHandshake", true, true],
    ["UpdateOrganizationalUnit", true, true],
    ["TagResource", true, false],
    ["AttachPolicy", false, true],
    ["DetachPolicy", false, true],
    ["UpdatePolicy", false, true],
    ["DeletePolicy", false, true],
    ["EnablePolicyType", false, true],
    ["DisablePolicyType", false, true],
  ])("%s is forwarded; of accounts: %s, of limits and places: %s", (eventName, ofAccounts, ofLimits) => {
    const detail = call(eventName);
    expect(isForwarded(detail)).toBe(true);
    expect(isForwarded({ ...detail, errorCode: "AccessDenied" })).toBe(false);
    const parsed = parseRecord(detail);
    expect(changesOrganization(parsed)).toBe(ofAccounts);
    expect(organizationChangeOf(parsed)).toEqual(ofLimits ? { at: parsed.eventTime } : undefined);
  });

  it("names the policy whose document is another", () => {
    const updated = parseRecord(call("UpdatePolicy", { requestParameters: { policyId: "p-12345678" } }));
    expect(organizationChangeOf(updated)).toEqual({ at: updated.eventTime, policyId: "p-12345678" });
    const attached = parseRecord(call("AttachPolicy", { requestParameters: { policyId: "p-12345678" } }));
    expect(organizationChangeOf(attached)).toEqual({ at: attached.eventTime });
  });

  it.each([
    ["a reading call", call("ListPolicies")],
    ["another service's", record({ eventName: "AttachPolicy" })],
  ])("that is %s changes nothing", (_what, detail) => {
    expect(isForwarded(detail)).toBe(false);
    expect(organizationChangeOf(parseRecord(detail))).toBeUndefined();
    expect(changesOrganization(parseRecord(detail))).toBe(false);
  });
});
