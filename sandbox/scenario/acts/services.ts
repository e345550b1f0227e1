import { settingsAsJson } from "../../../shared/settings/as-json.ts";
import { letsServiceIn } from "../../authorization/service-principal.ts";
import { refusedWithRole } from "../../authorization/service-role.ts";
import { demand } from "../demand.ts";
import { scenarioSettings } from "../settings.ts";
import type { Stage } from "../stage.ts";

/** What other services of AWS do for iam-warden, and nothing in the sandbox has them do: asked for here. */
export const services = async (stage: Stage): Promise<void> => {
  alarms(stage);
  await validator(stage);
  rollbacks(stage);
};

/** CloudWatch publishes to the topic of iam-warden's own alarms. */
const alarms = ({ sandbox, hub, stack }: Stage): void => {
  const topic = sandbox.state.topics.get(stack.outputs.get("OperationsTopicArn") ?? "");
  demand(topic !== undefined, "there is a topic for alarms");
  const request = { action: "sns:Publish", resource: topic?.arn ?? "", policy: topic?.attributes.get("Policy") };
  const caller = { principal: "cloudwatch.amazonaws.com", sourceAccountId: hub.id };
  demand(letsServiceIn(sandbox.state, caller, request), "CloudWatch may publish alarms");
};

const appConfig = "appconfig.amazonaws.com";

/** AppConfig has settings validated before they are deployed. */
const validator = async ({ sandbox, hub, invoke }: Stage): Promise<void> => {
  const of = [...sandbox.state.functions.values()].find(({ entry }) => entry === "validate-settings");
  if (of === undefined) throw new Error("no function is deployed that validates");
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [...of.statements.values()] });
  const caller = { principal: appConfig, sourceAccountId: hub.id };
  const request = { action: "lambda:InvokeFunction", resource: of.arn, policy };
  demand(letsServiceIn(sandbox.state, caller, request), "AppConfig may have settings validated");
  const content = Buffer.from(settingsAsJson(scenarioSettings, "warden.config.yaml")).toString("base64");
  await invoke("validate-settings", { content, uri: "hosted" });
};

/** AppConfig looks whether an alarm takes settings back. */
const rollbacks = ({ sandbox, hub, stack }: Stage): void => {
  const [, role] = [...stack.resources].find(([id]) => id.startsWith("SettingsAlarmRole")) ?? [];
  const refusal = refusedWithRole(sandbox, `arn:aws:iam::${hub.id}:role/${role?.physicalId}`, {
    ...{
      service: appConfig,
      source: { arn: `arn:aws:appconfig:us-east-1:${hub.id}:application/any`, accountId: hub.id },
    },
    ...{ action: "cloudwatch:DescribeAlarms", resource: `arn:aws:cloudwatch:us-east-1:${hub.id}:alarm:any` },
  });
  demand(refusal === undefined, "AppConfig may look at alarms", refusal);
};
