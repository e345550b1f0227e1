import {
  Aws,
  BootstraplessSynthesizer,
  CfnCondition,
  CfnParameter,
  Fn,
  Stack,
  type StackProps,
  Token,
  Validations,
} from "aws-cdk-lib";
import { CfnPolicy } from "aws-cdk-lib/aws-organizations";
import type { Construct } from "constructs";
import { approvedBoundaries } from "./policies/boundary-names.ts";
import { denyRoot, protectIamWarden, requireBoundary } from "./policies/guardrails.ts";
import { documentOf, type PolicyStatement } from "./policies/place.ts";
import { readSettings } from "./settings-file.ts";

export interface GuardrailsStackProps extends StackProps {
  /** The `warden.config.yaml` that the hub is deployed with. */
  readonly settingsFile?: string;
}

/**
 * Service control policies that keep what iam-warden watches for from happening at all. For the management account, or a
 * delegated administrator of policies; nobody has to deploy it, and each policy holds nowhere until its parameter says where.
 */
export class GuardrailsStack extends Stack {
  constructor(scope: Construct, id: string, { settingsFile, ...props }: GuardrailsStackProps = {}) {
    super(scope, id, {
      description: "iam-warden's guardrails: service control policies, attached where the parameters say",
      synthesizer: new BootstraplessSynthesizer(),
      ...props,
    });
    const settings = readSettings(settingsFile);
    const hubAccountId =
      settings.deployment.hubAccountId ??
      new CfnParameter(this, "HubAccountId", {
        description: "The account that iam-warden runs in",
        allowedPattern: "^[0-9]{12}$",
      }).valueAsString;
    const at = { partition: Aws.PARTITION, hubAccountId };
    this.#policy("DenyRoot", "Nothing as a member's root but by central root access", denyRoot(at));
    this.#policy("ProtectIamWarden", "iam-warden stays as it was deployed", protectIamWarden(at));
    const boundaries = approvedBoundaries(settings);
    this.#policy("RequireBoundary", "No role without a permissions boundary", requireBoundary(at, boundaries));
  }

  #policy(name: string, description: string, statements: readonly PolicyStatement[]): void {
    const { valueAsList: targets } = new CfnParameter(this, `${name}Targets`, {
      type: "CommaDelimitedList",
      description: `${description}: for these roots, OUs or accounts; empty for none`,
      default: "",
    });
    const isWanted = new CfnCondition(this, `${name}Wanted`, {
      expression: Fn.conditionNot(Fn.conditionEquals(Fn.join("", targets), "")),
    });
    const made = new CfnPolicy(this, name, {
      name: `iam-warden-${name}`,
      description,
      type: "SERVICE_CONTROL_POLICY",
      content: documentOf(statements),
      targetIds: Token.asList(Fn.conditionIf(isWanted.logicalId, targets, { Ref: "AWS::NoValue" })),
    });
    Validations.of(made).acknowledge({
      id: "CloudFormation-Validate::F3031",
      reason: "The check takes the empty default for a target; where it is empty the condition leaves targets out.",
    });
  }
}
