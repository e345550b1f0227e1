import { describe, expect, it } from "vitest";
import { denialPattern } from "../../shared/after-care/denial-pattern.ts";
import { controls } from "../../shared/controls/catalogue.ts";
import { checkPattern, matches } from "../../shared/events/matcher.ts";
import { eventPatterns, patternLimit } from "../../shared/events/patterns.ts";
import { assumedRole, envelope, type Raw, record } from "../events/records.ts";
import { ordinary, ours, type Refusal } from "./messages.ts";

const pattern = denialPattern(controls);
if (pattern === undefined) throw new Error("no control's repair can be felt");

const eventOf = ({ errorCode, errorMessage }: Refusal, more: Raw = {}): Raw =>
  envelope(record({ eventSource: "kms.amazonaws.com", userIdentity: assumedRole, errorCode, errorMessage }), more);

const boundaryOnly = denialPattern(controls.filter(({ id }) => id === "role-without-boundary"));

describe("the pattern of denials", () => {
  it("is one that EventBridge takes", () => {
    expect(() => checkPattern(pattern)).not.toThrow();
    expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(patternLimit);
  });

  it("is a rule of its own that sees reads, and its events wait apart", () => {
    const found = eventPatterns().filter(({ name }) => name.startsWith("after-care"));
    expect(found).toEqual([{ name: "after-care-1", pattern, needsReadEvents: true, lane: "denials" }]);
  });

  it.each(Object.entries(ours))("delivers %s", (_, refusal) => {
    expect(matches(pattern, eventOf(refusal))).toBe(true);
  });

  it.each(Object.entries(ordinary))("leaves alone what is ordinary: %s", (_, refusal) => {
    expect(matches(pattern, eventOf(refusal))).toBe(false);
  });

  const refusal = ours["what the boundary leaves out"] as Refusal;
  it.each<[string, Raw]>([
    ["what somebody sends who is not AWS", eventOf(refusal, { source: "com.example.kms" })],
    ["what is no call", eventOf(refusal, { "detail-type": "AWS Service Event via CloudTrail" })],
    ["a failure of another kind", eventOf({ ...refusal, errorCode: "ValidationException" })],
    ["a call that was allowed", envelope(record({ eventSource: "kms.amazonaws.com" }))],
    [
      "what a role's own policy denies, which no repair writes",
      eventOf({
        errorCode: "AccessDenied",
        errorMessage:
          "User: arn:aws:sts::111122223333:assumed-role/app/x is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in an identity-based policy",
      }),
    ],
  ])("leaves alone %s", (_, event) => {
    expect(matches(pattern, event)).toBe(false);
  });

  it("asks for no more than the repairs can cause", () => {
    const denied = ours["what a user's own policy denies"] as Refusal;
    expect(boundaryOnly && matches(boundaryOnly, eventOf(refusal))).toBe(true);
    expect(boundaryOnly && matches(boundaryOnly, eventOf(denied))).toBe(false);
    expect(denialPattern(controls.filter(({ id }) => id === "stale-access-key" || id === "root-activity"))).toBe(
      undefined,
    );
  });
});
