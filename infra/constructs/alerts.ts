import { Alias } from "aws-cdk-lib/aws-kms";
import { CfnSubscription, Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { filterPolicyOf } from "../../shared/notify/filter-policy.ts";
import type { Subscriber } from "../../shared/settings/settings.ts";

/**
 * The topic that people and their tools are told through, and whom the settings subscribe to it. Who is subscribed by email
 * or https has to confirm; a queue or a function has to let the topic in.
 */
export class Alerts extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, subscribers: readonly Subscriber[]) {
    super(scope, id);
    this.topic = new Topic(this, "Topic", {
      displayName: "iam-warden",
      enforceSSL: true,
      // AWS's own key lets in whoever may publish, in this account: nobody else does.
      masterKey: Alias.fromAliasName(this, "Key", "alias/aws/sns"),
    });
    for (const subscriber of subscribers) {
      const { protocol, endpoint } = subscriber;
      const filterPolicy = filterPolicyOf(subscriber);
      // Named by whom it subscribes, so that another order in the settings subscribes nobody anew.
      new CfnSubscription(this, `${protocol}:${endpoint.replaceAll("/", "|")}`, {
        topicArn: this.topic.topicArn,
        protocol,
        endpoint,
        ...(filterPolicy && { filterPolicy, filterPolicyScope: "MessageAttributes" }),
      });
    }
  }
}
