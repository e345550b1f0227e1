import type { App, Stack } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { DeployRoleStack } from "../../infra/deploy-role-stack.ts";
import { GuardrailsStack } from "../../infra/guardrails-stack.ts";
import { HubStack } from "../../infra/hub-stack.ts";
import { ManagementAccountStack } from "../../infra/management-account-stack.ts";
import { MemberStack } from "../../infra/member-stack.ts";
import { everythingRepairs, settingsFileOf, templateOf } from "../infra/templates.ts";
import { lintText } from "./linting.ts";

const settingsFile = settingsFileOf(everythingRepairs);
const hubAccountId = "111122223333";

/** Each template as synthesized, with what its deployment gives it. */
const templates: Readonly<
  Record<string, readonly [make: (app: App) => Stack, parameters: Readonly<Record<string, string>>]>
> = {
  "iam-warden-hub": [(app) => new HubStack(app, "iam-warden-hub", { settingsFile }), {}],
  "iam-warden-member": [
    (app) => new MemberStack(app, "iam-warden-member", { settingsFile }),
    { EventBusArn: `arn:aws:events:us-east-1:${hubAccountId}:event-bus/iam-warden`, OrganizationId: "o-exampleorg1" },
  ],
  "iam-warden-management-account": [
    (app) => new ManagementAccountStack(app, "iam-warden-management-account", { settingsFile }),
    { EventBusArn: `arn:aws:events:us-east-1:${hubAccountId}:event-bus/iam-warden`, OrganizationId: "o-exampleorg1" },
  ],
  "iam-warden-guardrails": [(app) => new GuardrailsStack(app, "iam-warden-guardrails", { settingsFile }), {}],
  "iam-warden-deploy-role": [(app) => new DeployRoleStack(app, "iam-warden-deploy-role"), {}],
};

describe.each(Object.entries(templates))("the template %s", (name, [make, parameters]) => {
  const text = JSON.stringify(templateOf(make).toJSON(), null, 1);

  it("is clean, and nothing of it is left unjudged", () => {
    const report = lintText(text, `cdk.out/${name}.template.json`, { accountId: hubAccountId, parameters });
    expect(report.findings.map(({ rule, reason }) => `${rule}: ${reason}`)).toEqual([]);
    expect([report.unknown, report.unread, report.problems]).toEqual([[], [], []]);
  });

  it("would not be, if something were wrong in it", () => {
    const broken = text.replaceAll(/"Effect": "(?:Allow|Deny)"/g, '"Effect": "allow"');
    const rules = lintText(broken, `${name}.template.json`).findings.map(({ rule }) => rule);
    expect(rules).toContain("malformed-policy");
  });
});
