import { CreatePolicyCommand, CreatePolicyVersionCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { centralizeRoot } from "../../sandbox/iam/central-root.ts";
import { addRole, addUser, trusting } from "../../sandbox/iam/state.ts";
import { failing } from "../support/iam-account.ts";
import {
  approve,
  askFor,
  dayMs,
  hourMs,
  kinds,
  nowOf,
  redeployed,
  repairing,
  watchWrites,
} from "../support/repair-flow.ts";
import { wiredOrganization } from "../support/wired/organization.ts";

describe("a repair that only contains", () => {
  const contained = async () => {
    const world = wiredOrganization({ settings: repairing("console-user-without-mfa") });
    const { data, sandbox } = world;
    const createdAt = new Date(sandbox.clock.now().getTime() - dayMs);
    const loginProfile = { createdAt, changedAt: createdAt, resetRequired: false };
    const user = addUser(data, sandbox.ids, { name: "bob", createdAt, loginProfile });
    await world.wiring.sweep();
    const found = await world.finding(data, "console-user-without-mfa");
    await askFor(world, found);
    expect(user.inlinePolicies.has("iam-warden-deny-until-mfa")).toBe(true);
    return { ...world, user, found };
  };

  it("is told once, however often it is looked at", async () => {
    const world = await contained();
    for (let look = 0; look < 3; look++) await askFor(world, world.found);
    expect(kinds(world).filter((kind) => kind === "repaired")).toHaveLength(1);
    expect(world.telemetry.counted("RepairsMade")).toBe(1);
  });

  it("is told once where its user came to have a device and lost it", async () => {
    const world = await contained();
    const { user, found, remediations, data } = world;
    const [made] = await remediations.ofFinding(data.id, found.id);
    if (made === undefined) throw new Error("nothing was repaired");
    const { contained: _contained, ...complied } = made;
    await remediations.put({ ...complied, version: made.version + 1 });
    expect(user.mfaDevices).toEqual([]);
    const { length } = kinds(world);
    world.sandbox.clock.advance(dayMs);
    const before = await nowOf(world, found);
    await world.store.put({
      ...before,
      observedAt: world.sandbox.clock.now().toISOString(),
      version: before.version + 1,
    });
    await askFor(world, found);
    expect(kinds(world)).toHaveLength(length);
    expect((await nowOf(world, found)).status).toBe("open");
  });

  it("is made again, and told, after somebody removed its policy", async () => {
    const world = await contained();
    const { user, found, remediations, data } = world;
    user.inlinePolicies.clear();
    // One user alone is a slot an hour.
    world.sandbox.clock.advance(hourMs);
    await askFor(world, found);
    expect(user.inlinePolicies.has("iam-warden-deny-until-mfa")).toBe(true);
    expect(kinds(world).filter((kind) => kind === "repaired")).toHaveLength(2);
    expect((await remediations.ofFinding(data.id, found.id)).map(({ state }) => state)).toEqual([
      "verified",
      "verified",
    ]);
  });
});

describe("root's access keys", () => {
  const withRootKey = async (more = "repairs: { centralRootAccess: true }\n") => {
    const world = wiredOrganization({ settings: repairing("root-access-key-exists", more) });
    for (const account of [world.data, world.sandbox.state.accounts.get(managementOf(world))]) {
      const { now } = world.sandbox.clock;
      account?.root.accessKeys.push({ id: "AKIAROOT000000000001", secret: "x", status: "Active", createdAt: now() });
    }
    centralizeRoot(world.sandbox.state.organization, world.hub.id, world.sandbox.clock.now());
    await world.wiring.sweep();
    return world;
  };
  const managementOf = ({ sandbox }: ReturnType<typeof wiredOrganization>): string =>
    sandbox.state.organization.managementAccountId;

  it("of a member are deleted, once a person approved just that", async () => {
    const world = await withRootKey();
    const { data } = world;
    const found = await world.finding(data, "root-access-key-exists");
    await askFor(world, found);
    expect(data.root.accessKeys).toHaveLength(1);
    expect(await nowOf(world, found)).toMatchObject({ repair: { state: "held", interlock: "approved" } });
    world.sandbox.clock.advance(1_000);
    await approve(world, found);
    await askFor(world, found);
    expect(data.root.accessKeys).toEqual([]);
    expect(await nowOf(world, found)).toMatchObject({ status: "resolved", repair: { state: "repaired" } });
  });

  it.each([
    ["the management account", true, undefined],
    ["nobody may ask which account that is", false, "DescribeOrganization"],
  ])("are out of reach: %s", async (_, isManagement, denied) => {
    const world = await withRootKey();
    const id = isManagement ? managementOf(world) : world.data.id;
    const account = world.sandbox.state.accounts.get(id);
    if (account === undefined) throw new Error("no such account");
    const found = await world.finding(account, "root-access-key-exists");
    if (denied !== undefined) failing(world.sandbox, denied, "AccessDeniedException");
    const writes = watchWrites(world);
    await askFor(world, found);
    expect(writes).toEqual([]);
    expect(account.root.accessKeys).toHaveLength(1);
    expect(await nowOf(world, found)).toMatchObject({
      repair: { state: "held", interlock: "plan", why: expect.stringContaining("is not known as a member") },
    });
  });
});

describe("a boundary that is attached", () => {
  const allowing = (action: string): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] });

  /** A role that used EC2, which its account's boundary does not allow; `strict` is another policy of the account. */
  const withRole = async () => {
    const organization = wiredOrganization({ settings: boundedBy("developer") });
    const { data, sandbox, iam, wiring } = organization;
    const role = addRole(data, sandbox.ids, {
      name: "app",
      createdAt: new Date(sandbox.clock.now().getTime() - dayMs),
      trustPolicy: trusting({ Service: "lambda.amazonaws.com" }),
      attachedPolicies: new Set(["arn:aws:iam::aws:policy/AdministratorAccess"]),
    });
    const arns = new Map<string, string>();
    for (const [name, action] of Object.entries({ developer: "s3:*", strict: "s3:Get*" })) {
      const made = new CreatePolicyCommand({ PolicyName: name, PolicyDocument: allowing(action) });
      arns.set(name, (await iam(data).send(made)).Policy?.Arn ?? "");
    }
    await wiring.sweep();
    return { ...organization, role, arns, found: await organization.finding(data, "role-without-boundary") };
  };

  const boundedBy = (name: string) => repairing("role-without-boundary", `repairs: { permissionsBoundary: ${name} }`);

  it("is not attached by an approval of what it allowed before somebody changed it", async () => {
    const world = await withRole();
    const { data, sandbox, iam, role, arns, found } = world;
    sandbox.use(data.id, { role: "app" }, { service: "ec2", action: "DescribeInstances" });
    sandbox.clock.advance(5 * hourMs);
    await askFor(world, found);
    expect((await nowOf(world, found)).repair).toMatchObject({ state: "held", interlock: "blastRadius" });
    await approve(world, found);
    const PolicyArn = arns.get("developer");
    const PolicyDocument = allowing("sts:GetCallerIdentity");
    await iam(data).send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
    await askFor(world, found);
    expect(role.boundary).toBeUndefined();
    expect((await nowOf(world, found)).repair).toMatchObject({ state: "held", interlock: "blastRadius" });
    await approve(world, found);
    await askFor(world, found);
    expect(role.boundary).toBe(PolicyArn);
  });

  it("is the one that the settings name now, not that of an earlier try of which nothing stands", async () => {
    const world = await withRole();
    const { sandbox, role, arns, found } = world;
    let isTakenOff = true;
    sandbox.subscribe(({ detail }) => {
      if (isTakenOff && detail.eventName === "PutRolePermissionsBoundary") delete role.boundary;
    });
    await askFor(world, found);
    expect((await nowOf(world, found)).repair?.state).toBe("failed");
    isTakenOff = false;
    const after = redeployed(world, boundedBy("strict"));
    await askFor(after, found);
    expect(role.boundary).toBe(arns.get("strict"));
  });
});
