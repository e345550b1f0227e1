import { Aws, Duration } from "aws-cdk-lib";
import { Alarm, type AlarmProps, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { Board } from "./board.ts";
import type { Doctor } from "./doctor.ts";
import type { Escalation } from "./escalation.ts";
import type { EventIntake } from "./event-intake.ts";
import { counted } from "./metrics.ts";
import type { Operator } from "./operator.ts";
import type { Repairs } from "./repairs.ts";
import type { Sweep } from "./sweep.ts";

export interface Watched {
  readonly intake: EventIntake;
  readonly sweep: Sweep;
  readonly escalation: Escalation;
  readonly operator: Operator;
  readonly doctor: Doctor;
  /** Absent where nothing is opted in. */
  readonly repairs: Repairs | undefined;
}

/** Who watches the watchman: alarms on iam-warden itself, to a topic of their own, and a dashboard. */
export class Operations extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, watched: Watched) {
    super(scope, id);
    const { intake, sweep, escalation, operator, doctor, repairs } = watched;
    this.topic = new Topic(this, "Topic", { displayName: "iam-warden operations", enforceSSL: true });
    // Not encrypted with AWS's own key: CloudWatch may not publish to a topic that is, and alarms hold no findings.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    );

    const functions = {
      intake: intake.function,
      ...sweep.functions,
      escalate: escalation.function,
      operator: operator.function,
      doctor: doctor.function,
      ...(repairs && { remediate: repairs.function }),
    };
    for (const [name, of] of Object.entries(functions)) {
      this.#any(`${name}-errors`, of.metricErrors(fiveMinutes), `The function ${name} failed: its log says why`);
      this.#any(`${name}-throttles`, of.metricThrottles(fiveMinutes), `Lambda held ${name} back: raise concurrency`);
    }
    for (const [name, { deadLetters }] of Object.entries({
      events: intake.queues,
      ...(repairs && { repairs: repairs.queues }),
    }))
      this.#any(
        `${name}-laid-aside`,
        deadLetters.metricApproximateNumberOfMessagesVisible(atMost),
        `Messages failed time and again and lie in ${name}' dead-letter queue`,
      );
    const age = intake.queues.queue.metricApproximateAgeOfOldestMessage(atMost);
    this.#alarm("events-late", age, 15 * 60, "Events have waited for a quarter of an hour to be judged");
    this.#any("accounts-unswept", counted("digest", "AccountsUnswept"), "A sweep did not see all of the organization");
    this.#any("sweep-failed", sweep.runs.metricFailed(fiveMinutes), "A sweep failed as a whole");
    this.#any("sweep-timed-out", sweep.runs.metricTimedOut(fiveMinutes), "A sweep was not done in time");
    this.#alarm(
      "accounts-blind",
      counted("escalate", "BlindAccounts").with({ period: Duration.hours(1) }),
      1,
      "An account is blind: no event of it arrives. `warden doctor` says which, and what is wrong there",
      { evaluationPeriods: 2, datapointsToAlarm: 1 }, // Counted once an hour: between two counts it is blind still.
    );
    this.#silent("sweep-silent", sweep.runs.metricSucceeded({ period: Duration.days(1), statistic: "Sum" }), 2);
    this.#silent("escalate-silent", escalation.function.metricInvocations({ period: Duration.hours(1) }), 3);
    if (repairs) {
      this.#any("breaker-tripped", counted("remediate", "BreakersTripped"), "A circuit breaker holds all repairs");
      this.#any("repairs-failed", counted("remediate", "RepairsFailed"), "A repair failed: its finding says why");
    }
    for (const service of ["intake", "sweep-account", "digest", "escalate", ...(repairs ? ["remediate"] : [])])
      this.#any(`${service}-untold`, counted(service, "NotificationsFailed"), "Notices could not be published");

    new Board(this, "Board", watched);
  }

  /** Tells of every single occurrence. */
  #any(id: string, metric: IMetric, description: string): void {
    this.#alarm(id, metric, 1, description);
  }

  #alarm(
    id: string,
    metric: IMetric,
    threshold: number,
    alarmDescription: string,
    periods: Pick<AlarmProps, "evaluationPeriods" | "datapointsToAlarm"> = { evaluationPeriods: 1 },
  ): void {
    this.#tell(
      new Alarm(this, id, {
        metric,
        threshold,
        alarmDescription,
        alarmName: `iam-warden-${id}`,
        ...periods,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        // What seldom runs has seldom something to count.
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }),
    );
  }

  /** Tells where something did not happen that always should: then the missing number itself is the news. */
  #silent(id: string, metric: IMetric, evaluationPeriods: number): void {
    this.#tell(
      new Alarm(this, id, {
        metric,
        threshold: 1,
        alarmDescription: "What runs by the clock has not run",
        alarmName: `iam-warden-${id}`,
        evaluationPeriods,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.BREACHING,
      }),
    );
  }

  #tell(alarm: Alarm): void {
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
  }
}

const fiveMinutes = { period: Duration.minutes(5), statistic: "Sum" };
const atMost = { period: Duration.minutes(5), statistic: "Maximum" };
