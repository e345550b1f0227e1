import { describe, expect, it } from "vitest";
import * as z from "zod";
import { GuardrailsStack } from "../../infra/guardrails-stack.ts";
import { HubStack } from "../../infra/hub-stack.ts";
import { ManagementAccountStack } from "../../infra/management-account-stack.ts";
import { deployed, resourcesOf, settingsFileOf, templateOf } from "./templates.ts";

const settingsFile = settingsFileOf(`version: 1
deployment:
  hubAccountId: "111122223333"
  hubRegion: eu-central-1
  organizationId: o-a1b2c3d4e5
  targets: [r-ab12, ou-ab12-1a2b3c4d]
  regions: [eu-central-1, us-west-2]
  operationsEmail: platform@example.com
`);
const busArn = "arn:aws:events:eu-central-1:111122223333:event-bus/iam-warden";

const parametersSchema = z.record(z.string(), z.looseObject({ Default: z.string().optional() })).default({});
/** The defaults of a template's parameters; `undefined`: it has to be given. CDK's own are left out. */
const defaultsOf = (template: ReturnType<typeof templateOf>) =>
  Object.fromEntries(
    Object.entries(parametersSchema.parse(template.toJSON().Parameters))
      .filter(([name]) => name !== "BootstrapVersion")
      .map(([name, { Default }]) => [name, Default]),
  );

describe("the deployment in the settings", () => {
  const hub = templateOf((app) => new HubStack(app, "hub", { settingsFile }));

  it("leaves the hub's stack nothing to be asked for", () => {
    expect(defaultsOf(hub)).toEqual({ AuditRoleName: "iam-warden-audit" });
    const made = deployed(hub, { accountId: "111122223333", region: "eu-central-1" });
    expect(made.find(({ type }) => type === "AWS::CloudFormation::StackSet")?.properties).toMatchObject({
      Parameters: expect.arrayContaining([{ ParameterKey: "OrganizationId", ParameterValue: "o-a1b2c3d4e5" }]),
      StackInstancesGroup: [
        {
          DeploymentTargets: { OrganizationalUnitIds: ["r-ab12", "ou-ab12-1a2b3c4d"] },
          Regions: ["us-east-1", "eu-central-1", "us-west-2"],
        },
      ],
    });
  });

  it("leaves the members' template its parameters, by which the stack set tells it where the hub is", () => {
    const [[, stackSet] = []] = resourcesOf(hub, "AWS::CloudFormation::StackSet");
    const member: unknown = JSON.parse(String(stackSet?.Properties.TemplateBody));
    expect(z.object({ Parameters: parametersSchema }).parse(member).Parameters).toEqual({
      OrganizationId: expect.not.objectContaining({ Default: expect.anything() }),
      EventBusArn: expect.not.objectContaining({ Default: expect.anything() }),
    });
  });

  it("says where the hub's bus is before there is one", () => {
    const management = templateOf((app) => new ManagementAccountStack(app, "management", { settingsFile }));
    expect(defaultsOf(management)).toEqual({});
    const account = deployed(management, { accountId: "444455556666", region: "us-east-1" });
    const text = JSON.stringify(account);
    expect(
      account.filter(({ type }) => type === "AWS::Events::Rule").map(({ properties }) => properties.Targets),
    ).toEqual(
      Array.from({ length: text.split('"AWS::Events::Rule"').length - 1 }, () => [
        expect.objectContaining({ Arn: busArn }),
      ]),
    );
    expect(text).toContain('"aws:PrincipalOrgID":"o-a1b2c3d4e5"');
    expect(text).toContain('"AWS":"arn:aws:iam::111122223333:root"');
    const bus = deployed(hub, { accountId: "111122223333", region: "eu-central-1" }).find(
      ({ type }) => type === "AWS::Events::EventBus",
    );
    expect(busArn.endsWith(`/${bus?.properties.Name}`)).toBe(true);
    const guardrails = templateOf((app) => new GuardrailsStack(app, "guardrails", { settingsFile }));
    expect(Object.keys(defaultsOf(guardrails))).not.toContain("HubAccountId");
    expect(JSON.stringify(guardrails.toJSON())).toContain("iam::111122223333:role/cdk-");
  });

  it("subscribes who is told of iam-warden's own failures to that topic alone", () => {
    const emails = resourcesOf(hub, "AWS::SNS::Subscription").map(([, { Properties }]) => Properties);
    expect(emails).toEqual([
      { Protocol: "email", Endpoint: "platform@example.com", TopicArn: { Ref: expect.stringMatching(/^Operations/) } },
    ]);
  });

  it("may be left out: then the parameters have to be given, and nobody is subscribed", () => {
    const bare = templateOf((app) => new HubStack(app, "hub"));
    expect(defaultsOf(bare)).toEqual({
      OrganizationId: undefined,
      AuditRoleName: "iam-warden-audit",
      MemberTargets: undefined,
      OtherRegions: "",
    });
    expect(resourcesOf(bare, "AWS::SNS::Subscription")).toEqual([]);
    const management = templateOf((app) => new ManagementAccountStack(app, "management"));
    expect(defaultsOf(management)).toEqual({ EventBusArn: undefined, OrganizationId: undefined });
  });

  it("says nothing of the bus where it does not say in which Region the hub is", () => {
    const file = settingsFileOf('version: 1\ndeployment: { hubAccountId: "111122223333" }\n');
    const management = templateOf((app) => new ManagementAccountStack(app, "management", { settingsFile: file }));
    expect(defaultsOf(management)).toEqual({ EventBusArn: undefined, OrganizationId: undefined });
  });

  it("lets the members' stack set outlive the hub's stack, or leaves it out, only while the hub moves", () => {
    const stackSetsOf = (members: string) => {
      const file = settingsFileOf(`version: 1\ndeployment: { members: ${members} }\n`);
      const template = templateOf((app) => new HubStack(app, "hub", { settingsFile: file }));
      return {
        policies: resourcesOf(template, "AWS::CloudFormation::StackSet").map(
          ([, { DeletionPolicy }]) => DeletionPolicy,
        ),
        isAskedForTargets: "MemberTargets" in defaultsOf(template),
      };
    };
    expect(stackSetsOf("deployed")).toEqual({ policies: [undefined], isAskedForTargets: true });
    expect(stackSetsOf("kept")).toEqual({ policies: ["Retain"], isAskedForTargets: true });
    expect(stackSetsOf("elsewhere")).toEqual({ policies: [], isAskedForTargets: false });
  });
});
