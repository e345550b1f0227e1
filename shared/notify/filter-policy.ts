import type { Json } from "../control.ts";
import type { Subscriber } from "../settings/settings.ts";

/**
 * What a subscriber asked for, as SNS takes it: a filter policy on the attributes of messages. `undefined`: all messages. An
 * OU stands for itself and everything below it.
 */
export const filterPolicyOf = ({ only }: Pick<Subscriber, "only">): Record<string, readonly Json[]> | undefined => {
  const asked = Object.entries(only ?? {}).filter(([, values]) => values !== undefined);
  if (asked.length === 0) return undefined;
  return Object.fromEntries(
    asked.map(([attribute, values = []]) => [
      attribute,
      attribute === "ouPath" ? values.flatMap((ou) => [ou, { prefix: `${ou}/` }]) : values,
    ]),
  );
};
