import { Aws, Duration } from "aws-cdk-lib";
import { CfnRule } from "aws-cdk-lib/aws-events";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { NamedPattern } from "../../shared/events/patterns.ts";
import { roleNames, ruleName } from "../names.ts";
import { iamArn } from "../policies/place.ts";
import { accept } from "./accepted.ts";
import type { HubReference } from "./hub-reference.ts";

/**
 * One account's rules in one Region: what iam-warden wants to hear goes straight to the hub's bus, for what was forwarded
 * once is never forwarded again. What cannot be delivered for a day is laid aside.
 */
export class Forwarding extends Construct {
  constructor(scope: Construct, id: string, { eventBusArn }: HubReference, patterns: readonly NamedPattern[]) {
    super(scope, id);
    const deadLetters = new Queue(this, "DeadLetters", {
      queueName: "iam-warden-not-forwarded",
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    accept(deadLetters, "SQS3", "It is where EventBridge lays aside what it could not deliver.");
    const roleArn = iamArn({ partition: Aws.PARTITION, accountId: Aws.ACCOUNT_ID }, `role/${roleNames.forward}`);
    const rules = patterns.map(
      ({ name, pattern, needsReadEvents }) =>
        new CfnRule(this, `Rule-${name}`, {
          name: ruleName(name),
          eventPattern: pattern,
          state: needsReadEvents ? "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" : "ENABLED",
          targets: [
            {
              id: "hub",
              arn: eventBusArn,
              roleArn,
              retryPolicy: { maximumEventAgeInSeconds: Duration.hours(24).toSeconds(), maximumRetryAttempts: 185 },
              deadLetterConfig: { arn: deadLetters.queueArn },
            },
          ],
        }),
    );
    deadLetters.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("events.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [deadLetters.queueArn],
        conditions: { ArnEquals: { "aws:SourceArn": rules.map((rule) => rule.attrArn) } },
      }),
    );
  }
}
