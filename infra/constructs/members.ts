import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, CfnDeletionPolicy, CfnParameter, CfnStackSet, Fn, Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import type { DeploymentSettings } from "../../shared/settings/settings.ts";
import { MemberStack } from "../member-stack.ts";
import { stackSetName } from "../names.ts";
import { hubParameters } from "./hub-reference.ts";

export interface MembersProps {
  readonly organizationId: string;
  readonly eventBusArn: string;
  /** In which every account has its rules, with commas between them. */
  readonly regions: string;
  readonly settingsFile: string | undefined;
  readonly deployment: DeploymentSettings;
}

/** Characters that CloudFormation takes of a template that stands in another. */
const templateQuota = 51_200;

/**
 * Puts the members' template into every account below the given roots or OUs, and into each that joins, from the hub as
 * delegated administrator of StackSets.
 */
export class Members extends Construct {
  constructor(scope: Construct, id: string, props: MembersProps) {
    super(scope, id);
    const { organizationId, eventBusArn, regions: watched, settingsFile, deployment } = props;
    const stack = Stack.of(this);
    if (deployment.members === "elsewhere") return;
    const targets =
      deployment.targets ??
      new CfnParameter(stack, "MemberTargets", {
        type: "CommaDelimitedList",
        description: "The organization's root (r-…), or the OUs (ou-…), whose accounts are watched",
        allowedPattern: "^(r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$",
      }).valueAsList;
    const regions = Fn.split(",", watched);

    const stackSet = new CfnStackSet(this, "StackSet", {
      stackSetName,
      description: "iam-warden: what is watched and repaired in each account",
      permissionModel: "SERVICE_MANAGED",
      callAs: "DELEGATED_ADMIN",
      autoDeployment: { enabled: true, retainStacksOnAccountRemoval: false },
      managedExecution: { Active: true },
      capabilities: ["CAPABILITY_NAMED_IAM"],
      parameters: [
        { parameterKey: hubParameters.organizationId, parameterValue: organizationId },
        { parameterKey: hubParameters.eventBusArn, parameterValue: eventBusArn },
      ],
      operationPreferences: {
        regionConcurrencyType: "SEQUENTIAL",
        regionOrder: regions,
        maxConcurrentPercentage: 25,
        failureTolerancePercentage: 20,
      },
      stackInstancesGroup: [{ deploymentTargets: { organizationalUnitIds: targets }, regions }],
      templateBody: memberTemplate(settingsFile),
    });
    if (deployment.members === "kept") {
      stackSet.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
      stackSet.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    }
  }
}

/** The members' template as text: of an app of its own, which leaves nothing behind and is not deployed. */
const memberTemplate = (settingsFile: string | undefined): string => {
  const outdir = mkdtempSync(join(tmpdir(), "iam-warden-member-"));
  try {
    const app = new App({ outdir, autoSynth: false, analyticsReporting: false });
    const member = new MemberStack(app, "iam-warden-member", settingsFile === undefined ? {} : { settingsFile });
    const text = JSON.stringify(app.synth().getStackByName(member.stackName).template);
    if (text.length > templateQuota)
      throw new Error(`The members' template has ${text.length} characters; CloudFormation takes ${templateQuota}.`);
    return text;
  } finally {
    rmSync(outdir, { recursive: true });
  }
};
