import {
  AttachGroupPolicyCommand,
  CreatePolicyVersionCommand,
  DetachGroupPolicyCommand,
  PutGroupPolicyCommand,
  SetDefaultPolicyVersionCommand,
  TagRoleCommand,
  TagUserCommand,
  UntagRoleCommand,
  UntagUserCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { addGroup, addRole, addUser, administratorAccess } from "../../sandbox/iam/state.ts";
import { AwsError, throttled } from "../../sandbox/protocol/service.ts";
import { affectedAtMost } from "../../shared/intake/affected.ts";
import { type WiredOrganization, wiredOrganization } from "../support/wired/organization.ts";

const statement = (Action: string | readonly string[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });

/** An organization that was swept, so that what limits its accounts is known, with a group, a policy and who has them. */
const organize = async (members = 2) => {
  const organization = wiredOrganization();
  const { data, sandbox, wiring } = organization;
  const createdAt = new Date(sandbox.clock.now().getTime() - 3_600_000);
  const PolicyArn = `arn:aws:iam::${data.id}:policy/team`;
  data.policies.set(PolicyArn, {
    ...{ name: "team", path: "/", id: "ANPATEAM000000000001", arn: PolicyArn, description: "", tags: new Map() },
    ...{ createdAt, updatedAt: createdAt, defaultVersionId: "v1", nextVersion: 2 },
    versions: [{ id: "v1", document: statement("s3:GetObject"), createdAt }],
  });
  addGroup(data, sandbox.ids, { name: "staff", createdAt });
  for (let at = 0; at < members; at++)
    addUser(data, sandbox.ids, { name: `member-${at}`, createdAt, groups: new Set(["staff"]) });
  addUser(data, sandbox.ids, { name: "outsider", createdAt });
  const boundary = "arn:aws:iam::aws:policy/AdministratorAccess";
  addRole(data, sandbox.ids, { name: "worker", createdAt, boundary, attachedPolicies: new Set([PolicyArn]) });
  addRole(data, sandbox.ids, {
    ...{ name: "bounded", createdAt, boundary: PolicyArn },
    inlinePolicies: new Map([["all", statement("*")]]),
  });
  await wiring.sweep();
  expect(await organization.findings(data)).toEqual([]);
  return { ...organization, PolicyArn };
};

const admins = async ({ data, findings }: WiredOrganization) =>
  (await findings(data)).filter((finding) => finding.startsWith("admin-policy"));
const attach = { GroupName: "staff", PolicyArn: administratorAccess };

describe("a change of what many have", () => {
  it("judges the members of a group, by who changed it, and again when it is taken back", async () => {
    const organization = await organize();
    const { data, iam, wiring } = organization;
    await iam(data, "mallory").send(new AttachGroupPolicyCommand(attach));
    await wiring.settle();
    expect(await admins(organization)).toEqual(["admin-policy user/member-0 open", "admin-policy user/member-1 open"]);
    const [finding] = (await organization.store.listAll(data.id)).filter(({ control }) => control === "admin-policy");
    expect(finding?.actor).toMatchObject({ eventName: "AttachGroupPolicy", arn: expect.stringMatching(/mallory$/) });

    await iam(data).send(new DetachGroupPolicyCommand(attach));
    await wiring.settle();
    expect(await admins(organization)).toEqual([
      "admin-policy user/member-0 resolved",
      "admin-policy user/member-1 resolved",
    ]);
    expect([wiring.deadLetters, wiring.functionErrors]).toEqual([[], []]);
  });

  it("judges those who have a managed policy by themselves, by a group, or as a boundary", async () => {
    const organization = await organize();
    const { data, iam, wiring, PolicyArn } = organization;
    await iam(data).send(new AttachGroupPolicyCommand({ GroupName: "staff", PolicyArn }));
    await wiring.settle();
    expect(await admins(organization)).toEqual([]);
    await iam(data).send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: statement("*"), SetAsDefault: true }),
    );
    await wiring.settle();
    const open = ["role/bounded", "role/worker", "user/member-0", "user/member-1"].map(
      (subject) => `admin-policy ${subject} open`,
    );
    expect(await admins(organization)).toEqual(open);
    await iam(data).send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
    await wiring.settle();
    expect(await admins(organization)).toEqual(open.map((finding) => finding.replace("open", "resolved")));
  });

  it("asks nobody about a version that is not the default", async () => {
    const { data, iam, wiring, aws, PolicyArn } = await organize();
    await iam(data).send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: statement("*") }));
    await wiring.settle();
    expect(aws.calls()[data.id]).not.toHaveProperty("iam:ListEntitiesForPolicy");
  });

  it(`judges at most ${affectedAtMost}, says that there are more, and leaves them to the sweep`, async () => {
    const members = affectedAtMost + 2;
    const organization = await organize(members);
    const { data, iam, wiring, telemetry } = organization;
    await iam(data).send(
      new PutGroupPolicyCommand({ GroupName: "staff", PolicyName: "all", PolicyDocument: statement("*") }),
    );
    await wiring.settle();
    expect(await admins(organization)).toHaveLength(affectedAtMost);
    expect(telemetry.counted("ChangesLeftToSweep")).toBe(1);
    await wiring.sweep();
    expect(await admins(organization)).toHaveLength(members);
  }, 60_000);

  it("lets nobody choose by names who is left to the sweep", async () => {
    const organization = await organize(affectedAtMost + 20);
    const { data, iam, wiring } = organization;
    const put = async (PolicyName: string) => {
      const change = { GroupName: "staff", PolicyName, PolicyDocument: statement("*") };
      await iam(data).send(new PutGroupPolicyCommand(change));
      await wiring.settle();
      return new Set(await admins(organization));
    };
    const first = await put("one");
    const second = await put("two");
    expect(first.size).toBe(affectedAtMost);
    // Another event leaves out others: whoever it was by name would be the same again.
    expect(second.size).toBeGreaterThan(affectedAtMost);
  }, 60_000);

  it("leaves all to the sweep where they may not be listed, and says so", async () => {
    const organization = await organize();
    const { data, iam, sandbox, wiring, telemetry, PolicyArn } = organization;
    sandbox.intercept(({ operation }) => {
      if (operation === "ListEntitiesForPolicy") throw new AwsError("AccessDenied", "not authorized", 403);
    });
    await iam(data).send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: statement("*"), SetAsDefault: true }),
    );
    await wiring.settle();
    expect(await admins(organization)).toEqual([]);
    expect(telemetry.counted("ChangesLeftToSweep")).toBe(1);
    expect([wiring.deadLetters, wiring.functionErrors]).toEqual([[], []]);
  });

  it("tries again where AWS throttles", async () => {
    const organization = await organize();
    const { data, iam, sandbox, wiring } = organization;
    let refusals = 1;
    sandbox.intercept(({ operation }) => {
      if (operation === "GetGroup" && refusals-- > 0) throw throttled();
    });
    await iam(data).send(new AttachGroupPolicyCommand(attach));
    await wiring.settle();
    expect(refusals).toBeLessThan(0);
    expect(await admins(organization)).toHaveLength(2);
  });
});

describe("a tag that makes an administrator", () => {
  const ifTagged = (tag: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "*",
          Resource: "*",
          Condition: { StringEquals: { [`aws:PrincipalTag/${tag}`]: "y" } },
        },
      ],
    });

  it("is heard of before the sweep, and so is that it is gone", async () => {
    const organization = wiredOrganization();
    const { data, sandbox, iam, wiring } = organization;
    const createdAt = new Date(sandbox.clock.now().getTime() - 3_600_000);
    const inlinePolicies = new Map([["p", ifTagged("x")]]);
    const boundary = "arn:aws:iam::aws:policy/AdministratorAccess";
    addUser(data, sandbox.ids, { name: "sleeper", createdAt, inlinePolicies });
    addRole(data, sandbox.ids, { name: "dormant", createdAt, boundary, inlinePolicies });
    await wiring.sweep();
    expect(await admins(organization)).toEqual([]);

    const Tags = [{ Key: "x", Value: "y" }];
    await iam(data).send(new TagUserCommand({ UserName: "sleeper", Tags }));
    await iam(data).send(new TagRoleCommand({ RoleName: "dormant", Tags }));
    await wiring.settle();
    expect(await admins(organization)).toEqual(["admin-policy role/dormant open", "admin-policy user/sleeper open"]);

    await iam(data).send(new UntagUserCommand({ UserName: "sleeper", TagKeys: ["x"] }));
    await iam(data).send(new UntagRoleCommand({ RoleName: "dormant", TagKeys: ["x"] }));
    await wiring.settle();
    expect(await admins(organization)).toEqual([
      "admin-policy role/dormant resolved",
      "admin-policy user/sleeper resolved",
    ]);
  });
});
