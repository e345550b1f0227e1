import { CfnOutput, CfnParameter, Stack, type StackProps } from "aws-cdk-lib";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { Escalation } from "./constructs/escalation.ts";
import { EventIntake } from "./constructs/event-intake.ts";
import { FindingsTable } from "./constructs/findings-table.ts";
import { Sweep } from "./constructs/sweep.ts";

export interface HubStackProps extends StackProps {
  /** A `warden.config.yaml` to put beside the functions; without one every control runs with its defaults. */
  readonly settingsFile?: string;
}

/** What runs in the hub account: the event path, the sweep, and what both write to and tell through. */
export class HubStack extends Stack {
  constructor(scope: Construct, id: string, props: HubStackProps = {}) {
    super(scope, id, props);

    const organizationId = new CfnParameter(this, "OrganizationId", {
      description: "The organization whose accounts may send events and are audited, e.g. o-a1b2c3d4e5",
      allowedPattern: "^o-[a-z0-9]{10,32}$",
    }).valueAsString;
    const auditRoleName = new CfnParameter(this, "AuditRoleName", {
      description: "The role, by name, that reads IAM in every account, this one included",
      default: "iam-warden-audit",
      allowedPattern: "^[\\w+=,.@-]{1,64}$",
    }).valueAsString;

    const table = new FindingsTable(this, "Findings");
    const topic = new Topic(this, "Alerts", { displayName: "iam-warden", enforceSSL: true });
    const wiring = { organizationId, auditRoleName, table, topic, settingsFile: props.settingsFile };

    const intake = new EventIntake(this, "Intake", wiring);
    new Sweep(this, "Sweep", wiring);
    new Escalation(this, "Escalation", wiring);

    new CfnOutput(this, "EventBusArn", { value: intake.bus.eventBusArn, description: "Where members forward events" });
    new CfnOutput(this, "AlertTopicArn", { value: topic.topicArn, description: "Subscribe chat and email here" });
    new CfnOutput(this, "FindingsTableName", { value: table.tableName });
  }
}
