import { CfnOutput, CfnParameter, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { optedIn, writesOfAll } from "../shared/settings/opted-in.ts";
import { Alerts } from "./constructs/alerts.ts";
import { Doctor } from "./constructs/doctor.ts";
import { Escalation } from "./constructs/escalation.ts";
import { EventIntake } from "./constructs/event-intake.ts";
import { FindingsTable } from "./constructs/findings-table.ts";
import { organizationIdParameter } from "./constructs/hub-reference.ts";
import { Members } from "./constructs/members.ts";
import { Operations } from "./constructs/operations.ts";
import { Operator } from "./constructs/operator.ts";
import { Repairs } from "./constructs/repairs.ts";
import { Sweep } from "./constructs/sweep.ts";
import type { Wiring } from "./constructs/wiring.ts";
import { roleNames } from "./names.ts";
import { readSettings } from "./settings-file.ts";

export interface HubStackProps extends StackProps {
  /** A `warden.config.yaml` to put beside the functions; without one every control runs with its defaults. */
  readonly settingsFile?: string;
}

/** What runs in the hub account: the event path, the sweep, the repairs, and what all write to and tell through. */
export class HubStack extends Stack {
  constructor(scope: Construct, id: string, props: HubStackProps = {}) {
    super(scope, id, props);
    const settings = readSettings(props.settingsFile);

    const organizationId = organizationIdParameter(this);
    const auditRoleName = new CfnParameter(this, "AuditRoleName", {
      description: "The role, by name, that reads IAM in every account, this one included",
      default: roleNames.audit,
      allowedPattern: "^[\\w+=,.@-]{1,64}$",
    }).valueAsString;

    const table = new FindingsTable(this, "Findings");
    const { topic } = new Alerts(this, "Alerts", settings.subscribers);
    const base: Wiring = { organizationId, auditRoleName, table, topic, settingsFile: props.settingsFile, settings };

    // With nothing opted in there is neither function nor queue nor permission to write.
    const written = writesOfAll(optedIn(settings));
    const repairs = written.length > 0 ? new Repairs(this, "Repairs", base, written) : undefined;
    const wiring: Wiring = { ...base, ...(repairs && { repairQueue: repairs.queues.queue }) };
    const intake = new EventIntake(this, "Intake", wiring);
    const sweep = new Sweep(this, "Sweep", wiring);
    const escalation = new Escalation(this, "Escalation", wiring);
    const members = new Members(this, "Members", {
      organizationId,
      eventBusArn: intake.bus.eventBusArn,
      settingsFile: props.settingsFile,
    });
    const doctor = new Doctor(this, "Doctor", wiring, { intake, members, repairs });
    const operator = new Operator(this, "Operator", wiring, written, doctor);
    const operations = new Operations(this, "Operations", { intake, sweep, escalation, operator, doctor, repairs });
    doctor.lookAt(operations.topic);

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
    new CfnOutput(this, "FindingsTableName", { value: table.tableName });
  }
}
