import { Aws, Duration } from "aws-cdk-lib";
import { Alarm, type AlarmProps, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnSubscription, type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { lanes } from "../../shared/events/patterns.ts";
import { Board } from "./board.ts";
import type { Doctor } from "./doctor.ts";
import type { Escalation } from "./escalation.ts";
import type { EventIntake } from "./event-intake.ts";
import { counted } from "./metrics.ts";
import type { Operator } from "./operator.ts";
import type { Repairs } from "./repairs.ts";
import type { Sweep } from "./sweep.ts";
import type { WardenFunction } from "./warden-function.ts";

export interface Watched {
  readonly intake: EventIntake;
  readonly sweep: Sweep;
  readonly escalation: Escalation;
  readonly operator: Operator;
  readonly doctor: Doctor;
  /** Absent where nothing is opted in. */
  readonly repairs: Repairs | undefined;
  /** What people are told through. */
  readonly alerts: ITopic;
  /** What the scheduler could not start. */
  readonly notStarted: IQueue;
  /** What AppConfig asks before it deploys settings. */
  readonly validator: WardenFunction;
}

export interface OperationsProps extends Watched {
  /** Who is told of alarms by email, and has to confirm that; absent: whoever subscribes later. */
  readonly email: string | undefined;
  /** Whether tags of accounts name their owners. */
  readonly readsOwners: boolean;
}

/** Who watches the watchman: alarms on iam-warden itself, to a topic of their own, and a dashboard. */
export class Operations extends Construct {
  readonly topic: Topic;
  /** Those that take settings back while they are being deployed. */
  readonly settingsAlarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { email, readsOwners, ...watched }: OperationsProps) {
    super(scope, id);
    const { intake, sweep, escalation, operator, doctor, repairs, alerts, notStarted, validator } = watched;
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

    if (email !== undefined) {
      const { topicArn } = this.topic;
      new CfnSubscription(this, `email:${email.replaceAll("/", "|")}`, {
        topicArn,
        protocol: "email",
        endpoint: email,
      });
    }

    const functions = {
      intake: intake.function,
      ...sweep.functions,
      escalate: escalation.function,
      operator: operator.function,
      doctor: doctor.function,
      ...(repairs && { remediate: repairs.function }),
    };
    const failing = new Map<string, Alarm>();
    for (const [name, of] of Object.entries(functions)) {
      const what = `The function ${name} failed: its log says why`;
      // A step of the sweep is tried again: what it gives up is told as an account that was not swept, or a sweep that failed.
      if (!(name in sweep.functions))
        failing.set(name, this.#any(`${name}-errors`, of.metricErrors(fiveMinutes), what));
      this.#any(`${name}-throttles`, of.metricThrottles(fiveMinutes), `Lambda held ${name} back: raise concurrency`);
    }
    const refused = "Settings were refused before anything worked by them: the validator's log says why";
    this.#any("validate-settings-errors", validator.metricErrors(fiveMinutes), refused);
    this.#any("validate-settings-throttles", validator.metricThrottles(fiveMinutes), "Settings could not be validated");
    // What was refused in words is no reason to take back what is mended: only what fails at work is.
    this.settingsAlarms = [
      ...["intake", "escalate", "remediate"].flatMap((name) => failing.get(name) ?? []),
      ...["intake", "escalate"].map((name) =>
        this.#any(`${name}-settings-refused`, counted(name, "SettingsRefused"), "Deployed settings cannot be used"),
      ),
    ];
    // A start at which AppConfig does not answer once is nothing: it holds repairs until the next poll. The hourly run asks
    // in every hour, so that an outage shows, however little there is to do.
    for (const name of ["intake", "escalate", ...(repairs ? ["remediate"] : [])]) {
      const held = "Repairs are held: the settings cannot be read from AppConfig, or not be used";
      const unusable = counted(name, "SettingsUnusable").with({ period: Duration.hours(1) });
      this.#alarm(`${name}-settings-unusable`, unusable, 1, held, { evaluationPeriods: 2 });
    }
    if (repairs) {
      const pretended = "The settings repair what was not opted in at deployment: it is only told. Deploy";
      this.#any("repairs-not-deployed", counted("remediate", "RepairsNotDeployed"), pretended);
    }
    for (const [name, deadLetters] of Object.entries({
      ...Object.fromEntries(lanes.map((lane) => [lane, intake.queues[lane].deadLetters])),
      schedules: notStarted,
      ...(repairs && { repairs: repairs.queues.deadLetters }),
    }))
      this.#alarm(
        `${name}-laid-aside`,
        deadLetters.metricApproximateNumberOfMessagesVisible(atMost),
        1,
        `What failed time and again lies in ${name}' dead-letter queue`,
        // SQS stops counting what nobody touches for six hours: it lies there still.
        { evaluationPeriods: 1, treatMissingData: TreatMissingData.IGNORE },
      );
    const forged = "An event contradicted itself and was refused: somebody may have forged it. The intake's log has it";
    this.#any("events-refused", counted("intake", "EventsRefused"), forged);
    const left = "One change touched more users and roles than are judged at once, or such as may not be listed";
    this.#any("changes-left-to-sweep", counted("intake", "ChangesLeftToSweep"), left);
    const age = (of: IQueue) => of.metricApproximateAgeOfOldestMessage(atMost);
    for (const lane of lanes) {
      const late = `Events (${lane}) have waited for a quarter of an hour to be judged`;
      this.#alarm(`${lane}-late`, age(intake.queues[lane].queue), 15 * 60, late);
    }
    // One that failed is tried again after half an hour; after the third try, an hour on, SQS counts its age no more.
    const late = "Repairs or undos have waited for three quarters of an hour";
    if (repairs) this.#alarm("repairs-late", age(repairs.queues.queue), 45 * 60, late);
    this.#any("accounts-unswept", counted("digest", "AccountsUnswept"), "A sweep did not see all of the organization");
    this.#any(
      "sweep-failed",
      sweep.runs.metricFailed(fiveMinutes),
      "A sweep failed as a whole, or its digest or report did",
    );
    this.#any("sweep-timed-out", sweep.runs.metricTimedOut(fiveMinutes), "A sweep was not done in time");
    this.#alarm(
      "accounts-blind",
      counted("escalate", "BlindAccounts").with({ period: Duration.hours(1) }),
      1,
      "An account is blind: no event of it arrives. `warden doctor` says which, and what is wrong there",
      { evaluationPeriods: 2, datapointsToAlarm: 1 }, // Counted once an hour: between two counts it is blind still.
    );
    // One sweep may take half a day longer than the one before.
    this.#silent("sweep-silent", sweep.runs.metricSucceeded({ period: Duration.hours(1), statistic: "Sum" }), 36);
    this.#silent("escalate-silent", escalation.function.metricInvocations({ period: Duration.hours(1) }), 3);
    if (repairs) {
      this.#any("breaker-tripped", counted("remediate", "BreakersTripped"), "A circuit breaker holds all repairs");
      this.#any("repairs-failed", counted("remediate", "RepairsFailed"), "A repair failed: its finding says why");
    }
    for (const service of [
      "intake",
      "sweep-account",
      "digest",
      "escalate",
      "operator",
      ...(repairs ? ["remediate"] : []),
    ])
      this.#any(`${service}-untold`, counted(service, "NotificationsFailed"), "Notices could not be published");

    const lists = ["list-accounts", "intake", ...(repairs ? ["remediate"] : [])];
    for (const service of readsOwners ? lists : []) {
      const unknown = counted(service, "OwnersUnknown").with({ period: Duration.hours(1) });
      const told = "The tags of accounts may not be read: who owns one is not told. The function's log says why";
      // Accounts are listed once an hour, or seldom.
      this.#alarm(`${service}-owners-unknown`, unknown, 1, told, { evaluationPeriods: 2, datapointsToAlarm: 1 });
    }

    const unread =
      "The sweep could not read all of the organization: what rests on it is unknown. The function's log says why";
    this.#any("organization-unread", counted("list-accounts", "OrganizationNotRead"), unread);
    const outdated =
      "A change of the organization could not be read: until the next sweep judgements rest on what was before";
    this.#any("organization-outdated", counted("intake", "OrganizationOutdated"), outdated);

    const undelivered = alerts.metricNumberOfNotificationsFailed(fiveMinutes);
    this.#any("alerts-undelivered", undelivered, "A subscriber was not reached: SNS has given a notice up");

    new Board(this, "Board", watched);
  }

  /** Tells of every single occurrence. */
  #any(id: string, metric: IMetric, description: string): Alarm {
    return this.#alarm(id, metric, 1, description);
  }

  #alarm(
    id: string,
    metric: IMetric,
    threshold: number,
    alarmDescription: string,
    more: Pick<AlarmProps, "evaluationPeriods" | "datapointsToAlarm" | "treatMissingData"> = { evaluationPeriods: 1 },
  ): Alarm {
    return this.#tell(
      new Alarm(this, id, {
        metric,
        threshold,
        alarmDescription,
        alarmName: `iam-warden-${id}`,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        // What seldom runs has seldom something to count.
        treatMissingData: TreatMissingData.NOT_BREACHING,
        ...more,
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

  #tell(alarm: Alarm): Alarm {
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    return alarm;
  }
}

const fiveMinutes = { period: Duration.minutes(5), statistic: "Sum" };
const atMost = { period: Duration.minutes(5), statistic: "Maximum" };
