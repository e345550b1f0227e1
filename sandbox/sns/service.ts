import type { Service } from "../protocol/service.ts";
import { topicNeeds } from "./permissions.ts";
import { publishOperations } from "./publish.ts";
import { subscriptionOperations } from "./subscriptions.ts";
import { topicOperations } from "./topics.ts";

/** Amazon Simple Notification Service. What it delivers is kept in the state's `deliveries`; nothing leaves the process. */
export const sns: Service = {
  name: "sns",
  protocol: { type: "query", version: "2010-03-31", namespace: "http://sns.amazonaws.com/doc/2010-03-31/" },
  operations: { ...topicOperations, ...subscriptionOperations, ...publishOperations },
  needs: topicNeeds,
  unrecorded: ["Publish"],
};
