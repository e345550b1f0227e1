import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { App } from "aws-cdk-lib";
import { HubStack } from "./hub-stack.ts";

const settingsFile = fileURLToPath(new URL("../warden.config.yaml", import.meta.url));

// No account and no Region: the templates are the same for everybody, and synthesizing asks AWS nothing.
new HubStack(new App(), "iam-warden-hub", {
  description: "iam-warden: watches the IAM of every account of this organization",
  ...(existsSync(settingsFile) && { settingsFile }),
});
