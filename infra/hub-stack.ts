import { CfnOutput, CfnParameter, Stack, type StackProps, Stage } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { optedIn, writesOfAll } from "../shared/settings/opted-in.ts";
import { accept, acceptWildcard } from "./constructs/accepted.ts";
import { Alerts } from "./constructs/alerts.ts";
import { Chat } from "./constructs/chat.ts";
import { Configuration, settingsValidator } from "./constructs/configuration.ts";
import { Doctor } from "./constructs/doctor.ts";
import { Escalation } from "./constructs/escalation.ts";
import { EventIntake } from "./constructs/event-intake.ts";
import { FindingsTable } from "./constructs/findings-table.ts";
import { organizationIdOf } from "./constructs/hub-reference.ts";
import { Members } from "./constructs/members.ts";
import { Operations } from "./constructs/operations.ts";
import { Operator } from "./constructs/operator.ts";
import { Repairs } from "./constructs/repairs.ts";
import { ReportBucket } from "./constructs/report-bucket.ts";
import { Sweep } from "./constructs/sweep.ts";
import { watchedRegions } from "./constructs/watched-regions.ts";
import type { Wiring } from "./constructs/wiring.ts";
import { deadLetterQueue } from "./constructs/work-queue.ts";
import { roleNames } from "./names.ts";
import { readSettings, settingsJson, writeBundledSettings } from "./settings-file.ts";

export interface HubStackProps extends StackProps {
  /**
   * A `warden.config.yaml` whose settings go, as JSON, beside the functions and into AppConfig; without one every control runs
   * with its defaults.
   */
  readonly settingsFile?: string;
}

/** What runs in the hub account: the event path, the sweep, the repairs, and what all write to and tell through. */
export class HubStack extends Stack {
  constructor(scope: Construct, id: string, props: HubStackProps = {}) {
    super(scope, id, props);
    const { settingsFile } = props;
    const settings = readSettings(settingsFile);
    // Beside the templates, from where they are copied into each bundle.
    const bundledSettings = settingsFile === undefined ? undefined : writeBundledSettings(settingsFile, outdirOf(this));

    const organizationId = organizationIdOf(this, settings.deployment);
    const auditRoleName = new CfnParameter(this, "AuditRoleName", {
      description: "The role, by name, that reads IAM in every account, this one included",
      default: roleNames.audit,
      allowedPattern: "^[\\w+=,.@-]{1,64}$",
    }).valueAsString;

    const table = new FindingsTable(this, "Findings");
    const { topic } = new Alerts(this, "Alerts", settings.subscribers);
    const { slack, teams } = settings.chat;
    if (slack.length + teams.length > 0) new Chat(this, "Chat", topic, settings.chat);
    const reports = new ReportBucket(this, "Reports");
    const notStarted = deadLetterQueue(this, "ScheduleDeadLetters");
    accept(notStarted, "SQS3", "It is where the scheduler lays aside what it could not start.");
    acceptWildcard(
      this,
      "*",
      "Only for actions that take no resource, or whose resources are not known when it is deployed: a test has the reason for each.",
    );
    const base: Wiring = {
      ...{ organizationId, auditRoleName, table, topic, notStarted, settings, bundledSettings },
      regions: watchedRegions(this, settings.deployment),
    };

    // With nothing opted in there is neither function nor queue nor permission to write.
    const written = writesOfAll(optedIn(settings));
    const repairs = written.length > 0 ? new Repairs(this, "Repairs", base, written) : undefined;
    const wiring: Wiring = { ...base, ...(repairs && { repairQueue: repairs.queues.queue }) };
    const intake = new EventIntake(this, "Intake", wiring);
    const sweep = new Sweep(this, "Sweep", wiring, reports);
    const escalation = new Escalation(this, "Escalation", wiring);
    new Members(this, "Members", {
      organizationId,
      eventBusArn: intake.bus.eventBusArn,
      regions: wiring.regions,
      settingsFile,
      deployment: settings.deployment,
    });
    const doctor = new Doctor(this, "Doctor", wiring, { intake, repairs });
    const operator = new Operator(this, "Operator", wiring, written, doctor);
    const validator = settingsValidator(this, bundledSettings);
    const operations = new Operations(this, "Operations", {
      ...{ intake, sweep, escalation, operator, doctor, repairs, validator, notStarted },
      email: settings.deployment.operationsEmail,
      readsOwners: settings.owners.accountTag !== undefined,
      alerts: topic,
    });
    doctor.lookAt(operations.topic);
    const { listAccounts, sweepAccount, digest } = sweep.functions;
    const readers = [intake, escalation, operator, doctor, ...(repairs ? [repairs] : [])].map((path) => path.function);
    new Configuration(this, "Settings", {
      content: settingsJson(settingsFile),
      validator,
      readers: [...readers, listAccounts, sweepAccount, digest],
      rollbackOn: operations.settingsAlarms,
    });

    new CfnOutput(this, "EventBusArn", { value: intake.bus.eventBusArn, description: "Where members forward events" });
    new CfnOutput(this, "AlertTopicArn", { value: topic.topicArn, description: "Where alerts are published" });
    new CfnOutput(this, "OperationsTopicArn", {
      value: operations.topic.topicArn,
      description: "Where iam-warden's own alarms are published",
    });
    new CfnOutput(this, "OperatorUrl", { value: operator.url, description: "What the warden command asks" });
    new CfnOutput(this, "OperatorAccessPolicyArn", {
      value: operator.accessPolicyArn,
      description: "For the roles of people who use the warden command",
    });
    new CfnOutput(this, "ReportBucketName", { value: reports.bucketName, description: "Where each sweep's report is" });
    new CfnOutput(this, "FindingsTableName", { value: table.tableName });
  }
}

/** Where what is synthesized is written. */
const outdirOf = (stack: Stack): string => {
  const stage = Stage.of(stack);
  if (stage === undefined) throw new Error("The hub's stack is in no app: give it one as its scope");
  return stage.outdir;
};
