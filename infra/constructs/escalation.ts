import { Duration, Stack } from "aws-cdk-lib";
import { Schedule, ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Construct } from "constructs";
import { acceptWildcard } from "./accepted.ts";
import { WardenFunction } from "./warden-function.ts";
import { askForRepairs, assumeAuditRole, environmentOf, listOrganization, type Wiring } from "./wiring.ts";

/**
 * The hourly path: what could not be told when it was due is told again, so that no outage of SNS outlives the hour; repairs
 * that are due are asked for, and people reminded before; accounts that are blind are told, and marked again.
 */
export class Escalation extends Construct {
  readonly function: WardenFunction;

  constructor(scope: Construct, id: string, wiring: Wiring) {
    super(scope, id);
    const { table, topic } = wiring;
    const escalate = new WardenFunction(this, "Function", {
      entry: "escalate",
      description: "Does what has become due: untold notices, reminders, repairs, exemptions that end, blind accounts",
      timeout: Duration.minutes(15),
      // One account's findings are held all at once: 50,000 of them are half of this.
      memorySize: 1024,
      // It fails if any part of it did, and has then done the rest: what is due still is the next run's, not a third one's.
      retryAttempts: 0,
      environment: environmentOf(this, wiring),
      bundledSettings: wiring.bundledSettings,
    });
    this.function = escalate;
    escalate.addToRolePolicy(assumeAuditRole(this, wiring)); // To leave marks where accounts are blind.
    escalate.addToRolePolicy(listOrganization());
    for (const statement of askForRepairs(wiring)) escalate.addToRolePolicy(statement);
    table.grantStore(escalate);
    topic.grantPublish(escalate);
    acceptWildcard(
      Stack.of(this), // The scheduler's role stands there.
      `${escalate.functionArn}:*`,
      "The scheduler may start any version of this one function, as the CDK grants it.",
    );
    new Schedule(this, "Hourly", {
      description: "Starts the hourly run",
      schedule: ScheduleExpression.cron({ minute: "30" }),
      target: new LambdaInvoke(escalate, {
        retryAttempts: 2,
        maxEventAge: Duration.minutes(50),
        deadLetterQueue: wiring.notStarted,
      }),
    });
  }
}
