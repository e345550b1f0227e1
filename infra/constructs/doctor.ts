import { Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { lanes } from "../../shared/events/patterns.ts";
import { busName, ruleName, stackSetName } from "../names.ts";
import { acceptWildcard } from "./accepted.ts";
import type { EventIntake } from "./event-intake.ts";
import type { Repairs } from "./repairs.ts";
import { WardenFunction } from "./warden-function.ts";
import { assumeAuditRole, describeOrganization, environmentOf, listOrganization, type Wiring } from "./wiring.ts";

export interface DoctorProps {
  readonly intake: EventIntake;
  /** Absent where nothing is opted in. */
  readonly repairs: Repairs | undefined;
}

/** Looks, when people ask, whether every account is watched and iam-warden itself is well. Its role only reads. */
export class Doctor extends Construct {
  readonly url: string;
  readonly function: WardenFunction;

  constructor(scope: Construct, id: string, wiring: Wiring, { intake, repairs }: DoctorProps) {
    super(scope, id);
    const { partition, region, account } = Stack.of(this);
    const deadLetters: Readonly<Record<string, IQueue>> = {
      ...Object.fromEntries(lanes.map((lane) => [lane, intake.queues[lane].deadLetters])),
      schedules: wiring.notStarted,
      ...(repairs && { repairs: repairs.queues.deadLetters }),
    };
    const doctor = new WardenFunction(this, "Function", {
      entry: "doctor",
      description: "Tells people whether every account is watched",
      // Of two thousand accounts it lists eight thousand stacks, by the hundred.
      timeout: Duration.minutes(2),
      memorySize: 512,
      environment: {
        ...environmentOf(this, wiring),
        EVENT_BUS_ARN: intake.bus.eventBusArn,
        STACK_SET_NAME: stackSetName,
        DEAD_LETTER_URLS: Object.entries(deadLetters)
          .map(([name, { queueUrl }]) => `${name}=${queueUrl}`)
          .join(","),
      },
      bundledSettings: wiring.bundledSettings,
    });
    this.function = doctor;
    doctor.addToRolePolicy(assumeAuditRole(this, wiring));
    doctor.addToRolePolicy(listOrganization());
    doctor.addToRolePolicy(describeOrganization());
    wiring.table.grantRead(doctor);
    const may = (actions: string[], resources: string[]): void =>
      doctor.addToRolePolicy(new PolicyStatement({ actions, resources }));
    const ownRules = `arn:${partition}:events:${region}:${account}:rule/${busName}/${ruleName("*")}`;
    may(["events:DescribeRule", "events:ListTargetsByRule"], [ownRules]);
    acceptWildcard(this, ownRules, "The hub's own rules are told by their names.");
    const stackSet = `arn:${partition}:cloudformation:${region}:${account}:stackset/${stackSetName}:*`;
    may(["cloudformation:ListStackInstances"], [stackSet]);
    acceptWildcard(this, stackSet, "CloudFormation makes up the end of a stack set's ARN.");
    may(
      ["sqs:GetQueueAttributes"],
      Object.values(deadLetters).map(({ queueArn }) => queueArn),
    );
    may(["sns:ListSubscriptionsByTopic"], [wiring.topic.topicArn]);
    this.url = doctor.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM }).url;
  }

  /** Has it look at the topic of iam-warden's own alarms, too, which is made after everything that they watch. */
  lookAt(operations: ITopic): void {
    this.function.addEnvironment("OPERATIONS_TOPIC_ARN", operations.topicArn);
    this.function.addToRolePolicy(
      new PolicyStatement({ actions: ["sns:ListSubscriptionsByTopic"], resources: [operations.topicArn] }),
    );
  }
}
