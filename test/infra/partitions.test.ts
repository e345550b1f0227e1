import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DeployRoleStack } from "../../infra/deploy-role-stack.ts";
import { GuardrailsStack } from "../../infra/guardrails-stack.ts";
import { HubStack } from "../../infra/hub-stack.ts";
import { ManagementAccountStack } from "../../infra/management-account-stack.ts";
import { MemberStack } from "../../infra/member-stack.ts";
import { deployed, everythingRepairs, settingsFileOf, templateOf } from "./templates.ts";

// What is deployed in China and in GovCloud as well: every template, with everything that exists there switched on.

const settingsFile = settingsFileOf(everythingRepairs);
const templates = {
  hub: templateOf((app) => new HubStack(app, "hub", { settingsFile })),
  member: templateOf((app) => new MemberStack(app, "member", { settingsFile })),
  management: templateOf((app) => new ManagementAccountStack(app, "management", { settingsFile })),
  guardrails: templateOf((app) => new GuardrailsStack(app, "guardrails", { settingsFile })),
  "deploy role": templateOf((app) => new DeployRoleStack(app, "deploy-role")),
};
const places = [
  { partition: "aws", region: "eu-west-1", home: "us-east-1" },
  { partition: "aws-cn", region: "cn-north-1", home: "cn-north-1" },
  { partition: "aws-us-gov", region: "us-gov-west-1", home: "us-gov-west-1" },
];
const accountId = "999999999999";

/**
 * The services that are principals here. Each is `SERVICE.amazonaws.com` in all three partitions; a service with a name of its
 * own in one of them has to be looked up before it gets onto this list.
 */
const services = ["appconfig", "cloudwatch", "events", "lambda", "scheduler", "states"].map(
  (name) => `${name}.amazonaws.com`,
);

const textsIn = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

/** The service principals of every policy, and of whoever a function lets in. */
const principalsIn = (value: unknown): string[] => {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key !== "Principal") return principalsIn(inner);
    const named = typeof inner === "string" ? inner : Object(inner).Service;
    return textsIn(named).filter((principal) => principal !== "*");
  });
};

/** The JSON schema of the settings has examples and patterns of ARNs, and Regions: text for people. */
const withoutSchemas = (resources: object): unknown[] =>
  Object.values(resources).map((resource) => {
    const { Validators: _schemas, ...properties } = Object(Object(resource).Properties);
    return { ...Object(resource), Properties: properties };
  });

describe.each(Object.entries(templates))("the template of %s", (_name, template) => {
  it("names no partition itself", () => {
    const { Resources, ...rest } = template.toJSON();
    const found = textsIn([rest, withoutSchemas(Resources)]).filter((text) => /arn:aws(?:-cn|-us-gov)?:/.test(text));
    expect(found).toEqual([]);
  });

  it("names no Region and no domain of one partition, but in the maps of partitions", () => {
    const { Mappings: _byPartition, Resources, ...rest } = template.toJSON();
    // The members' template is looked at by itself.
    const bodies = Object.values(Resources).map((resource) => Object(resource).Properties?.TemplateBody);
    const found = textsIn([withoutSchemas(Resources), rest]).filter(
      (text) => /\b(?:us|eu|ap|cn|us-gov)-[a-z]+-\d\b|amazonaws\.com\.cn/.test(text) && !bodies.includes(text),
    );
    expect(found).toEqual([]);
  });

  it.each(places)(
    "has in $partition ARNs of $partition alone, and principals that are there",
    ({ partition, region }) => {
      const made = deployed(template, {
        ...{ accountId, partition, region },
        parameters: { EventBusArn: `arn:${partition}:events:${region}:${accountId}:event-bus/iam-warden` },
      });
      expect(made.length).toBeGreaterThan(0);
      const arns = made.flatMap(({ properties: { Validators: _schemas, ...properties } }) =>
        textsIn(properties).flatMap((text) => text.match(/\barn:[a-z-]*:/g) ?? []),
      );
      expect([...new Set(arns)].filter((arn) => arn !== `arn:${partition}:`)).toEqual([]);
      const principals = made.flatMap(({ properties }) => principalsIn(properties));
      expect([...new Set(principals)].filter((principal) => !services.includes(principal))).toEqual([]);
    },
  );
});

it("what an account has once, it has in the Region where its partition's IAM is", () => {
  for (const { partition, home } of places) {
    const made = deployed(templates.member, {
      ...{ accountId, partition, region: home },
      parameters: { EventBusArn: `arn:${partition}:events:${home}:${accountId}:event-bus/iam-warden` },
    });
    expect(made.filter(({ type }) => type === "AWS::IAM::Role")).toHaveLength(3);
  }
});

it("members have their rules in the Regions of their own partition, if nobody names others", () => {
  const regionsOf = (partition: string, region: string, parameters = {}) =>
    deployed(templates.hub, { accountId, partition, region, parameters })
      .filter(({ type }) => type === "AWS::CloudFormation::StackSet")
      .map(({ properties }) => Object(properties.OperationPreferences).RegionOrder);
  expect(regionsOf("aws", "eu-west-1")).toEqual([["us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"]]);
  expect(regionsOf("aws-cn", "cn-north-1")).toEqual([["cn-north-1", "cn-northwest-1"]]);
  expect(regionsOf("aws-us-gov", "us-gov-east-1")).toEqual([["us-gov-west-1", "us-gov-east-1"]]);
  const OtherRegions = ["eu-west-1", "eu-central-1"];
  expect(regionsOf("aws", "eu-west-1", { OtherRegions })).toEqual([["us-east-1", ...OtherRegions]]);
});

it("no code of the infrastructure spells an ARN with a partition", () => {
  for (const file of globSync("infra/**/*.ts"))
    expect([file, readFileSync(file, "utf8").match(/["'`]arn:aws[:-]/)]).toEqual([file, null]);
});
