import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { App } from "aws-cdk-lib";
import { parseSettings } from "../shared/settings/parse.ts";
import { HubStack } from "./hub-stack.ts";

const settingsFile = fileURLToPath(new URL("../warden.config.yaml", import.meta.url));
const hasSettings = existsSync(settingsFile);
// A mistake in the settings stops the synthesis, not the functions after the deployment.
if (hasSettings) parseSettings(readFileSync(settingsFile, "utf8"), "warden.config.yaml");

// No account and no Region: the templates are the same for everybody, and synthesizing asks AWS nothing.
new HubStack(new App(), "iam-warden-hub", {
  description: "iam-warden: watches the IAM of every account of this organization",
  ...(hasSettings && { settingsFile }),
});
