import { BootstraplessSynthesizer, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { eventPatterns, type NamedPattern } from "../shared/events/patterns.ts";
import { AccountRoles } from "./constructs/account-roles.ts";
import { Forwarding } from "./constructs/forwarding.ts";
import { isHome } from "./constructs/home-region.ts";
import { type HubPlace, hubReference } from "./constructs/hub-reference.ts";
import { readSettings } from "./settings-file.ts";

export interface MemberStackProps extends StackProps {
  /** The `warden.config.yaml` that the hub is deployed with. */
  readonly settingsFile?: string;
  /** What is forwarded. Default: what the controls want to hear. */
  readonly patterns?: readonly NamedPattern[];
  /** Where the hub is. Absent: its parameters say so. */
  readonly place?: HubPlace;
}

/**
 * What an account has of iam-warden in one Region. The same template serves all: in the Region where IAM's events appear it
 * makes what an account needs only once, in every Region the rules that forward.
 */
export class MemberStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { settingsFile, place, patterns = eventPatterns(), ...props }: MemberStackProps = {},
  ) {
    // It has no assets, and goes where nobody ran `cdk bootstrap`.
    super(scope, id, { synthesizer: new BootstraplessSynthesizer(), ...props });
    const hub = hubReference(this, place);
    new AccountRoles(this, "Roles", hub, readSettings(settingsFile), isHome(this));
    new Forwarding(this, "Forwarding", hub, patterns);
  }
}
