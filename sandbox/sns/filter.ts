import * as z from "zod";
import type { EventPattern } from "../../shared/control.ts";
import { MalformedInputError } from "../../shared/errors.ts";
import { matches, parsePattern } from "../../shared/events/matcher.ts";
import { AwsError } from "../protocol/service.ts";
import type { MessageAttribute, Subscription } from "./state.ts";
import { invalidParameter } from "./topics.ts";

const mostKeys = 5;
const mostCombinations = 150;

/** A filter policy, or undefined where it is empty and so lets everything through. @throws MalformedInputError */
const parsePolicy = (text: string): EventPattern | undefined =>
  text === "" || /^\s*\{\s*\}\s*$/.test(text) ? undefined : parsePattern(text);

/** Keys of lists, at any depth, and the product of the lists' lengths. */
const sizeOf = (policy: EventPattern): { keys: number; combinations: number; nested: boolean } => {
  const size = { keys: 0, combinations: 1, nested: false };
  for (const value of Object.values(policy)) {
    if (Array.isArray(value)) {
      size.keys += 1;
      size.combinations *= value.length;
    } else {
      const inner = sizeOf(value as EventPattern);
      size.keys += inner.keys;
      size.combinations *= inner.combinations;
      size.nested = true;
    }
  }
  return size;
};

/** @throws AwsError `InvalidParameter` or `FilterPolicyLimitExceeded` */
export const checkFilterPolicy = (text: string, scope: string): void => {
  let policy: EventPattern | undefined;
  try {
    policy = parsePolicy(text);
  } catch (error) {
    if (error instanceof MalformedInputError) invalidParameter(`FilterPolicy: ${error.message}`);
    throw error;
  }
  if (policy === undefined) return;
  const { keys, combinations, nested } = sizeOf(policy);
  if (nested && scope === "MessageAttributes") {
    invalidParameter("FilterPolicy: Filter policy scope MessageAttributes does not support nested filter policy");
  }
  if (keys > mostKeys) invalidParameter(`FilterPolicy: Filter policy can not have more than ${mostKeys} keys`);
  if (combinations > mostCombinations) {
    throw new AwsError("FilterPolicyLimitExceeded", "Filter policy is too complex", 403);
  }
};

/** Numbers, strings and lists by their types; binary values cannot be filtered on and count as absent. */
const attributeValues = (attributes: Readonly<Record<string, MessageAttribute>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { type, value }]): [string, unknown][] => {
      if (type === "Number" || type.startsWith("Number.")) return [[name, Number(value)]];
      if (type === "String.Array") return [[name, JSON.parse(value)]];
      return type.startsWith("String") ? [[name, value]] : [];
    }),
  );

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("not JSON");
    return z.NEVER;
  }
});

/** Whether a subscription's filter policy lets a message through. A body that is not JSON passes no policy on bodies. */
export const passesFilter = (
  subscription: Subscription,
  message: string,
  attributes: Readonly<Record<string, MessageAttribute>>,
): boolean => {
  const policy = parsePolicy(subscription.attributes.get("FilterPolicy") ?? "");
  if (policy === undefined) return true;
  if (subscription.attributes.get("FilterPolicyScope") !== "MessageBody") {
    return matches(policy, attributeValues(attributes));
  }
  const body = json.safeParse(message);
  return body.success && matches(policy, body.data);
};
