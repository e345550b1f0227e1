import { paginateListSubscriptionsByTopic } from "@aws-sdk/client-sns";
import { call } from "../../aws/errors.ts";
import { type Check, problem } from "../check.ts";
import type { DoctorDependencies } from "../dependencies.ts";

/** Whether somebody is told. */
export const subscriptions: Check<DoctorDependencies> = {
  id: "subscriptions",
  title: "somebody is subscribed to each topic, and every subscription is confirmed",
  severity: "high",
  isWatching: false,
  look: async ({ aws, deployed }) => {
    const ofEach = deployed.topics.map(async ({ name, at }) => {
      const pages = await call("sns:ListSubscriptionsByTopic", deployed.hubAccountId, () =>
        Array.fromAsync(paginateListSubscriptionsByTopic({ client: aws.sns() }, { TopicArn: at })),
      );
      const all = pages.flatMap(({ Subscriptions = [] }) => Subscriptions);
      if (all.length === 0)
        return [
          problem(
            `nobody is subscribed to the topic ${name}`,
            name === "alerts"
              ? "Name subscribers in the settings file, and deploy the hub's stack."
              : "Subscribe whoever keeps iam-warden running: it tells when iam-warden itself fails.",
          ),
        ];
      const pending = all.filter(({ SubscriptionArn }) => SubscriptionArn === "PendingConfirmation");
      return pending.map(({ Protocol, Endpoint }) =>
        problem(
          `a subscription of the topic ${name} is not confirmed`,
          "Whoever it is for has to follow the link in the message that SNS sent; it holds for two days, then subscribe anew.",
          { detail: `${Protocol} ${Endpoint}` },
        ),
      );
    });
    return (await Promise.all(ofEach)).flat();
  },
};
