import type { Construct } from "constructs";
import { organizationPatterns } from "../shared/events/organization-changes.ts";
import { eventPatterns } from "../shared/events/patterns.ts";
import { MemberStack, type MemberStackProps } from "./member-stack.ts";
import { readSettings } from "./settings-file.ts";

/**
 * The management account's part, which no service-managed stack set reaches: what every member has, and the records of the
 * organization itself. To be deployed by hand in each Region that the members have it in.
 */
export class ManagementAccountStack extends MemberStack {
  constructor(scope: Construct, id: string, props: MemberStackProps = {}) {
    super(scope, id, {
      description: "iam-warden in the management account: one stack in each Region",
      patterns: [...eventPatterns(), ...organizationPatterns()],
      place: readSettings(props.settingsFile).deployment,
      ...props,
    });
  }
}
