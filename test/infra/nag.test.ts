import { App, type Stack, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { DeployRoleStack } from "../../infra/deploy-role-stack.ts";
import { GuardrailsStack } from "../../infra/guardrails-stack.ts";
import { HubStack } from "../../infra/hub-stack.ts";
import { ManagementAccountStack } from "../../infra/management-account-stack.ts";
import { MemberStack } from "../../infra/member-stack.ts";
import { everythingRepairs, settingsFileOf } from "./templates.ts";

const settingsFile = settingsFileOf(`${everythingRepairs}subscribers:
  - { protocol: email, endpoint: security@example.com }
chat:
  slack: [{ workspaceId: T0123456789, channelId: C0123456789 }]
`);
const stacks: Readonly<Record<string, (app: App) => Stack>> = {
  hub: (app) => new HubStack(app, "hub", { settingsFile }),
  "hub-without-settings": (app) => new HubStack(app, "hub-without-settings"),
  member: (app) => new MemberStack(app, "member", { settingsFile }),
  management: (app) => new ManagementAccountStack(app, "management", { settingsFile }),
  guardrails: (app) => new GuardrailsStack(app, "guardrails", { settingsFile }),
  "deploy-role": (app) => new DeployRoleStack(app, "deploy-role"),
};

/** `rule path` of each violation. */
const violationsIn = (app: App, options: { readonly acknowledging: boolean }): string[] => {
  const pack = new AwsSolutionsChecks(app);
  if (!options.acknowledging) Reflect.set(pack, "isAcknowledged", () => false);
  return pack
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = "" }) => `${ruleName} ${constructPath}`),
    );
};

const reasons = z.record(z.string(), z.string());
/** What is accepted where, and why. */
const acceptedIn = (app: App) =>
  app.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(reasons.parse(data)))
      .map(([id, reason]) => ({ rule: id.replace(/^annotation::/i, ""), path: node.path, reason }))
      .filter(({ rule }) => rule.startsWith("AwsSolutions-")),
  );

describe.each(Object.entries(stacks))("the stack %s in cdk-nag's eyes", (_name, make) => {
  const app = new App({ context: { "aws:cdk:bundling-stacks": [] } });
  make(app);
  app.synth();

  it("has nothing against AWS's own rules for solutions that is not accepted", () => {
    expect(violationsIn(app, { acknowledging: true })).toEqual([]);
  });

  it("accepts nothing without a sentence that says why", () => {
    for (const { reason } of acceptedIn(app)) expect(reason).toMatch(/^[A-Z][^\n]{30,}\.$/);
  });

  it("accepts nothing that is not found there", () => {
    const found = violationsIn(app, { acknowledging: false });
    const needless = acceptedIn(app).filter(
      ({ rule, path }) =>
        !found.some((one) => one.startsWith(`${rule} ${path}/`) || one === `${rule} ${path}` || path === ""),
    );
    expect(needless).toEqual([]);
  });
});

it("cdk-nag would find what is wrong", () => {
  const app = new App({ context: { "aws:cdk:bundling-stacks": [] } });
  new HubStack(app, "hub", { settingsFile });
  app.synth();
  const found = violationsIn(app, { acknowledging: false });
  expect(found.filter((one) => one.startsWith("AwsSolutions-S1 "))).toHaveLength(1);
  expect(found.filter((one) => one.startsWith("AwsSolutions-IAM5[")).length).toBeGreaterThan(10);
});
