import { describe, expect, it, test } from "vitest";
import * as z from "zod";
import { HubStack } from "../../infra/hub-stack.ts";
import { ManagementAccountStack } from "../../infra/management-account-stack.ts";
import { MemberStack } from "../../infra/member-stack.ts";
import { auditReads } from "../../shared/aws/audit-reads.ts";
import { organizationPatterns } from "../../shared/events/organization-changes.ts";
import { eventPatterns } from "../../shared/events/patterns.ts";
import { markEvent } from "../../shared/marks/mark.ts";
import { parsePolicy } from "../../shared/policy/language/document.ts";
import { requestContext } from "../../shared/policy/language/variables.ts";
import { evaluatePolicies } from "../../shared/policy/request/evaluate.ts";
import { describeWithPeers, run } from "../support/peers.ts";
import { type Deployed, deployed, everythingRepairs, resourcesOf, settingsFileOf, templateOf } from "./templates.ts";

const hubId = "999999999999";
const accountId = "111122223333";
const parameters = {
  OrganizationId: "o-a1b2c3d4e5",
  EventBusArn: `arn:aws:events:eu-west-1:${hubId}:event-bus/iam-warden`,
};
const home: Deployed = { accountId, region: "us-east-1", parameters };
const elsewhere: Deployed = { ...home, region: "eu-west-1" };
const inTheHub: Deployed = { ...home, accountId: hubId };

const quiet = templateOf((app) => new MemberStack(app, "member"));
const settingsFile = settingsFileOf(everythingRepairs);
const repairing = templateOf((app) => new MemberStack(app, "member", { settingsFile }));

const of = (resources: ReturnType<typeof deployed>, type: string) => resources.filter((one) => one.type === type);
const roleSchema = z.object({
  RoleName: z.string(),
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.tuple([z.object({ PolicyDocument: z.unknown() })]),
});
const roleNamed = (resources: ReturnType<typeof deployed>, name: string) => {
  const role = of(resources, "AWS::IAM::Role")
    .map(({ properties }) => roleSchema.parse(properties))
    .find(({ RoleName }) => RoleName === name);
  if (role === undefined) throw new Error(`there is no role ${name}`);
  return { trust: parsePolicy(role.AssumeRolePolicyDocument), policy: parsePolicy(role.Policies[0].PolicyDocument) };
};
const roleNames = (resources: ReturnType<typeof deployed>) =>
  of(resources, "AWS::IAM::Role").map(({ properties }) => roleSchema.parse(properties).RoleName);

describe("in every Region", () => {
  test.each([home, elsewhere])("the rules that the controls derive send straight to the hub's bus", (place) => {
    const rules = of(deployed(quiet, place), "AWS::Events::Rule").map(({ properties }) => properties);
    const derived = eventPatterns();
    expect(rules.map(({ Name, EventPattern, State }) => ({ Name, EventPattern, State }))).toEqual(
      derived.map(({ name, pattern, needsReadEvents }) => ({
        Name: `iam-warden-${name}`,
        EventPattern: pattern,
        State: needsReadEvents ? "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" : "ENABLED",
      })),
    );
    const queue = of(deployed(quiet, place), "AWS::SQS::Queue");
    expect(queue).toHaveLength(1);
    for (const { EventBusName, Targets } of rules) {
      expect(EventBusName).toBeUndefined();
      // No Input, InputPath or InputTransformer: a bus in another account takes none.
      expect(Targets).toEqual([
        {
          Id: "hub",
          Arn: parameters.EventBusArn,
          RoleArn: `arn:aws:iam::${accountId}:role/iam-warden-forward`,
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
          DeadLetterConfig: { Arn: `«${queue[0]?.id}.Arn»` },
        },
      ]);
    }
  });

  test("what cannot be sent is kept, encrypted, and only iam-warden's own rules lay it there", () => {
    const resources = deployed(quiet, elsewhere);
    expect(of(resources, "AWS::SQS::Queue")[0]?.properties).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
    const rules = of(resources, "AWS::Events::Rule").map(({ id }) => `«${id}.Arn»`);
    expect(of(resources, "AWS::SQS::QueuePolicy")[0]?.properties.PolicyDocument).toMatchObject({
      Statement: [
        { Effect: "Deny", Action: "sqs:*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
        {
          Effect: "Allow",
          Action: "sqs:SendMessage",
          Principal: { Service: "events.amazonaws.com" },
          Condition: { ArnEquals: { "aws:SourceArn": rules } },
        },
      ],
    });
  });

  test("patterns fit EventBridge's 2,048 characters", () => {
    for (const { properties } of of(deployed(quiet, home), "AWS::Events::Rule"))
      expect(JSON.stringify(properties.EventPattern).length).toBeLessThanOrEqual(2_048);
  });
});

describe("once in an account", () => {
  test("the roles and the boundary are made where IAM's events appear, in each partition", () => {
    expect(roleNames(deployed(quiet, home))).toEqual(["iam-warden-audit", "iam-warden-forward"]);
    expect(of(deployed(quiet, home), "AWS::IAM::ManagedPolicy")).toHaveLength(1);
    for (const [partition, region] of [
      ["aws-cn", "cn-north-1"],
      ["aws-us-gov", "us-gov-west-1"],
    ] as const) {
      const there = deployed(quiet, { ...home, partition, region });
      expect(roleNames(there)).toHaveLength(2);
      expect(JSON.stringify(there.map(({ properties }) => properties))).not.toMatch(/arn:aws:(?:iam|sqs)/);
    }
    for (const region of ["eu-west-1", "us-gov-east-1"]) {
      const there = deployed(quiet, { ...home, region });
      expect(there.filter(({ type }) => type.startsWith("AWS::IAM::"))).toEqual([]);
    }
  });

  test("the remediation role is there only if something opted in that writes with it", () => {
    expect(roleNames(deployed(repairing, home))).toContain("iam-warden-remediate");
    const rootOnly = settingsFileOf(
      "version: 1\ncontrols:\n  root-access-key-exists: { mode: remediate }\nrepairs: { centralRootAccess: true }\n",
    );
    const root = templateOf((app) => new MemberStack(app, "member", { settingsFile: rootOnly }));
    for (const template of [quiet, root])
      expect(roleNames(deployed(template, home))).toEqual(["iam-warden-audit", "iam-warden-forward"]);
  });

  test("the boundary is left out where the settings name another everywhere", () => {
    const file = settingsFileOf("version: 1\nrepairs: { permissionsBoundary: /team/boundary }\n");
    const own = templateOf((app) => new MemberStack(app, "member", { settingsFile: file }));
    expect(of(deployed(own, home), "AWS::IAM::ManagedPolicy")).toEqual([]);
    const some = settingsFileOf(
      `version: 1\nrepairs: { permissionsBoundary: mine, boundaries: { "${accountId}": iam-warden-boundary } }\n`,
    );
    const mixed = templateOf((app) => new MemberStack(app, "member", { settingsFile: some }));
    expect(of(deployed(mixed, home), "AWS::IAM::ManagedPolicy")).toHaveLength(1);
  });

  test("the boundary names itself, and protects the hub in the hub alone", () => {
    const [policy] = of(deployed(quiet, home), "AWS::IAM::ManagedPolicy");
    expect(policy?.properties.ManagedPolicyName).toBe("iam-warden-boundary");
    const sids = (place: Deployed) =>
      z
        .object({ PolicyDocument: z.object({ Statement: z.array(z.object({ Sid: z.string() })) }) })
        .parse(of(deployed(quiet, place), "AWS::IAM::ManagedPolicy")[0]?.properties)
        .PolicyDocument.Statement.map(({ Sid }) => Sid);
    expect(JSON.stringify(policy?.properties)).toContain(`arn:aws:iam::${accountId}:policy/iam-warden-boundary`);
    expect(sids(inTheHub).filter((sid) => !sids(home).includes(sid))).toEqual([
      "NeverReachIntoTheHub",
      "NeverPretendToBeOthers",
    ]);
  });
});

describe("the roles trust", () => {
  const assumes = (name: string, caller: string, { organization = parameters.OrganizationId } = {}) => {
    const session = `arn:aws:sts::${caller.split(":")[4]}:assumed-role/${caller.split("/").at(-1)}/x`;
    return evaluatePolicies([roleNamed(deployed(repairing, home), name).trust], {
      action: "sts:AssumeRole",
      resource: `arn:aws:iam::${accountId}:role/${name}`,
      context: requestContext({ "aws:PrincipalArn": caller, "aws:PrincipalOrgID": organization }),
      caller: { type: "AWS", accountId: caller.split(":")[4] ?? "", arns: [caller, session] },
    }).decision;
  };
  const hubRole = (entry: string) => `arn:aws:iam::${hubId}:role/iam-warden-hub-${entry}`;

  it.each(["intake", "sweep-account", "operator", "remediate"])("the hub's %s to read", (entry) => {
    expect(assumes("iam-warden-audit", hubRole(entry))).toBe("allow");
    expect(assumes("iam-warden-remediate", hubRole(entry))).toBe(entry === "remediate" ? "allow" : "implicitDeny");
  });

  it("nobody else: other roles of the hub, its namesake elsewhere, another organization's", () => {
    for (const name of ["iam-warden-audit", "iam-warden-remediate"]) {
      expect(assumes(name, `arn:aws:iam::${hubId}:role/admin`)).toBe("implicitDeny");
      expect(assumes(name, hubRole("digest"))).toBe("implicitDeny");
      expect(assumes(name, `arn:aws:iam::${accountId}:role/iam-warden-hub-remediate`)).toBe("implicitDeny");
      expect(assumes(name, hubRole("remediate"), { organization: "o-somebodyelse" })).toBe("implicitDeny");
    }
  });

  it("no function that is not deployed", () => {
    expect(JSON.stringify(roleNamed(deployed(quiet, home), "iam-warden-audit").trust)).not.toContain("remediate");
  });

  it("the names that the hub's stack gives its functions' roles", () => {
    const hub = templateOf((app) => new HubStack(app, "hub", { settingsFile }));
    const made = resourcesOf(hub, "AWS::IAM::Role").map(([, { Properties }]) => Properties.RoleName);
    for (const entry of ["intake", "sweep-account", "operator", "remediate"])
      expect(made).toContain(`iam-warden-hub-${entry}`);
  });

  it("EventBridge, for iam-warden's own rules in the account", () => {
    const { trust, policy } = roleNamed(deployed(quiet, home), "iam-warden-forward");
    const sends = (rule: string, source = accountId) =>
      evaluatePolicies([trust], {
        action: "sts:AssumeRole",
        resource: `arn:aws:iam::${accountId}:role/iam-warden-forward`,
        context: requestContext({
          "aws:SourceAccount": source,
          "aws:SourceArn": `arn:aws:events:eu-west-1:${source}:rule/${rule}`,
        }),
        caller: { type: "Service", name: "events.amazonaws.com" },
      }).decision;
    expect(sends("iam-warden-iam-changes-1")).toBe("allow");
    expect(sends("nightly")).toBe("implicitDeny");
    expect(sends("iam-warden-iam-changes-1", "444455556666")).toBe("implicitDeny");
    expect(policy.statements).toMatchObject([
      { effect: "Allow", actions: ["events:PutEvents"], resources: [parameters.EventBusArn] },
    ]);
  });
});

describe("the audit role", () => {
  const { policy } = roleNamed(deployed(repairing, home), "iam-warden-audit");

  it("may do what is read, leave its mark, and nothing else", () => {
    expect(policy.statements.flatMap(({ actions = [] }) => actions).toSorted()).toEqual(
      [...Object.values(auditReads).flat(), markEvent].toSorted(),
    );
  });

  it.each([
    ["itself, with the mark", "iam-warden-audit", ["iam-warden-mark"], "allow"],
    ["itself, with anything else", "iam-warden-audit", ["owner"], "implicitDeny"],
    ["itself, with anything besides", "iam-warden-audit", ["iam-warden-mark", "owner"], "implicitDeny"],
    ["another role", "iam-warden-remediate", ["iam-warden-mark"], "implicitDeny"],
  ])("as for tags, on %s", (_what, role, keys, decision) => {
    const request = { action: "iam:TagRole", resource: `arn:aws:iam::${accountId}:role/${role}` };
    const context = requestContext({ "aws:TagKeys": keys });
    expect(evaluatePolicies([policy], { ...request, context }).decision).toBe(decision);
  });
});

describe("the remediation role", () => {
  const { policy } = roleNamed(deployed(repairing, home), "iam-warden-remediate");
  const may = (operation: string, resource: string, boundary?: string, of = policy) =>
    evaluatePolicies([of], {
      action: `iam:${operation}`,
      resource: `arn:aws:iam::${accountId}:${resource}`,
      context: requestContext(boundary === undefined ? {} : { "iam:PermissionsBoundary": boundary }),
    }).decision;
  const approved = `arn:aws:iam::${accountId}:policy/iam-warden-boundary`;
  const other = `arn:aws:iam::${accountId}:policy/mine`;

  it.each([
    ["UpdateAccessKey", "user/bob"],
    ["DeleteAccessKey", "user/team/bob"],
    ["PutUserPolicy", "user/bob"],
    ["DeleteUserPolicy", "user/bob"],
    ["PutRolePolicy", "role/team/app"],
    ["DeleteRolePolicy", "role/team/app"],
    ["UpdateAssumeRolePolicy", "role/team/app"],
  ])("may %s on %s", (operation, resource) => {
    expect(may(operation, resource)).toBe("allow");
  });

  it.each(["UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy"])("may %s, which is on no resource", (name) => {
    const context = requestContext({});
    const { decision } = evaluatePolicies([policy], { action: `iam:${name}`, resource: "*", context });
    expect(decision).toBe("allow");
  });

  it.each([
    ["iam-warden's own tag", "role/team/app", ["iam-warden-quarantine"], "allow"],
    ["another besides", "role/team/app", ["iam-warden-quarantine", "team"], "implicitDeny"],
    ["another", "role/team/app", ["team"], "implicitDeny"],
    ["none", "role/team/app", [], "implicitDeny"],
    ["a protected role", "role/iam-warden-audit", ["iam-warden-quarantine"], "explicitDeny"],
  ])("sets and removes tags of roles: %s", (_, resource, keys, decision) => {
    for (const action of ["iam:TagRole", "iam:UntagRole"]) {
      const context = requestContext(keys.length === 0 ? {} : { "aws:TagKeys": keys });
      const request = { action, resource: `arn:aws:iam::${accountId}:${resource}`, context };
      expect(evaluatePolicies([policy], request).decision).toBe(decision);
    }
  });

  it("confines trust alone where nothing else is to be repaired", () => {
    const file = settingsFileOf("version: 1\ncontrols: { trust-open-to-anyone: { mode: remediate } }\n");
    const alone = templateOf((app) => new MemberStack(app, "member", { settingsFile: file }));
    const { policy: narrow } = roleNamed(deployed(alone, home), "iam-warden-remediate");
    expect(
      narrow.statements.map(({ effect, actions, resources }) => ({ effect, actions, first: resources?.[0] })),
    ).toEqual([
      { effect: "Allow", actions: ["iam:UpdateAssumeRolePolicy"], first: `arn:aws:iam::${accountId}:role/*` },
      {
        effect: "Deny",
        actions: ["iam:UpdateAssumeRolePolicy"],
        first: expect.stringContaining(":role/aws-service-role/*"),
      },
    ]);
  });

  it("strengthens passwords alone where nothing else is to be repaired", () => {
    const file = settingsFileOf("version: 1\ncontrols: { weak-password-policy: { mode: remediate } }\n");
    const alone = templateOf((app) => new MemberStack(app, "member", { settingsFile: file }));
    const { policy: narrow } = roleNamed(deployed(alone, home), "iam-warden-remediate");
    expect(narrow.statements).toMatchObject([
      { actions: ["iam:DeleteAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy"], resources: ["*"] },
    ]);
  });

  it("puts the approved boundary on roles, and takes off no other", () => {
    expect(may("PutRolePermissionsBoundary", "role/team/app", approved)).toBe("allow");
    expect(may("DeleteRolePermissionsBoundary", "role/team/app", approved)).toBe("allow");
    expect(may("DeleteRolePermissionsBoundary", "role/team/app", other)).toBe("implicitDeny");
  });

  it("attaches what nobody approved only where a repair may have replaced it", () => {
    expect(may("PutRolePermissionsBoundary", "role/team/app", other)).toBe("allow");
    const file = settingsFileOf(
      "version: 1\ncontrols:\n  role-without-boundary: { mode: remediate }\nrepairs: { permissionsBoundary: iam-warden-boundary }\n",
    );
    const adding = templateOf((app) => new MemberStack(app, "member", { settingsFile: file }));
    const { policy: narrow } = roleNamed(deployed(adding, home), "iam-warden-remediate");
    expect(may("PutRolePermissionsBoundary", "role/team/app", approved, narrow)).toBe("allow");
    expect(may("PutRolePermissionsBoundary", "role/team/app", other, narrow)).toBe("implicitDeny");
    expect(may("PutRolePermissionsBoundary", "role/team/app", undefined, narrow)).toBe("implicitDeny");
    expect(may("UpdateAccessKey", "user/bob", undefined, narrow)).toBe("implicitDeny");
    expect(may("PutRolePolicy", "role/team/app", undefined, narrow)).toBe("implicitDeny");
    expect(may("UpdateAssumeRolePolicy", "role/team/app", undefined, narrow)).toBe("implicitDeny");
  });

  it.each([
    "role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_1",
    "role/stacksets-exec-0123456789",
    "role/service-role/AWSCloudFormationStackSetExecutionRole",
    "role/AWSControlTowerExecution",
    "role/aws-controltower-ForwardSnsNotificationRole",
    "role/OrganizationAccountAccessRole",
    "role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1",
    "role/iam-warden-audit",
  ])("never touches %s", (resource) => {
    expect(may("PutRolePermissionsBoundary", resource, approved)).toBe("explicitDeny");
    expect(may("DeleteRolePermissionsBoundary", resource, approved)).toBe("explicitDeny");
    expect(may("PutRolePolicy", resource)).toBe("explicitDeny");
    expect(may("UpdateAssumeRolePolicy", resource)).toBe("explicitDeny");
  });

  it("never touches whom the settings exclude or protect", () => {
    const file = settingsFileOf(`${everythingRepairs}
excludedRoles: { names: [legacy-*], paths: [/vendor/*] }
protectedPrincipals: { users: [break-glass], roles: [payroll], paths: [/board/] }
`);
    const careful = templateOf((app) => new MemberStack(app, "member", { settingsFile: file }));
    const { policy: narrow } = roleNamed(deployed(careful, home), "iam-warden-remediate");
    for (const role of [
      "role/legacy-app",
      "role/team/legacy-app",
      "role/vendor/x/app",
      "role/payroll",
      "role/board/app",
    ])
      expect([role, may("PutRolePermissionsBoundary", role, approved, narrow)]).toEqual([role, "explicitDeny"]);
    for (const user of ["user/break-glass", "user/team/break-glass", "user/board/chair"])
      expect([user, may("UpdateAccessKey", user, undefined, narrow)]).toEqual([user, "explicitDeny"]);
    expect(may("UpdateAccessKey", "user/payroll", undefined, narrow)).toBe("allow");
  });

  it("is not made from more protected principals than a policy has room for", () => {
    const users = Array.from({ length: 95 }, (_, index) => `${"a".repeat(60)}${index}`).join(", ");
    const file = settingsFileOf(`${everythingRepairs}\nprotectedPrincipals: { users: [${users}] }\n`);
    expect(() => templateOf((app) => new MemberStack(app, "member", { settingsFile: file }))).toThrow(
      /policy of the remediation role has \d+ characters, and IAM allows 10240/,
    );
  });
});

describe("the management account", () => {
  it("has what every member has, and sends the organization's own records besides", () => {
    const management = templateOf((app) => new ManagementAccountStack(app, "management", { settingsFile }));
    const { Description, ...template } = management.toJSON();
    expect(Description).toContain("management account");
    const member = structuredClone(repairing.toJSON());
    const besides = Object.keys(template.Resources).filter((id) => !Object.hasOwn(member.Resources, id));
    const [pattern] = organizationPatterns();
    expect(besides.map((id) => template.Resources[id].Properties)).toMatchObject([
      {
        Name: `iam-warden-${pattern?.name}`,
        EventPattern: pattern?.pattern,
        Targets: [{ Arn: { Ref: "EventBusArn" } }],
      },
    ]);
    for (const id of besides) delete template.Resources[id];
    // Its dead-letter queue lets the rule in as well.
    const [queuePolicy = ""] = Object.keys(management.findResources("AWS::SQS::QueuePolicy"));
    expect(JSON.stringify(template.Resources[queuePolicy])).toContain(besides[0]);
    delete template.Resources[queuePolicy];
    delete member.Resources[queuePolicy];
    expect(template).toEqual(member);
  });
});

describe("the hub puts it into every account", () => {
  const hub = templateOf((app) => new HubStack(app, "hub", { settingsFile }));
  const [set] = of(
    deployed(hub, {
      accountId: hubId,
      region: "eu-west-1",
      parameters: { MemberTargets: ["r-abcd"], OtherRegions: ["eu-west-1", "us-east-2"] },
    }),
    "AWS::CloudFormation::StackSet",
  );

  it("by a service-managed stack set, as delegated administrator, and into those that join", () => {
    expect(set?.properties).toMatchObject({
      PermissionModel: "SERVICE_MANAGED",
      CallAs: "DELEGATED_ADMIN",
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
      ManagedExecution: { Active: true },
      Capabilities: ["CAPABILITY_NAMED_IAM"],
      Parameters: [
        { ParameterKey: "OrganizationId", ParameterValue: "«OrganizationId»" },
        { ParameterKey: "EventBusArn", ParameterValue: expect.stringMatching(/^«IntakeBus\w+\.Arn»$/) },
      ],
    });
  });

  it("first where IAM's events appear, then in the other Regions, one by one", () => {
    const regions = ["us-east-1", "eu-west-1", "us-east-2"];
    expect(set?.properties).toMatchObject({
      StackInstancesGroup: [{ DeploymentTargets: { OrganizationalUnitIds: ["r-abcd"] }, Regions: regions }],
      OperationPreferences: { RegionConcurrencyType: "SEQUENTIAL", RegionOrder: regions },
    });
    const [gov] = of(
      deployed(hub, {
        accountId: hubId,
        region: "us-gov-east-1",
        partition: "aws-us-gov",
        parameters: { OtherRegions: ["us-gov-east-1"] },
      }),
      "AWS::CloudFormation::StackSet",
    );
    expect(gov?.properties).toMatchObject({ StackInstancesGroup: [{ Regions: ["us-gov-west-1", "us-gov-east-1"] }] });
  });

  it("as the members' own template, which CloudFormation takes as it is", () => {
    const text = z.string().parse(set?.properties.TemplateBody);
    expect(JSON.parse(text)).toEqual(repairing.toJSON());
    expect(text.length).toBeLessThanOrEqual(51_200);
    // Nothing in it has to be uploaded or bootstrapped first.
    expect(text).not.toMatch(/cdk-bootstrap|BootstrapVersion|AssetParameters/);
  });
});

describeWithPeers(["cfn-lint"], "the template in cfn-lint's eyes", () => {
  test("has no error and no warning", async () => {
    const { status, stdout, stderr } = await run("cfn-lint", ["--regions", "us-east-1"], {
      input: JSON.stringify(repairing.toJSON()),
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});
