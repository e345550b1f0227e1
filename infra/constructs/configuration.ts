import { Aws, CfnDeletionPolicy, Duration, Stack } from "aws-cdk-lib";
import {
  CfnApplication,
  CfnConfigurationProfile,
  CfnDeployment,
  CfnDeploymentStrategy,
  type CfnDeploymentStrategyProps,
  CfnEnvironment,
  CfnHostedConfigurationVersion,
} from "aws-cdk-lib/aws-appconfig";
import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { Policy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { settingsValidatorSchema } from "../../shared/settings/settings.ts";
import { configurationNames } from "../names.ts";
import { acceptWildcard } from "./accepted.ts";
import { WardenFunction } from "./warden-function.ts";

/** What AppConfig asks before it deploys settings. */
export const settingsValidator = (scope: Construct, bundledSettings: string | undefined): WardenFunction =>
  new WardenFunction(scope, "ValidateSettings", {
    entry: "validate-settings",
    description: "Refuses settings that cannot be used, or that ask for more than is deployed",
    timeout: Duration.seconds(10),
    memorySize: 512,
    environment: {},
    bundledSettings,
  });

export interface ConfigurationProps {
  /** The settings, as JSON. */
  readonly content: string;
  readonly validator: WardenFunction;
  /** The functions that read the settings. */
  readonly readers: readonly WardenFunction[];
  /** What takes settings back while they are being deployed: at most five. */
  readonly rollbackOn: readonly Alarm[];
}

/**
 * The settings in AppConfig. A deployment of the stack deploys the operator's file there; after that it is changed without
 * one. AppConfig itself is asked for by names: an id would make the functions wait for the alarms on them.
 */
export class Configuration extends Construct {
  constructor(scope: Construct, id: string, { content, validator, readers, rollbackOn }: ConfigurationProps) {
    super(scope, id);
    const application = new CfnApplication(this, "Application", {
      name: configurationNames.application,
      description: "The settings of iam-warden",
    });
    const alarmRole = rollbackRole(this);
    const environment = new CfnEnvironment(this, "Environment", {
      applicationId: application.ref,
      name: configurationNames.environment,
      description: "The functions of the hub",
      monitors: rollbackOn.map(({ alarmArn }) => ({ alarmArn, alarmRoleArn: alarmRole.roleArn })),
    });
    const profile = new CfnConfigurationProfile(this, "Profile", {
      applicationId: application.ref,
      name: configurationNames.profile,
      description: "warden.config.yaml as JSON",
      locationUri: "hosted",
      type: "AWS.Freeform",
      validators: [
        { type: "JSON_SCHEMA", content: JSON.stringify(settingsValidatorSchema()) },
        { type: "LAMBDA", content: validator.functionArn },
      ],
    });
    validator.addPermission("AppConfig", { principal: new ServicePrincipal("appconfig.amazonaws.com") });

    const reading = new Policy(this, "Read", {
      roles: readers.flatMap(({ role }) => role ?? []),
      statements: [
        new PolicyStatement({
          actions: ["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"],
          resources: [
            Stack.of(this).formatArn({
              service: "appconfig",
              resource: "application",
              resourceName: `${application.ref}/environment/${environment.ref}/configuration/${profile.ref}`,
            }),
          ],
        }),
      ],
    });

    const gradually = strategy(this, "Gradually", {
      description:
        "A fifth of the functions every two minutes; taken back if an alarm goes off then or ten minutes after",
      // CloudWatch's alarms look at five minutes, and need one or two to hear: each step is seen before the last is made.
      deploymentDurationInMinutes: 10,
      growthFactor: 20,
      // Two of the alarms' periods, for what only shows when everything has the settings.
      finalBakeTimeInMinutes: 10,
    });
    strategy(this, "AtOnce", {
      description: "Everything at once, and nothing takes it back: to pause repairs, or to lower a control",
      deploymentDurationInMinutes: 0,
      growthFactor: 100,
      finalBakeTimeInMinutes: 0,
    });
    const version = new CfnHostedConfigurationVersion(this, "Version", {
      applicationId: application.ref,
      configurationProfileId: profile.ref,
      contentType: "application/json",
      description: "As deployed with the stack",
      content,
    });
    // What was deployed before has to be there still to go back to.
    version.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    version.cfnOptions.deletionPolicy = CfnDeletionPolicy.DELETE;
    const deployment = new CfnDeployment(this, "Deployment", {
      applicationId: application.ref,
      environmentId: environment.ref,
      configurationProfileId: profile.ref,
      configurationVersion: version.ref,
      deploymentStrategyId: gradually.ref,
      description: "With the stack",
    });
    // Whoever refuses or reads the settings has to be of the same deployment.
    deployment.node.addDependency(validator, reading, ...readers);
  }
}

const strategy = (
  scope: Construct,
  id: "Gradually" | "AtOnce",
  pace: Pick<
    CfnDeploymentStrategyProps,
    "description" | "deploymentDurationInMinutes" | "growthFactor" | "finalBakeTimeInMinutes"
  >,
): CfnDeploymentStrategy =>
  new CfnDeploymentStrategy(scope, id, {
    ...pace,
    name: configurationNames.strategies[id],
    growthType: "LINEAR",
    replicateTo: "NONE",
  });

/** Who looks, for AppConfig, whether an alarm has gone off. */
const rollbackRole = (scope: Construct): Role => {
  // By name or without, it is one and the same action on the account's alarms.
  const alarms = `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:*`;
  const role = new Role(scope, "AlarmRole", {
    description: "AppConfig looks with it whether an alarm takes settings back",
    // As AWS documents it: that AppConfig says for which account it comes is not documented, and without this nothing rolls
    // back. Nobody else's AppConfig gets the role: that takes iam:PassRole in this account.
    assumedBy: new ServicePrincipal("appconfig.amazonaws.com"),
    inlinePolicies: {
      alarms: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: ["cloudwatch:DescribeAlarms"],
            resources: [alarms],
          }),
        ],
      }),
    },
  });
  acceptWildcard(role, alarms, "AppConfig asks for alarms by name, which CloudWatch allows on all of them or none.");
  return role;
};
