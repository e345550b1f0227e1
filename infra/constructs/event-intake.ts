import { Duration, Stack } from "aws-cdk-lib";
import { CfnArchive, CfnEventBusPolicy, CfnRule, EventBus } from "aws-cdk-lib/aws-events";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { organizationPatterns } from "../../shared/events/organization-changes.ts";
import { eventPatterns, forwardedPattern, type Lane, lanes } from "../../shared/events/patterns.ts";
import { busName, roleNames, ruleName } from "../names.ts";
import { WardenFunction } from "./warden-function.ts";
import { askForRepairs, assumeAuditRole, environmentOf, listOwned, readOrganization, type Wiring } from "./wiring.ts";
import { type WorkQueue, workOn, workQueue } from "./work-queue.ts";

const functionTimeout = Duration.seconds(90);

/**
 * Three hours: an hour without the table, or in which an account throttles every read, lays nothing aside that would come
 * through by itself; nor does a denial that waits for a repair, which itself is tried for two hours and a half.
 */
const tries = 20;

/**
 * As long as CloudTrail's own history and the functions' logs: so long one can see in all three what was made of an event, or
 * replay it to the rules after a mistake of ours. Judging again does no harm.
 */
const archivedFor = Duration.days(90);

/** Batches that are judged at once, by lane. Two are the least that Lambda takes. */
const concurrency: Readonly<Record<Lane, number>> = { changes: 10, activity: 5, denials: 2 };

/** The event path: members' events → bus → rules derived from the controls → a queue for each lane → intake. */
export class EventIntake extends Construct {
  readonly bus: EventBus;
  readonly queues: Readonly<Record<Lane, WorkQueue>>;
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

    const queues = (id: string): WorkQueue =>
      workQueue(new Construct(this, id), {
        functionTimeout,
        tries,
        // IAM shows a change everywhere only after some seconds; a read before that would judge the state before it. And
        // whose session a root's is stands in a record that may come a little later.
        deliveryDelay: Duration.seconds(20),
      });
    this.queues = { changes: queues("Changes"), activity: queues("Activity"), denials: queues("Denials") };
    for (const lane of lanes) this.#route(lane);

    const intake = new WardenFunction(this, "Function", {
      entry: "intake",
      description: "Judges what events hint at",
      timeout: functionTimeout,
      memorySize: 512,
      environment: { ...environmentOf(this, wiring), ACTIVITY_QUEUE_ARN: this.queues.activity.queue.queueArn },
      bundledSettings: wiring.bundledSettings,
    });
    this.function = intake;
    for (const lane of lanes) workOn(intake, this.queues[lane], { batchSize: 10, maxConcurrency: concurrency[lane] });
    intake.addToRolePolicy(assumeAuditRole(this, wiring));
    intake.addToRolePolicy(listOwned(wiring));
    intake.addToRolePolicy(readOrganization());
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

  #route(lane: Lane): void {
    const { queue, deadLetters } = this.queues[lane];
    const patterns = [...eventPatterns(), ...organizationPatterns()].filter((one) => one.lane === lane);
    const rules = patterns.map(
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
              // The account whose bus sent it: one that makes more calls than can be judged in time waits behind all others.
              sqsParameters: { messageGroupId: "$.account" },
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
