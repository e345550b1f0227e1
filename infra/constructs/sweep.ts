import { Aws, Duration, Fn } from "aws-cdk-lib";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from "aws-cdk-lib/aws-scheduler";
import { StepFunctionsStartExecution } from "aws-cdk-lib/aws-scheduler-targets";
import { DefinitionBody, LogLevel, StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { accept, acceptWildcard } from "./accepted.ts";
import type { ReportBucket } from "./report-bucket.ts";
import { type SweepFunctions, sweepDefinition } from "./sweep-definition.ts";
import { WardenFunction } from "./warden-function.ts";
import { assumeAuditRole, environmentOf, listOwned, readOrganization, type Wiring } from "./wiring.ts";

/** The schedule path, daily: list the accounts → sweep each, in turns of a quarter of an hour → tell one digest → report. */
export class Sweep extends Construct {
  readonly runs: StateMachine;
  readonly functions: SweepFunctions;

  constructor(scope: Construct, id: string, wiring: Wiring, reports: ReportBucket) {
    super(scope, id);
    const { table, topic } = wiring;
    const environment = environmentOf(this, wiring);

    const listAccounts = new WardenFunction(this, "ListAccounts", {
      entry: "list-accounts",
      description: "Plans a sweep: the organization's active accounts; keeps what limits them",
      // Of policies' documents Organizations answers two a second.
      timeout: Duration.minutes(15),
      memorySize: 256,
      environment: { ...environment, REPORT_BUCKET: reports.bucketName },
      bundledSettings: wiring.bundledSettings,
    });
    listAccounts.addToRolePolicy(listOwned(wiring));
    listAccounts.addToRolePolicy(readOrganization());
    listAccounts.addToRolePolicy(assumeAuditRole(this, wiring));
    table.grantPut(listAccounts);
    reports.grantPlan(listAccounts);

    const sweepAccount = new WardenFunction(this, "SweepAccount", {
      entry: "sweep-account",
      description: "Judges every subject of one account; answers with a cursor before its time is up",
      timeout: Duration.minutes(15),
      memorySize: 1024,
      environment,
      bundledSettings: wiring.bundledSettings,
    });
    sweepAccount.addToRolePolicy(assumeAuditRole(this, wiring));
    table.grantStore(sweepAccount);
    topic.grantPublish(sweepAccount);

    const digest = new WardenFunction(this, "Digest", {
      entry: "digest",
      description: "Tells what a sweep found, once, and what is still untold; writes the report",
      // Cut off after it was told, a digest would be told again.
      timeout: Duration.minutes(15),
      // An organization's first sweep may find a hundred thousand, which a report holds all at once.
      memorySize: 1024,
      environment: { ...environment, REPORT_BUCKET: reports.bucketName },
      bundledSettings: wiring.bundledSettings,
    });
    table.grantStore(digest);
    topic.grantPublish(digest);
    reports.grantWrite(digest);
    reports.grantReadPlan(digest);

    const logGroup = new LogGroup(this, "RunLogs", {
      logGroupName: "/aws/vendedlogs/states/iam-warden-sweep",
      retention: RetentionDays.THREE_MONTHS,
    });
    this.functions = { listAccounts, sweepAccount, digest };
    this.runs = new StateMachine(this, "Run", {
      stateMachineName: "iam-warden-sweep",
      comment: "The daily sweep over every account of the organization",
      definitionBody: DefinitionBody.fromChainable(sweepDefinition(this, this.functions, reports.plans)),
      timeout: Duration.hours(20),
      logs: { destination: logGroup, level: LogLevel.ERROR },
    });
    this.#accept();
    new Schedule(this, "Daily", {
      description: "Starts the daily sweep",
      schedule: ScheduleExpression.cron({ hour: "6", minute: "0" }),
      timeWindow: TimeWindow.flexible(Duration.minutes(15)),
      target: new StepFunctionsStartExecution(this.runs, {
        // Named by its time, so that the results and the report of a schedule that fires twice are one run's.
        input: ScheduleTargetInput.fromObject({ runId: `sweep-${ContextAttribute.scheduledTime}` }),
        retryAttempts: 10,
        maxEventAge: Duration.hours(2),
        deadLetterQueue: wiring.notStarted,
      }),
    });
  }

  #accept(): void {
    accept(
      this.runs,
      "SF1",
      "Step Functions itself keeps the history of a standard run for 90 days, with all events; the log is for what failed.",
    );
    accept(this.runs, "SF2", "A run's history has the times of its steps; there is no request to trace through them.");
    for (const { functionArn } of Object.values(this.functions))
      acceptWildcard(
        this.runs,
        `${functionArn}:*`,
        "A run may start any version of its functions, as the CDK grants it.",
      );
    const name = Fn.select(6, Fn.split(":", this.runs.stateMachineArn));
    for (const runs of [":*", "/*:*"])
      acceptWildcard(
        this.runs,
        `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${name}${runs}`,
        "The runs over single accounts are the state machine's own, and have no names before they begin.",
      );
  }
}
