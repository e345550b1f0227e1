import { describe, expect, it, test } from "vitest";
import * as z from "zod";
import { HubStack } from "../../infra/hub-stack.ts";
import { unresolved } from "../../shared/cloudformation/unresolved.ts";
import { parseSettingsJson } from "../../shared/settings/parse-json.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings, settingsValidatorSchema } from "../../shared/settings/settings.ts";
import {
  allowed,
  deployed,
  everythingRepairs,
  resourcesOf,
  settingsFileOf,
  statementsByRole,
  templateOf,
} from "./templates.ts";

const text = everythingRepairs.replace(
  "stale-access-key: {",
  "two-active-access-keys: { scopes: [{ ou: Root/Zürich, mode: off }] } # Zoë\n  stale-access-key: {",
);
const settingsFile = settingsFileOf(text);
const template = templateOf((app) => new HubStack(app, "hub", { settingsFile }));
const quiet = templateOf((app) => new HubStack(app, "hub"));
const place = { accountId: "999999999999", region: "eu-west-1" };
const made = deployed(template, place);

const only = (type: string, of = made) => {
  const [found, ...others] = of.filter((resource) => resource.type === `AWS::AppConfig::${type}`);
  if (found === undefined || others.length > 0) throw new Error(`${others.length + 1} of ${type}`);
  return found;
};
const alarm = (id: unknown) =>
  made.find(({ id: own, type }) => type === "AWS::CloudWatch::Alarm" && id === unresolved(`${own}.Arn`))?.properties;
const dependsOn = (type: string): string[] =>
  resourcesOf(template, type).flatMap(([, { DependsOn }]) => z.array(z.string()).parse(DependsOn ?? []));

describe("the settings in AppConfig", () => {
  it("are the operator's file, as JSON in ASCII", () => {
    const { properties } = only("HostedConfigurationVersion");
    expect(properties.ContentType).toBe("application/json");
    const content = String(properties.Content);
    expect(content).toMatch(/^[\0-\x7f]*$/);
    expect(content).toContain("Z\\u00fcrich");
    expect(parseSettingsJson(content, "AppConfig")).toEqual(parseSettings(text, "file"));
  });

  it("are the defaults without a file", () => {
    const { properties } = only("HostedConfigurationVersion", deployed(quiet, place));
    expect(parseSettingsJson(String(properties.Content), "AppConfig")).toEqual(defaultSettings());
  });

  it("are validated by the JSON Schema, within AppConfig's 32 KB, and by the function that knows what is deployed", () => {
    const [schema, lambda, ...others] = z
      .array(z.object({ Type: z.string(), Content: z.string() }))
      .parse(only("ConfigurationProfile").properties.Validators);
    expect(others).toEqual([]);
    expect(schema?.Type).toBe("JSON_SCHEMA");
    expect(JSON.parse(schema?.Content ?? "")).toEqual(settingsValidatorSchema());
    expect(schema?.Content.length).toBeLessThanOrEqual(32_768);
    expect(lambda).toEqual({ Type: "LAMBDA", Content: expect.stringMatching(/^«ValidateSettings[0-9A-F]{8}\.Arn»$/) });
    const permissions = made.filter(({ type }) => type === "AWS::Lambda::Permission");
    expect(permissions.map(({ properties }) => properties)).toContainEqual({
      Action: "lambda:InvokeFunction",
      FunctionName: lambda?.Content,
      Principal: "appconfig.amazonaws.com",
    });
    const environment = resourcesOf(template, "AWS::Lambda::Function").find(([id]) =>
      id.startsWith("ValidateSettings"),
    );
    expect(environment?.[1].Properties.Environment).toMatchObject({
      Variables: { SETTINGS_FILE: "/var/task/warden.config.json" },
    });
  });

  it("are deployed with the stack, step by step, watched as long again", () => {
    const { properties } = only("Deployment");
    const strategies = made.filter(({ type }) => type === "AWS::AppConfig::DeploymentStrategy");
    expect(
      strategies.map(({ properties: one }) => [
        one.Name,
        one.DeploymentDurationInMinutes,
        one.GrowthFactor,
        one.GrowthType,
        one.FinalBakeTimeInMinutes,
        one.ReplicateTo,
      ]),
    ).toEqual([
      ["iam-warden-gradually", 10, 20, "LINEAR", 10, "NONE"],
      ["iam-warden-at-once", 0, 100, "LINEAR", 0, "NONE"],
    ]);
    const gradually = strategies.find(({ properties: one }) => one.Name === "iam-warden-gradually");
    expect(properties).toMatchObject({
      ApplicationId: unresolved(only("Application").id),
      EnvironmentId: unresolved(only("Environment").id),
      ConfigurationProfileId: unresolved(only("ConfigurationProfile").id),
      ConfigurationVersion: unresolved(only("HostedConfigurationVersion").id),
      DeploymentStrategyId: unresolved(String(gradually?.id)),
    });
  });

  it("are deployed after the functions of the same stack, and after whoever has to let AppConfig in", () => {
    const before = dependsOn("AWS::AppConfig::Deployment");
    const functions = resourcesOf(template, "AWS::Lambda::Function").map(([id]) => id);
    expect(functions).toContainEqual(expect.stringMatching(/^SweepDigest/));
    expect(functions.filter((id) => !before.includes(id))).toEqual([]);
    const permission = resourcesOf(template, "AWS::Lambda::Permission").filter(([id]) =>
      id.startsWith("ValidateSettings"),
    );
    expect(permission.map(([id]) => before.includes(id))).toEqual([true]);
    expect(before.filter((id) => id.startsWith("SettingsRead"))).toHaveLength(1);
  });

  it("can be gone back from: what was deployed before is kept", () => {
    template.hasResource("AWS::AppConfig::HostedConfigurationVersion", {
      UpdateReplacePolicy: "Retain",
      DeletionPolicy: "Delete",
    });
  });

  it("are taken back where functions fail or refuse them, by at most five alarms that missing data does not set off", () => {
    const monitors = z
      .array(z.object({ AlarmArn: z.string(), AlarmRoleArn: z.string() }))
      .parse(only("Environment").properties.Monitors);
    const alarms = monitors.map(({ AlarmArn }) => alarm(AlarmArn));
    expect(alarms.map((one) => one?.AlarmName)).toEqual([
      "iam-warden-intake-errors",
      "iam-warden-escalate-errors",
      "iam-warden-remediate-errors",
      "iam-warden-intake-settings-refused",
      "iam-warden-escalate-settings-refused",
    ]);
    expect(new Set(alarms.map((one) => one?.TreatMissingData))).toEqual(new Set(["notBreaching"]));
    const without = deployed(quiet, place).find(({ type }) => type === "AWS::AppConfig::Environment");
    expect(without?.properties.Monitors).toHaveLength(4);
    // What the validator refused in words must not take back what is mended.
    expect(JSON.stringify(monitors)).not.toContain("validate");
    expect(allowed(template, /^SettingsAlarmRole/)).toEqual([
      {
        Effect: "Allow",
        Action: ["cloudwatch:DescribeAlarms"],
        Resource: {
          "Fn::Join": [
            "",
            [
              "arn:",
              { Ref: "AWS::Partition" },
              ":cloudwatch:",
              { Ref: "AWS::Region" },
              ":",
              { Ref: "AWS::AccountId" },
              ":alarm:*",
            ],
          ],
        },
      },
    ]);
    const [role] = made.filter(({ id, type }) => type === "AWS::IAM::Role" && id.startsWith("SettingsAlarmRole"));
    expect(role?.properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [{ Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "appconfig.amazonaws.com" } }],
    });
  });

  test("may be read by the functions that work by them, this configuration and no other", () => {
    const readers = [...statementsByRole(template)].filter(([, statements]) =>
      JSON.stringify(statements).includes("appconfig:"),
    );
    expect(readers.map(([id]) => id.replace(/Role[0-9A-F]{8}$/, "")).sort()).toEqual([
      "DoctorFunction",
      "EscalationFunction",
      "IntakeFunction",
      "OperatorFunction",
      "RepairsFunction",
      "SweepDigest",
      "SweepListAccounts",
      "SweepSweepAccount",
    ]);
    const ids = [only("Application"), only("Environment"), only("ConfigurationProfile")].map(({ id }) =>
      unresolved(id),
    );
    const [application, environment, profile] = ids;
    const policy = made.find(({ id, type }) => type === "AWS::IAM::Policy" && id.startsWith("SettingsRead"));
    expect(policy?.properties.PolicyDocument).toMatchObject({
      Statement: [
        {
          Effect: "Allow",
          Action: ["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"],
          Resource: `arn:aws:appconfig:eu-west-1:999999999999:application/${application}/environment/${environment}/configuration/${profile}`,
        },
      ],
    });
  });

  test("are asked for by the names that they have", () => {
    const names = [only("Application"), only("Environment"), only("ConfigurationProfile")].map(
      ({ properties }) => properties.Name,
    );
    for (const [id, { Properties }] of resourcesOf(template, "AWS::Lambda::Function")) {
      if (id.startsWith("ValidateSettings")) continue;
      expect([id, Object(Properties.Environment).Variables.SETTINGS_CONFIGURATION]).toEqual([id, names.join("/")]);
    }
  });
});
