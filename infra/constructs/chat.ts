import { createHash } from "node:crypto";
import { Aws, CfnCondition, Fn, Stack } from "aws-cdk-lib";
import { CfnMicrosoftTeamsChannelConfiguration, CfnSlackChannelConfiguration } from "aws-cdk-lib/aws-chatbot";
import { Effect, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnLogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { Settings } from "../../shared/settings/settings.ts";

/**
 * The chat channels that are told what the topic says, by Amazon Q Developer (`AWS::Chatbot`). A channel is told, and may do
 * nothing: neither its role nor its guardrails allow a single action. Make it only where a channel is named: a partition
 * without the service refuses a template that has the type in it.
 */
export class Chat extends Construct {
  readonly #role: Role;
  readonly #logsAreHere: CfnCondition;
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, topic: ITopic, { slack, teams }: Settings["chat"]) {
    super(scope, id);
    this.#topic = topic;
    this.#role = new Role(this, "Role", {
      description: "What people in iam-warden's chat channels may do in AWS: nothing",
      assumedBy: new ServicePrincipal("chatbot.amazonaws.com"),
    });
    // Also what somebody may attach later. Our notices need no permission: they are shown as they come.
    this.#role.addToPolicy(new PolicyStatement({ effect: Effect.DENY, actions: ["*"], resources: ["*"] }));
    // Amazon Q logs there, wherever the channel's configuration is, and would keep what it logs for ever.
    this.#logsAreHere = new CfnCondition(this, "LogsAreHere", {
      expression: Fn.conditionEquals(Aws.REGION, "us-east-1"),
    });

    for (const { workspaceId, channelId } of slack) {
      const { id, common } = this.#configuration(`slack-${channelId}`);
      new CfnSlackChannelConfiguration(this, id, {
        ...common,
        slackWorkspaceId: workspaceId,
        slackChannelId: channelId,
      });
    }
    for (const { tenantId, teamId, channelId } of teams) {
      const { id, common } = this.#configuration(`teams-${digestOf(channelId)}`);
      new CfnMicrosoftTeamsChannelConfiguration(this, id, {
        ...common,
        teamsTenantId: tenantId,
        teamId,
        teamsChannelId: channelId,
      });
    }
  }

  /** Named by the channel, so that another order in the settings configures none anew. */
  #configuration(id: string) {
    const configurationName = `iam-warden-${id}`;
    const logs = new CfnLogGroup(this, `${id}-Logs`, {
      logGroupName: `/aws/chatbot/${configurationName}`,
      retentionInDays: RetentionDays.THREE_MONTHS,
    });
    logs.cfnOptions.condition = this.#logsAreHere;
    const common = {
      configurationName,
      iamRoleArn: this.#role.roleArn,
      snsTopicArns: [this.#topic.topicArn],
      // Without one, it would be AdministratorAccess.
      guardrailPolicies: [`arn:${Stack.of(this).partition}:iam::aws:policy/AWSDenyAll`],
      loggingLevel: "ERROR",
    };
    return { id, common };
  }
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);
