import { denialPattern } from "../after-care/denial-pattern.ts";
import type { AnyControl, EventPattern, Json } from "../control.ts";
import { controls as catalogue } from "../controls/catalogue.ts";
import { signInDetailTypes } from "../controls/terms/root/root-record.ts";
import { markEvent } from "../marks/mark.ts";
import { findingPattern } from "./analyzer-finding.ts";

/**
 * Where events wait to be judged, apart from each other: denials, of which anybody in an account can make any number, hold up
 * no change, and changes hold up no word of root at work.
 */
export const lanes = ["changes", "activity", "denials"] as const;
export type Lane = (typeof lanes)[number];

/** One EventBridge rule's worth of what iam-warden wants to hear. */
export interface NamedPattern {
  /** Unique, stable as long as the controls are, and fit for a rule's name. */
  readonly name: string;
  readonly pattern: EventPattern;
  /** The rule's state has to be `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`; `ENABLED` never sees a read. */
  readonly needsReadEvents: boolean;
  readonly lane: Lane;
}

/** EventBridge's quota for the JSON of one pattern, in characters. */
export const patternLimit = 2048;

/**
 * The patterns that deliver what the controls need, derived from the catalogue: the successful calls that hint at state
 * controls, grouped by service and split so that each pattern stays within the limit, and the records that activity
 * controls judge; the findings of Access Analyzer; the denials that a repair may have caused; and the marks that iam-warden leaves itself. `source` is pinned in all of them: nobody but AWS can send an `aws.` source.
 */
export const eventPatterns = (controls: readonly AnyControl[] = catalogue): NamedPattern[] => [
  ...hintPatterns(controls),
  ...findingPatterns(controls),
  ...controls
    .filter((control) => control.type === "activity")
    .flatMap(({ id, patterns, needsReadEvents }) =>
      patterns.map((pattern, index) => ({
        name: `${id}-${index + 1}`,
        pattern,
        needsReadEvents,
        lane: "activity" as const,
      })),
    ),
  ...afterCarePatterns(controls),
];

/**
 * One pattern that matches whatever one of the patterns does, by the kinds of events alone: for what takes a single pattern,
 * and where nothing else arrives.
 */
export const forwardedPattern = (patterns: readonly NamedPattern[] = eventPatterns()): EventPattern => {
  const allOf = (field: string): readonly Json[] => {
    const values = patterns.flatMap(({ pattern }): readonly Json[] => {
      const value = pattern[field];
      if (!Array.isArray(value)) throw new Error(`a pattern has no list of ${field}`);
      return value;
    });
    return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  };
  return { source: allOf("source"), "detail-type": allOf("detail-type") };
};

/** Mostly it is a read that a new boundary refuses first, and a rule costs nothing for what it does not match. */
const afterCarePatterns = (controls: readonly AnyControl[]): NamedPattern[] => {
  const pattern = denialPattern(controls);
  return pattern === undefined ? [] : [{ name: "after-care-1", pattern, needsReadEvents: true, lane: "denials" }];
};

const hintPatterns = (controls: readonly AnyControl[]): NamedPattern[] => {
  // A mark has to come by the very rule that changes come by: a rule of its own would prove itself alone.
  const hints = new Set([markEvent, ...controls.flatMap((control) => (control.type === "state" ? control.hints : []))]);
  const byService = Map.groupBy([...hints].toSorted(), (hint) => hint.slice(0, hint.indexOf(":")));
  return [...byService].flatMap(([service, ofService]) => {
    const names = ofService.map((hint) => hint.slice(service.length + 1));
    return split(service, names).map((pattern, index) => ({
      name: `${service}-changes-${index + 1}`,
      pattern,
      needsReadEvents: false,
      lane: "changes" as const,
    }));
  });
};

/** What Access Analyzer itself tells is no call. */
const findingPatterns = (controls: readonly AnyControl[]): readonly NamedPattern[] =>
  controls.some((control) => control.type === "state" && control.analyzerFindings)
    ? [{ name: "access-analyzer-findings", pattern: findingPattern, needsReadEvents: false, lane: "changes" }]
    : [];

/** As few patterns as it takes, each filled with event names in order until the next one would not fit. */
const split = (service: string, names: readonly string[]): EventPattern[] => {
  const chunks: string[][] = [];
  for (const name of names) {
    const last = chunks.at(-1);
    if (last !== undefined && JSON.stringify(changePattern(service, [...last, name])).length <= patternLimit) {
      last.push(name);
    } else {
      chunks.push([name]);
    }
  }
  return chunks.map((chunk) => changePattern(service, chunk));
};

const changePattern = (service: string, eventName: readonly string[]): EventPattern => ({
  source: [`aws.${service}`],
  "detail-type": service === "signin" ? [...signInDetailTypes] : ["AWS API Call via CloudTrail"],
  detail: { eventSource: [`${service}.amazonaws.com`], eventName, errorCode: [{ exists: false }] },
});
