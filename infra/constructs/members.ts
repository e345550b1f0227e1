import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, CfnCondition, CfnDeletionPolicy, CfnParameter, CfnStackSet, Fn, Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import type { DeploymentSettings } from "../../shared/settings/settings.ts";
import { MemberStack } from "../member-stack.ts";
import { stackSetName } from "../names.ts";
import { homeRegion, signInRegions } from "./home-region.ts";
import { hubParameters } from "./hub-reference.ts";

export interface MembersProps {
  readonly organizationId: string;
  readonly eventBusArn: string;
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
  /** In which every account has its rules, with commas between them. */
  readonly regions: string;

  constructor(scope: Construct, id: string, { organizationId, eventBusArn, settingsFile, deployment }: MembersProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const wanted = deployment.regions?.join(",") ?? otherRegions(this, stack);
    // First where the role is made that the rules of all Regions forward with.
    this.regions = Fn.join(",", [homeRegion(this), wanted]);
    if (deployment.members === "elsewhere") return;
    const targets =
      deployment.targets ??
      new CfnParameter(stack, "MemberTargets", {
        type: "CommaDelimitedList",
        description: "The organization's root (r-…), or the OUs (ou-…), whose accounts are watched",
        allowedPattern: "^(r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$",
      }).valueAsList;
    const regions = Fn.split(",", this.regions);

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

/** What a parameter says, separated by commas; where it says nothing, the Regions where people sign in. */
const otherRegions = (scope: Construct, stack: Stack): string => {
  const others = new CfnParameter(stack, "OtherRegions", {
    type: "CommaDelimitedList",
    description: "Regions to hear of besides the one where IAM's events appear; empty for those where people sign in",
    default: "",
  }).valueAsList;
  const namesNone = new CfnCondition(scope, "NamesNoRegions", {
    expression: Fn.conditionEquals(Fn.join("", others), ""),
  });
  return Fn.conditionIf(namesNone.logicalId, signInRegions(scope), Fn.join(",", others)).toString();
};

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
