import { Duration, Stack } from "aws-cdk-lib";
import { CfnArchive, CfnEventBusPolicy, CfnRule, EventBus } from "aws-cdk-lib/aws-events";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { eventPatterns, forwardedPattern } from "../../shared/events/patterns.ts";
import { busName, roleNames, ruleName } from "../names.ts";
import { WardenFunction } from "./warden-function.ts";
import { askForRepairs, assumeAuditRole, environmentOf, listOrganization, type Wiring } from "./wiring.ts";
import { type WorkQueue, workQueue } from "./work-queue.ts";

const functionTimeout = Duration.seconds(90);

/**
 * As long as CloudTrail's own history and the functions' logs: so long one can see in all three what was made of an event, or
 * replay it to the rules after a mistake of ours. Judging again does no harm.
 */
const archivedFor = Duration.days(90);

/** The event path: members' events → bus → rules derived from the controls → queue → intake. */
export class EventIntake extends Construct {
  readonly bus: EventBus;
  readonly queues: WorkQueue;
  readonly function: WardenFunction;

  constructor(scope: Construct, id: string, wiring: Wiring) {
    super(scope, id);
    this.bus = new EventBus(this, "Bus", { eventBusName: busName, description: "IAM events of every account" });
    this.#acceptOnly(wiring.organizationId);
    new CfnArchive(this, "Archive", {
      archiveName: busName,
      description: "What members forwarded, to be replayed",
      sourceArn: this.bus.eventBusArn,
      eventPattern: forwardedPattern(),
      retentionDays: archivedFor.toDays(),
    });

    this.queues = workQueue(this, {
      functionTimeout,
      // IAM shows a change everywhere only after some seconds; a read before that would judge the state before it.
      deliveryDelay: Duration.seconds(20),
    });
    const { queue, deadLetters } = this.queues;
    this.#routeTo(queue, deadLetters);

    const intake = new WardenFunction(this, "Function", {
      entry: "intake",
      description: "Judges what events hint at",
      timeout: functionTimeout,
      memorySize: 512,
      environment: environmentOf(this, wiring),
      settingsFile: wiring.settingsFile,
    });
    this.function = intake;
    intake.addEventSource(
      new SqsEventSource(queue, { batchSize: 10, maxConcurrency: 10, reportBatchItemFailures: true }),
    );
    intake.addToRolePolicy(assumeAuditRole(this, wiring));
    intake.addToRolePolicy(listOrganization(wiring));
    for (const statement of askForRepairs(wiring)) intake.addToRolePolicy(statement);
    wiring.table.grantStore(intake);
    wiring.topic.grantPublish(intake);
  }

  #acceptOnly(organizationId: string): void {
    new CfnEventBusPolicy(this, "MembersOnly", {
      eventBusName: this.bus.eventBusName,
      statementId: "members-of-the-organization",
      statement: {
        Effect: "Allow",
        Principal: "*",
        Action: "events:PutEvents",
        Resource: this.bus.eventBusArn,
        Condition: {
          StringEquals: { "aws:PrincipalOrgID": organizationId },
          ArnLike: { "aws:PrincipalArn": `arn:${Stack.of(this).partition}:iam::*:role/${roleNames.forward}` },
        },
      },
    });
  }

  #routeTo(queue: Queue, deadLetters: Queue): void {
    const rules = eventPatterns().map(
      ({ name, pattern, needsReadEvents }) =>
        new CfnRule(this, `Rule-${name}`, {
          name: ruleName(name),
          eventBusName: this.bus.eventBusName,
          eventPattern: pattern,
          state: needsReadEvents ? "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" : "ENABLED",
          targets: [
            {
              id: "intake",
              arn: queue.queueArn,
              retryPolicy: { maximumEventAgeInSeconds: Duration.hours(24).toSeconds(), maximumRetryAttempts: 185 },
              deadLetterConfig: { arn: deadLetters.queueArn },
            },
          ],
        }),
    );
    for (const target of [queue, deadLetters]) {
      target.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal("events.amazonaws.com")],
          actions: ["sqs:SendMessage"],
          resources: [target.queueArn],
          conditions: { ArnEquals: { "aws:SourceArn": rules.map((rule) => rule.attrArn) } },
        }),
      );
    }
  }
}
