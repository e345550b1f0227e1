import { matches } from "../../shared/events/matcher.ts";
import { type Acting, refusedByResource, refusedWithRole } from "../authorization/service-role.ts";
import type { VirtualClock } from "../clock.ts";
import type { EventBridgeEvent } from "../cloudtrail.ts";
import type { Ids } from "../random.ts";
import { sendTo } from "../sqs/queue.ts";
import { busPolicy, defaultBus } from "./bus.ts";
import type { EventBus, Rule, Target } from "./state.ts";

interface Routing extends Acting {
  /** Of what is delivered. */
  readonly ids: Pick<Ids, "uuid">;
  readonly clock: VirtualClock;
  /** Told of each event that a rule puts on a queue. */
  readonly onQueued: (event: EventBridgeEvent, queueArn: string) => void;
}

const service = "events.amazonaws.com";

/** A call of a management API that only reads; only a rule of one state hears of those. */
const isRead = ({ detail }: EventBridgeEvent): boolean => detail.managementEvent === true && detail.readOnly === true;

const hears = ({ state, pattern }: Rule, event: EventBridgeEvent): boolean =>
  state !== "DISABLED" &&
  (state === "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" || !isRead(event)) &&
  matches(pattern, event);

/**
 * Puts an event on the default bus of the account and Region that it belongs to, and from there wherever rules send it. A bus
 * in another account or Region has to let the rule's role in, a queue the rule; what a target does not take goes to the
 * target's dead-letter queue at once, since EventBridge repeats no delivery that is not permitted. What was forwarded to
 * another bus once is not forwarded again, without a word.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
 */
export const route = (routing: Routing, event: EventBridgeEvent): void => {
  if (routing.state.buses.size === 0) return;
  putOn(routing, defaultBus(routing.state, event.account, event.region), event, false);
};

const putOn = (routing: Routing, bus: EventBus, event: EventBridgeEvent, forwarded: boolean): void => {
  for (const rule of bus.rules.values()) {
    if (!hears(rule, event)) continue;
    for (const target of rule.targets.values()) {
      if (isBus(target) && forwarded) continue;
      const refusal = deliver(routing, rule, target, event);
      if (refusal !== undefined) layAside(routing, rule, target, event, refusal);
    }
  }
};

interface Refusal {
  readonly code: "NO_PERMISSIONS" | "NO_RESOURCE";
  readonly message: string;
}

const isBus = ({ arn }: Target): boolean => /^arn:[^:]+:events:/.test(arn);

const sourceOf = ({ arn }: Rule) => ({ arn, accountId: arn.split(":")[4] ?? "" });

const deliver = (routing: Routing, rule: Rule, target: Target, event: EventBridgeEvent): Refusal | undefined => {
  if (isBus(target)) return forward(routing, rule, target, event);
  const refusal = enqueue(routing, rule, target.arn, event, { groupId: groupOf(target, event) });
  if (refusal === undefined) routing.onQueued(event, target.arn);
  return refusal;
};

const forward = (routing: Routing, rule: Rule, target: Target, event: EventBridgeEvent): Refusal | undefined => {
  const bus = routing.state.buses.get(target.arn);
  if (bus === undefined) return { code: "NO_RESOURCE", message: `there is no event bus ${target.arn}` };
  if (target.roleArn === undefined)
    return { code: "NO_PERMISSIONS", message: "a target in another account or Region needs a role" };
  const message = refusedWithRole(routing, target.roleArn, {
    ...{ service, source: sourceOf(rule), action: "events:PutEvents", resource: bus.arn },
    resourcePolicy: busPolicy(bus),
  });
  if (message !== undefined) return { code: "NO_PERMISSIONS", message };
  putOn(routing, bus, event, true);
  return undefined;
};

/** `$.account` is the event's account. */
const groupOf = ({ messageGroupPath }: Target, event: EventBridgeEvent): string | undefined => {
  const value: unknown = messageGroupPath && Reflect.get(event, messageGroupPath.slice("$.".length));
  return typeof value === "string" ? value : undefined;
};

const enqueue = (
  { state, ids, clock }: Routing,
  rule: Rule,
  queueArn: string,
  event: EventBridgeEvent,
  as: Pick<Parameters<typeof sendTo>[2], "attributes" | "groupId">,
): Refusal | undefined => {
  const queue = state.queues.get(queueArn);
  if (queue === undefined) return { code: "NO_RESOURCE", message: `there is no queue ${queueArn}` };
  const message = refusedByResource(state, {
    ...{ service, source: sourceOf(rule), action: "sqs:SendMessage", resource: queue.arn },
    resourcePolicy: queue.attributes.get("Policy"),
  });
  if (message !== undefined) return { code: "NO_PERMISSIONS", message };
  sendTo(queue, { ids, now: clock.now() }, { body: JSON.stringify(event), ...as });
  return undefined;
};

const layAside = (routing: Routing, rule: Rule, target: Target, event: EventBridgeEvent, refusal: Refusal): void => {
  const { deadLetterArn } = target;
  const attributes = {
    ...{ RULE_ARN: rule.arn, TARGET_ARN: target.arn, ERROR_CODE: refusal.code, ERROR_MESSAGE: refusal.message },
  };
  const laidAside =
    deadLetterArn !== undefined && enqueue(routing, rule, deadLetterArn, event, { attributes }) === undefined;
  const at = routing.clock.now();
  routing.state.undelivered.push({
    ...{ from: rule.arn, targetArn: target.arn, id: event.id, at, ...refusal, laidAside },
  });
};
