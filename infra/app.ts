import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { App } from "aws-cdk-lib";
import { DeployRoleStack } from "./deploy-role-stack.ts";
import { GuardrailsStack } from "./guardrails-stack.ts";
import { HubStack } from "./hub-stack.ts";
import { ManagementAccountStack } from "./management-account-stack.ts";
import { problemsIn } from "./settings-file.ts";

const settingsFile = fileURLToPath(new URL("../warden.config.yaml", import.meta.url));

const props: { readonly settingsFile?: string } = existsSync(settingsFile) ? { settingsFile } : {};
const app = new App();
const problems = problemsIn(props.settingsFile);
if (problems !== undefined) {
  process.stderr.write(`${problems}\n`);
  process.exit(1);
}

// No account and no Region: the templates are the same for everybody, and synthesizing asks AWS nothing.
new HubStack(app, "iam-warden-hub", {
  description: "iam-warden: watches the IAM of every account of this organization",
  ...props,
});
new ManagementAccountStack(app, "iam-warden-management-account", props);
new GuardrailsStack(app, "iam-warden-guardrails", props);
new DeployRoleStack(app, "iam-warden-deploy-role");
