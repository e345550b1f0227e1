import { describe, expect, it } from "vitest";
import { compliant, defineControl, type Hint, noOptions } from "../../shared/control.ts";
import { controls, stateControls } from "../../shared/controls/catalogue.ts";
import { checkPattern, matches } from "../../shared/events/matcher.ts";
import { eventPatterns, forwardedPattern, patternLimit } from "../../shared/events/patterns.ts";
import { assumedRole, envelope, iamUser, type Raw, record, root, signIn } from "./records.ts";

const patterns = eventPatterns();
const deliveredBy = (event: Raw): string[] =>
  patterns.filter(({ pattern }) => matches(pattern, event)).map(({ name }) => name);
const split = (hint: Hint): readonly [service: string, eventName: string] => {
  const colon = hint.indexOf(":");
  return [hint.slice(0, colon), hint.slice(colon + 1)];
};

/** A control that nobody has, with very many hints. */
const busy = (hints: readonly Hint[]) =>
  defineControl({
    id: "busy",
    title: "Busy",
    severity: "low",
    frameworks: {},
    subjects: ["user"],
    hints,
    options: noOptions,
    guidance: { what: "", why: "", counts: [], fix: { cli: "", cloudFormation: "", terraform: "" } },
    evaluate: () => compliant,
  });

describe("the event patterns", () => {
  it.each(patterns.map((pattern) => [pattern.name, pattern] as const))(
    "%s is one that EventBridge takes",
    (name, { pattern }) => {
      expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(2048);
      expect(name).toMatch(/^[\w.-]{1,64}$/);
      expect(() => checkPattern(pattern)).not.toThrow();
      expect(pattern.source).toHaveLength(1);
      expect(pattern["detail-type"]).toBeDefined();
    },
  );

  it("are all within the one that stands for all, as kinds of events", () => {
    const all = forwardedPattern();
    expect(() => checkPattern(all)).not.toThrow();
    for (const event of [
      envelope(record({ eventSource: "iam.amazonaws.com", eventName: "CreateUser" })),
      envelope(record({ userIdentity: root() }), { source: "aws.ec2" }),
      ...["AWS Console Signin via CloudTrail", "AWS Console Sign In via CloudTrail"].map((kind) =>
        envelope(signIn(), { "detail-type": kind }),
      ),
    ])
      expect(matches(all, event)).toBe(true);
    expect(matches(all, envelope(record({}), { source: "mine.app" }))).toBe(false);
    expect(matches(all, envelope(record({}), { "detail-type": "Scheduled Event" }))).toBe(false);
  });

  it("have names of their own", () => {
    expect(new Set(patterns.map(({ name }) => name)).size).toBe(patterns.length);
  });

  it("are the same however the controls are ordered", () => {
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(eventPatterns(controls.toReversed()).toSorted(byName)).toEqual(patterns.toSorted(byName));
  });

  const hints = [...new Set(stateControls.flatMap((control) => control.hints))];
  it.each(hints)("deliver %s, once for all state controls", (hint) => {
    const [service, eventName] = split(hint);
    const event = envelope(record({ eventSource: `${service}.amazonaws.com`, eventName }), {
      "detail-type": service === "signin" ? "AWS Console Sign In via CloudTrail" : "AWS API Call via CloudTrail",
    });
    expect(deliveredBy(event)).toHaveLength(1);
  });

  it("split hints that do not fit into one, and lose none", () => {
    const many = Array.from({ length: 400 }, (_, index): Hint => `iam:SomethingHappenedToSomebody${index}`);
    const made = eventPatterns([busy(many)]);
    expect(made.length).toBeGreaterThan(5);
    for (const { pattern } of made) expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(patternLimit);
    // All but the last are full: not one more name would fit.
    const sizes = made.slice(0, -1).map(({ pattern }) => JSON.stringify(pattern).length);
    expect(Math.min(...sizes)).toBeGreaterThan(patternLimit - 40);
    for (const hint of many) {
      const event = envelope(record({ eventName: split(hint)[1] }));
      expect(made.filter(({ pattern }) => matches(pattern, event))).toHaveLength(1);
    }
  });

  it("keep services apart", () => {
    const made = eventPatterns([busy(["iam:CreateUser", "organizations:MoveAccount"])]);
    expect(made.map(({ name, pattern }) => [name, pattern.source])).toEqual([
      ["iam-changes-1", ["aws.iam"]],
      ["organizations-changes-1", ["aws.organizations"]],
    ]);
  });

  const rootSignIn = signIn({ userIdentity: root() });
  const delivered: Record<string, [event: Raw, names: readonly string[]]> = {
    "a sign-in as root, as the User Guide spells it": [
      envelope(rootSignIn, { "detail-type": "AWS Console Signin via CloudTrail" }),
      ["root-activity-1", "root-sign-in-failure-1"],
    ],
    "a sign-in as root, as it arrives": [
      envelope(rootSignIn, { "detail-type": "AWS Console Sign In via CloudTrail" }),
      ["root-activity-1", "root-sign-in-failure-1"],
    ],
    "a read by root": [envelope(record({ userIdentity: root(), eventName: "ListUsers" })), ["root-activity-1"]],
    "root in a service that no control knows": [
      envelope(record({ userIdentity: root(), eventSource: "ec2.amazonaws.com", eventName: "RunInstances" })),
      ["root-activity-1"],
    ],
    "root's failed call": [
      envelope(record({ userIdentity: root(), eventName: "DeleteUser", errorCode: "AccessDenied" })),
      ["root-activity-1"],
    ],
    "root's console": [
      envelope(record({ userIdentity: root(), eventName: "X" }), {
        "detail-type": "AWS Console Action via CloudTrail",
      }),
      ["root-activity-1"],
    ],
    "an IAM write by root": [
      envelope(record({ userIdentity: root(), eventName: "DeleteUser" })),
      ["iam-changes-1", "root-activity-1"],
    ],
    "an AssumeRoot call": [
      envelope(record({ eventSource: "sts.amazonaws.com", eventName: "AssumeRoot", userIdentity: assumedRole })),
      ["root-activity-2"],
    ],
    "an AssumeRole call": [envelope(record({ eventSource: "sts.amazonaws.com", eventName: "AssumeRole" })), []],
    "a user's sign-in": [
      envelope(signIn({ userIdentity: iamUser() }), { "detail-type": "AWS Console Sign In via CloudTrail" }),
      [],
    ],
    "a failed IAM write": [envelope(record({ eventName: "CreateRole", errorCode: "AccessDenied" })), []],
    "an IAM read": [envelope(record({ eventName: "GetUser" })), []],
    "an AWS service's event": [
      envelope(record({ userIdentity: root(), eventType: "AwsServiceEvent" }), {
        "detail-type": "AWS Service Event via CloudTrail",
      }),
      [],
    ],
    "a forged IAM write": [envelope(record({ eventName: "CreateRole" }), { source: "com.example.iam" }), []],
    "a forged sign-in": [
      envelope(rootSignIn, { source: "signin", "detail-type": "AWS Console Sign In via CloudTrail" }),
      [],
    ],
    "an IAM write from another service's source": [
      envelope(record({ eventName: "CreateRole" }), { source: "aws.ec2" }),
      [],
    ],
  };
  it.each(Object.entries(delivered))("deliver %s where it belongs", (_, [event, names]) => {
    expect(deliveredBy(event)).toEqual(names);
  });

  it("need a rule that sees reads for root activity and denials alone", () => {
    expect(patterns.filter(({ needsReadEvents }) => needsReadEvents).map(({ name }) => name)).toEqual([
      "root-activity-1",
      "root-activity-2",
      "after-care-1",
    ]);
  });
});
