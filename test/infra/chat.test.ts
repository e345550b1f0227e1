import { describe, expect, it } from "vitest";
import { HubStack } from "../../infra/hub-stack.ts";
import { unresolved } from "../../shared/cloudformation/unresolved.ts";
import { describeWithPeers, run } from "../support/peers.ts";
import { allowed, deployed, everythingRepairs, resourcesOf, settingsFileOf, templateOf } from "./templates.ts";

const slack = ["C0123456789", "G0123456789"].map((id) => `    - { workspaceId: T0123456789, channelId: ${id} }\n`);
const teams = `  teams:
    - tenantId: 01234567-89ab-cdef-0123-456789abcdef
      teamId: 89abcdef-0123-4567-89ab-cdef01234567
      channelId: 19%3a0123456789abcdef%40thread.tacv2
`;
const hub = (channels: string) => {
  const settingsFile = settingsFileOf(`${everythingRepairs}${channels}`);
  return templateOf((app) => new HubStack(app, "hub", { settingsFile }));
};
const template = hub(`chat:\n  slack:\n${slack.join("")}${teams}`);
const place = { accountId: "999999999999", region: "eu-west-1" };
const made = deployed(template, place);
const ofType = (type: string) => made.filter((resource) => resource.type === type).map(({ properties }) => properties);
const channels = [
  ...ofType("AWS::Chatbot::SlackChannelConfiguration"),
  ...ofType("AWS::Chatbot::MicrosoftTeamsChannelConfiguration"),
];

describe("chat channels", () => {
  it("are those that the settings name, told what the alert topic says", () => {
    const [[topic] = [""]] = resourcesOf(template, "AWS::SNS::Topic").filter(([id]) => id.startsWith("Alerts"));
    expect(channels).toHaveLength(3);
    for (const { SnsTopicArns } of channels) expect(SnsTopicArns).toEqual([unresolved(topic)]);
    expect(channels).toMatchObject([
      { SlackWorkspaceId: "T0123456789", SlackChannelId: "C0123456789" },
      { SlackWorkspaceId: "T0123456789", SlackChannelId: "G0123456789" },
      {
        TeamsTenantId: "01234567-89ab-cdef-0123-456789abcdef",
        TeamId: "89abcdef-0123-4567-89ab-cdef01234567",
        TeamsChannelId: "19%3a0123456789abcdef%40thread.tacv2",
      },
    ]);
  });

  it("have names of their own, which the service takes, and log what fails", () => {
    const names = channels.map(({ ConfigurationName }) => String(ConfigurationName));
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
    expect(channels.map(({ LoggingLevel }) => LoggingLevel)).toEqual(["ERROR", "ERROR", "ERROR"]);
  });

  it("let nobody do anything: everything is denied to their role and by their guardrails", () => {
    const role = /^ChatRole/;
    expect(allowed(template, role)).toEqual([{ Effect: "Deny", Action: ["*"], Resource: "*" }]);
    const [found] = resourcesOf(template, "AWS::IAM::Role").filter(([id]) => role.test(id));
    expect(found?.[1].Properties).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "chatbot.amazonaws.com" } }],
      },
    });
    expect(found?.[1].Properties.ManagedPolicyArns).toBeUndefined();
    for (const { IamRoleArn, GuardrailPolicies, UserRoleRequired } of channels) {
      expect(IamRoleArn).toBe(unresolved(`${found?.[0]}.Arn`));
      expect(GuardrailPolicies).toEqual(["arn:aws:iam::aws:policy/AWSDenyAll"]);
      expect(UserRoleRequired).toBeUndefined();
    }
  });

  it("forget their logs after three months in the Region that they log in", () => {
    const groups = (region: string) =>
      deployed(template, { ...place, region })
        .filter(
          ({ type, properties }) => type === "AWS::Logs::LogGroup" && /chatbot/.test(String(properties.LogGroupName)),
        )
        .map(({ properties }) => [properties.LogGroupName, properties.RetentionInDays]);
    expect(groups("eu-west-1")).toEqual([]);
    expect(groups("us-east-1")).toEqual(
      channels.map(({ ConfigurationName }) => [`/aws/chatbot/${ConfigurationName}`, 90]),
    );
  });

  it("stay configured when the settings list them in another order", () => {
    const ids = (of: typeof template) =>
      Object.keys(of.findResources("AWS::Chatbot::SlackChannelConfiguration")).sort();
    expect(ids(hub(`chat:\n  slack:\n${slack.toReversed().join("")}`))).toEqual(ids(template));
  });

  it("leave nothing in the template where none is named: partitions without the service refuse its types", () => {
    const made = Object.values(hub("").toJSON().Resources).map((resource) => Object(resource).Type);
    expect(made.filter((type) => /chatbot/i.test(type))).toEqual([]);
  });
});

describeWithPeers(["cfn-lint"], "the template with chat channels in cfn-lint's eyes", () => {
  it("has no error, and no warning but of dependencies that the CDK spells out twice", async () => {
    const { status, stdout } = await run("cfn-lint", ["--ignore-checks", "W3005"], {
      input: JSON.stringify(template.toJSON()),
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });
});
