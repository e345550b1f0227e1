import { isDeepStrictEqual } from "node:util";
import {
  DescribeRuleCommand,
  type EventBridgeClient,
  ListTargetsByRuleCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { call, errorCodeOf } from "../aws/errors.ts";
import { organizationPatterns } from "../events/organization-changes.ts";
import { eventPatterns, type NamedPattern } from "../events/patterns.ts";
import { problem, type Trouble } from "./check.ts";

/** What a rule of iam-warden is called; the templates call them so. */
const ruleName = (pattern: string): string => `iam-warden-${pattern}`;

export interface RulesPlace {
  readonly events: EventBridgeClient;
  /** Named in errors. */
  readonly accountId: string;
  /** Absent: the default bus. */
  readonly busName?: string;
  /** How it is called in sentences, e.g. ` in eu-north-1`. */
  readonly where: string;
  /** What each rule sends to; what else it sends to is no matter. */
  readonly isTarget: (target: Target) => boolean;
  readonly todo: string;
  /** Whether the records of the organization itself come by here. */
  readonly hearsOrganization: boolean;
}

/** Whether every rule that iam-warden needs stands at a place as it was deployed: there, enabled, unchanged, with its target. */
export const lookAtRules = async (place: RulesPlace): Promise<readonly Trouble[]> => {
  const { where, todo, hearsOrganization } = place;
  const wanted = [...eventPatterns(), ...(hearsOrganization ? organizationPatterns() : [])];
  const looked = await Promise.all(wanted.map((one) => lookAtRule(place, one)));
  return Object.entries(Object.groupBy(looked, (flaw) => flaw?.kind ?? "none")).flatMap(([kind, flaws = []]) => {
    const names = flaws.flatMap((flaw) => flaw?.name ?? []);
    return kind === "none"
      ? []
      : [
          problem(`rules are ${kind}${where}`, todo, {
            detail: `${names.length} of ${looked.length}: ${names.join(", ")}`,
          }),
        ];
  });
};

interface Flaw {
  readonly kind: "missing" | "disabled" | "changed" | "without their target";
  readonly name: string;
}

const lookAtRule = async (place: RulesPlace, wanted: NamedPattern): Promise<Flaw | undefined> => {
  const { events, accountId, busName, isTarget } = place;
  const name = ruleName(wanted.name);
  const bus = busName === undefined ? {} : { EventBusName: busName };
  try {
    const { State, EventPattern = "" } = await call("events:DescribeRule", accountId, () =>
      events.send(new DescribeRuleCommand({ Name: name, ...bus })),
    );
    if (State === "DISABLED") return { kind: "disabled", name };
    const hearsReads = State === "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
    if ((wanted.needsReadEvents && !hearsReads) || !isDeepStrictEqual(parsed(EventPattern), wanted.pattern))
      return { kind: "changed", name };
    // A rule has at most five targets: they come on one page.
    const { Targets = [] } = await call("events:ListTargetsByRule", accountId, () =>
      events.send(new ListTargetsByRuleCommand({ Rule: name, ...bus })),
    );
    return Targets.some(isTarget) ? undefined : { kind: "without their target", name };
  } catch (error) {
    if (errorCodeOf(error) === "ResourceNotFoundException") return { kind: "missing", name };
    throw error;
  }
};

/** A pattern that is no JSON is not the one that was deployed. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
