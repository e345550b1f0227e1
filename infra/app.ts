import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { App } from "aws-cdk-lib";
import { DeployRoleStack } from "./deploy-role-stack.ts";
import { GuardrailsStack } from "./guardrails-stack.ts";
import { HubStack } from "./hub-stack.ts";
import { ManagementAccountStack } from "./management-account-stack.ts";
import { problemsIn, readSettings } from "./settings-file.ts";

const settingsFile = fileURLToPath(new URL("../warden.config.yaml", import.meta.url));

const props: { readonly settingsFile?: string } = existsSync(settingsFile) ? { settingsFile } : {};
const app = new App();
const problems = problemsIn(props.settingsFile);
if (problems !== undefined) {
  process.stderr.write(`${problems}\n`);
  process.exit(1);
}

// Without `deployment` in the settings there is no account and no Region: the templates are the same for everybody. With it the
// hub's stack can be deployed there alone. Synthesizing asks AWS nothing in either case.
const { hubAccountId, hubRegion } = readSettings(props.settingsFile).deployment;
new HubStack(app, "iam-warden-hub", {
  description: "iam-warden: watches the IAM of every account of this organization",
  ...(hubAccountId !== undefined && hubRegion !== undefined && { env: { account: hubAccountId, region: hubRegion } }),
  ...props,
});
new ManagementAccountStack(app, "iam-warden-management-account", props);
new GuardrailsStack(app, "iam-warden-guardrails", props);
new DeployRoleStack(app, "iam-warden-deploy-role");
