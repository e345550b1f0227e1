import { BootstraplessSynthesizer, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { AccountRoles } from "./constructs/account-roles.ts";
import { Forwarding } from "./constructs/forwarding.ts";
import { isHome } from "./constructs/home-region.ts";
import { hubReference } from "./constructs/hub-reference.ts";
import { readSettings } from "./settings-file.ts";

export interface MemberStackProps extends StackProps {
  /** The `warden.config.yaml` that the hub is deployed with. */
  readonly settingsFile?: string;
}

/**
 * What an account has of iam-warden in one Region. The same template serves all: in the Region where IAM's events appear it
 * makes what an account needs only once, in every Region the rules that forward.
 */
export class MemberStack extends Stack {
  constructor(scope: Construct, id: string, { settingsFile, ...props }: MemberStackProps = {}) {
    // It has no assets, and goes where nobody ran `cdk bootstrap`.
    super(scope, id, { synthesizer: new BootstraplessSynthesizer(), ...props });
    const settings = readSettings(settingsFile);
    const hub = hubReference(this, settings.deployment);
    new AccountRoles(this, "Roles", hub, settings, isHome(this));
    new Forwarding(this, "Forwarding", hub);
  }
}
