import {
  CreatePolicyCommand,
  DeleteUserPolicyCommand,
  GetUserPolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { addRole, addUser, trusting } from "../../sandbox/iam/state.ts";
import type { AccountState } from "../../sandbox/state.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { settingsOf } from "../support/settings.ts";
import { redeployed, type SmallOrganization, smallOrganization } from "../support/small-organization.ts";

// The whole path of a repair, through the real functions: swept, told, reminded, repaired, undone; hour by hour.

const hourMs = 3_600_000;

const staleKeys = settingsOf(`version: 1
controls:
  stale-access-key:
    mode: remediate
    ladder:
      - { after: 0d, do: notify }
      - { after: 7d, do: remediate }
      - { after: 30d, do: finish }
  unused-access-key: { mode: off }
breaker:
  perAccount: { count: 10, percent: 100 }
`);

/** Lets hours pass: an hourly run, what is on the queues, and at six in the morning the sweep. */
const pass = async (
  { sandbox, functions, wiring }: Pick<SmallOrganization, "sandbox" | "functions" | "wiring">,
  hours: number,
  stepHours = 1,
): Promise<void> => {
  for (let hour = 0; hour < hours; hour += stepHours) {
    const { clock } = sandbox;
    const before = clock.now().getTime();
    clock.advance(stepHours * hourMs);
    const sixth = new Date(clock.now()).setUTCHours(6, 0, 0, 0);
    if (before < sixth && sixth <= clock.now().getTime()) await wiring.sweep();
    await functions.escalate();
    await wiring.settle();
  }
};

const addKeys = ({ sandbox }: SmallOrganization, account: AccountState, count: number, ageDays = 200) => {
  const now = sandbox.clock.now().getTime();
  return Array.from({ length: count }, (_, index) => {
    const createdAt = new Date(now - ageDays * 24 * hourMs);
    const user = addUser(account, sandbox.ids, { name: `robot-${index}`, createdAt });
    const key = {
      id: `AKIAROBOT${String(index).padStart(11, "0")}`,
      secret: "x",
      status: "Active" as const,
      createdAt,
    };
    user.accessKeys.push(key);
    return { user, key };
  });
};

const active = (account: AccountState): number =>
  [...account.users.values()].flatMap(({ accessKeys }) => accessKeys).filter(({ status }) => status === "Active")
    .length;

const kinds = ({ sandbox }: SmallOrganization): string[] =>
  sandbox.deliveries
    .filter(({ protocol }) => protocol === "email")
    .map(({ attributes }) => attributes.kind?.value ?? "")
    .filter((kind) => kind !== "digest");

describe("a stale key where the settings repair", () => {
  it("is told, reminded of, set inactive, and set active again when somebody undoes that", async () => {
    const organization = smallOrganization({ settings: staleKeys });
    const { data, store, remediations, repairs, wiring } = organization;
    addKeys(organization, data, 1);
    await wiring.sweep();
    const told = await organization.finding(data, "stale-access-key");
    expect(told.warnedAt).toBeDefined();

    await pass(organization, 6 * 24, 6);
    await pass(organization, 23);
    expect(active(data)).toBe(1);
    expect(kinds(organization)).toEqual(["reminder"]);

    await pass(organization, 2);
    expect(active(data)).toBe(0);
    const repaired = await organization.finding(data, "stale-access-key");
    expect(repaired).toMatchObject({ status: "resolved", repair: { state: "repaired" }, outbox: [] });
    expect(repaired.finishDueAt).toBeDefined();
    expect(kinds(organization)).toEqual(["reminder", "repaired"]);

    const [remediation] = await remediations.ofFinding(data.id, repaired.id);
    expect(remediation).toMatchObject({ state: "verified", by: "iam-warden" });
    const undo = {
      accountId: data.id,
      remediationId: remediation?.id ?? "",
      by: "alice",
      why: "It broke the build.",
      force: false,
    };
    await repairs.send({ kind: "undo", ...undo });
    await wiring.settle();
    expect(active(data)).toBe(1);
    expect(kinds(organization).slice(2)).toEqual(["undone", "reopened"]);
    const undone = await store.get(data.id, repaired.id);
    expect(undone).toMatchObject({ status: "open", repair: { state: "undone" } });
    expect(undone?.history.find(({ what }) => what === "undone")).toMatchObject({ by: "alice" });

    await pass(organization, 20 * 24, 6);
    expect(active(data)).toBe(1);
  });

  it("is deleted only after a person approved exactly that", async () => {
    const organization = smallOrganization({ settings: staleKeys });
    const { data, store, repairs, wiring } = organization;
    const [one] = addKeys(organization, data, 1);
    await wiring.sweep();
    await pass(organization, 31 * 24, 24);
    const waiting = await organization.finding(data, "stale-access-key");
    expect(waiting).toMatchObject({
      status: "resolved",
      repair: { state: "held", interlock: "approved", stage: "final" },
    });
    expect(one?.user.accessKeys).toHaveLength(1);

    const approval = {
      by: "alice",
      at: organization.sandbox.clock.now().toISOString(),
      stage: "final",
      why: "Nobody missed it.",
    } as const;
    const approve = async (digest: string): Promise<void> => {
      const finding = await store.get(data.id, waiting.id);
      if (finding === undefined) throw new Error("the finding is gone");
      await store.put({ ...finding, approval: { ...approval, digest }, version: finding.version + 1 });
      await repairs.send({ kind: "repair", accountId: data.id, findingId: finding.id, stage: "final" });
      await wiring.settle();
    };
    await approve("0123456789abcdef0123");
    expect(one?.user.accessKeys).toHaveLength(1);
    await approve(waiting.repair?.digest ?? "");
    expect(one?.user.accessKeys).toEqual([]);
    const after = await store.get(data.id, waiting.id);
    expect(after).toMatchObject({ repair: { state: "repaired", stage: "final" } });
    expect(after?.finishDueAt).toBeUndefined();
  });

  it("that is in use is held, told in the digest, and repaired once a person approves", async () => {
    const organization = smallOrganization({ settings: staleKeys });
    const { data, store, sandbox, repairs, wiring } = organization;
    const [one] = addKeys(organization, data, 1);
    const use = () => {
      if (one)
        one.key = Object.assign(one.key, { lastUsed: { at: sandbox.clock.now(), service: "s3", region: "eu-west-1" } });
    };
    use();
    await wiring.sweep();
    await pass(organization, 8 * 24, 6);
    const held = await organization.finding(data, "stale-access-key");
    expect(held).toMatchObject({ status: "open", repair: { state: "held", interlock: "blastRadius" } });
    expect(active(data)).toBe(1);
    expect(
      sandbox.deliveries.filter(({ message }) => message.includes("blastRadius") || /held/i.test(message)).length,
    ).toBeGreaterThan(0);

    const approval = {
      by: "alice",
      at: sandbox.clock.now().toISOString(),
      stage: "repair",
      digest: held.repair?.digest ?? "",
      why: "The job moved.",
    } as const;
    await store.put({ ...held, approval, version: held.version + 1 });
    await repairs.send({ kind: "repair", accountId: data.id, findingId: held.id, stage: "repair" });
    await wiring.settle();
    expect(active(data)).toBe(0);
    expect(await store.get(data.id, held.id)).toMatchObject({ repair: { state: "repaired" }, status: "resolved" });
  });
});

describe("switching repairs on", () => {
  it("over a backlog of 3,000 stale keys changes nothing that day, and nothing before people had their week", async () => {
    const before = smallOrganization({
      settings: settingsOf("version: 1\ncontrols:\n  unused-access-key: { mode: off }\n"),
    });
    const { data, store, telemetry } = before;
    addKeys(before, data, 3_000);
    await before.wiring.sweep();
    await pass(before, 20 * 24, 20 * 24);
    expect((await store.listOpen(data.id)).filter(({ notifiedAt }) => notifiedAt !== undefined)).toHaveLength(3_000);
    const after = redeployed(before, staleKeys);
    const told = kinds(after).length;
    await pass(after, 24, 3);
    expect(active(data)).toBe(3_000);
    expect(kinds(after).slice(told)).toEqual(["reminder"]);
    await pass(after, 5 * 24, 24);
    // The warning went out three hours after the switch.
    await pass(after, 24 + 2);
    expect(active(data)).toBe(3_000);
    // Then by the breaker's ten an hour, and people hear that it holds the others.
    await pass(after, 3);
    const repaired = 3_000 - active(data);
    expect(repaired).toBeGreaterThan(0);
    expect(repaired).toBeLessThanOrEqual(30);
    expect(kinds(after).filter((kind) => kind === "breakerTripped").length).toBeGreaterThan(0);
    // Nobody reads 3,000 keys every hour to repair ten.
    expect(telemetry.counted("RepairsAsked")).toBeLessThanOrEqual(3 * 20);
  }, 300_000);
});

describe("a console user without MFA where the settings repair", () => {
  it("is contained, told, and stays open until it has a device", async () => {
    const settings = settingsOf(
      "version: 1\ncontrols:\n  console-user-without-mfa:\n    mode: remediate\n    ladder: [{ after: 0d, do: remediate }]\nbreaker: { perAccount: { count: 10, percent: 100 }, organization: { count: 10, percent: 100 } }\n",
    );
    const organization = smallOrganization({ settings });
    const { data, sandbox, wiring, iam } = organization;
    const createdAt = new Date(sandbox.clock.now().getTime() - 24 * hourMs);
    addUser(data, sandbox.ids, {
      name: "bob",
      createdAt,
      loginProfile: { createdAt, changedAt: createdAt, resetRequired: false },
    });
    await wiring.sweep();
    await pass(organization, 2);
    const policy = { UserName: "bob", PolicyName: "iam-warden-deny-until-mfa" };
    expect((await iam(data).send(new GetUserPolicyCommand(policy))).PolicyDocument).toContain("MultiFactorAuthPresent");
    const finding: Finding = await organization.finding(data, "console-user-without-mfa");
    expect(finding).toMatchObject({ status: "open", repair: { state: "repaired" }, outbox: [] });
    expect(kinds(organization)).toContain("repaired");
    const { length } = kinds(organization);
    await pass(organization, 48);
    expect(kinds(organization)).toHaveLength(length);
  });

  it("is contained and told anew as soon as somebody takes the containment off", async () => {
    const settings = settingsOf(
      "version: 1\ncontrols:\n  console-user-without-mfa:\n    mode: remediate\n    ladder: [{ after: 0d, do: remediate }]\nbreaker: { perAccount: { count: 10, percent: 100 }, organization: { count: 10, percent: 100 } }\n",
    );
    const organization = smallOrganization({ settings });
    const { data, sandbox, wiring, iam } = organization;
    const createdAt = new Date(sandbox.clock.now().getTime() - 24 * hourMs);
    const loginProfile = { createdAt, changedAt: createdAt, resetRequired: false };
    const bob = addUser(data, sandbox.ids, { name: "bob", createdAt, loginProfile });
    for (const name of ["ann", "eve"]) addUser(data, sandbox.ids, { name, createdAt });
    await wiring.sweep();
    await pass(organization, 2);
    const policy = { UserName: "bob", PolicyName: "iam-warden-deny-until-mfa" };
    expect(bob.inlinePolicies.has(policy.PolicyName)).toBe(true);
    const repairs = () => kinds(organization).filter((kind) => kind === "repaired");
    expect(repairs()).toHaveLength(1);
    await iam(data).send(new DeleteUserPolicyCommand(policy));
    await wiring.settle();
    expect(bob.inlinePolicies.has(policy.PolicyName)).toBe(true);
    expect(repairs()).toHaveLength(2);
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    });
    await iam(data).send(new PutUserPolicyCommand({ ...policy, PolicyDocument }));
    await wiring.settle();
    expect(bob.inlinePolicies.get(policy.PolicyName)).toContain("DenyUntilMfa");
    expect(repairs()).toHaveLength(3);
    await pass(organization, 2);
    expect(repairs()).toHaveLength(3);
  });
});

describe("a role without a boundary where the settings repair", () => {
  it("gets the boundary; what AWS then denies it is told with the undo, and undone at once where the settings say so", async () => {
    const settings = settingsOf(
      "version: 1\ncontrols:\n  role-without-boundary:\n    mode: remediate\n    ladder: [{ after: 0d, do: remediate }]\nrepairs: { permissionsBoundary: developer-boundary, autoUndo: true }\nbreaker: { perAccount: { count: 10, percent: 100 }, organization: { count: 10, percent: 100 } }\n",
    );
    const organization = smallOrganization({ settings });
    const { data, sandbox, wiring, iam } = organization;
    const createdAt = new Date(sandbox.clock.now().getTime() - 24 * hourMs);
    const role = addRole(data, sandbox.ids, {
      name: "app",
      createdAt,
      trustPolicy: trusting({ Service: "lambda.amazonaws.com" }),
      attachedPolicies: new Set(["arn:aws:iam::aws:policy/AdministratorAccess"]),
    });
    const { Policy } = await iam(data).send(
      new CreatePolicyCommand({
        PolicyName: "developer-boundary",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }],
        }),
      }),
    );
    await wiring.sweep();
    await pass(organization, 2);
    expect(role.boundary).toBe(Policy?.Arn);
    expect(
      sandbox.use(data.id, { role: "app" }, { service: "s3", action: "ListAllMyBuckets", eventName: "ListBuckets" }),
    ).toBe("allowed");
    expect(sandbox.use(data.id, { role: "app" }, { service: "ec2", action: "DescribeInstances" })).toBe("denied");
    await wiring.settle();
    expect(kinds(organization)).toContain("denied");
    expect(role.boundary).toBeUndefined();
    expect(await organization.finding(data, "role-without-boundary")).toMatchObject({
      status: "open",
      repair: { state: "undone" },
    });
  });
});

describe("an undo at once that is refused, because somebody changed what was repaired", () => {
  it("is not asked for again by every further denial", async () => {
    const settings = settingsOf(
      "version: 1\ncontrols:\n  role-without-boundary:\n    mode: remediate\n    ladder: [{ after: 0d, do: remediate }]\nrepairs: { permissionsBoundary: developer-boundary, autoUndo: true }\nbreaker: { perAccount: { count: 10, percent: 100 }, organization: { count: 10, percent: 100 } }\n",
    );
    const organization = smallOrganization({ settings });
    const { data, sandbox, wiring, iam, telemetry } = organization;
    const role = addRole(data, sandbox.ids, {
      name: "app",
      createdAt: new Date(sandbox.clock.now().getTime() - 24 * hourMs),
      trustPolicy: trusting({ Service: "lambda.amazonaws.com" }),
      attachedPolicies: new Set(["arn:aws:iam::aws:policy/AdministratorAccess"]),
    });
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }],
    });
    for (const PolicyName of ["developer-boundary", "other-boundary"])
      await iam(data).send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
    await wiring.sweep();
    await pass(organization, 2);
    expect(role.boundary).toMatch(/developer-boundary$/);
    role.boundary = role.boundary?.replace("developer", "other");
    const refusals = () => telemetry.lines.filter(({ message }) => message.startsWith("An undo was refused"));
    const deny = async (action: string): Promise<void> => {
      expect(sandbox.use(data.id, { role: "app" }, { service: "ec2", action })).toBe("denied");
      await wiring.settle();
    };
    await deny("DescribeInstances");
    expect(refusals()).toHaveLength(1);
    expect(kinds(organization)).toContain("failed");
    for (let again = 0; again < 5; again++) await deny("DescribeInstances");
    await deny("DescribeImages");
    expect(refusals()).toHaveLength(1);
  });
});

describe("reminders in an account whose every user names another owner", () => {
  it("are no more than twenty at once", async () => {
    const settings = settingsOf(`version: 1
owners: { principalTag: owner }
controls:
  stale-access-key:
    mode: remediate
    ladder: [{ after: 0d, do: notify }, { after: 7d, do: remediate }]
  unused-access-key: { mode: off }
`);
    const organization = smallOrganization({ settings });
    for (const [index, { user }] of addKeys(organization, organization.data, 50).entries())
      user.tags.set("owner", `owner-${index}`);
    await organization.wiring.sweep();
    await pass(organization, 6 * 24, 6);
    await pass(organization, 2);
    expect(kinds(organization)).toEqual(Array(20).fill("reminder"));
    const findings = await organization.store.listOpen(organization.data.id);
    expect(findings).toHaveLength(50);
    expect(findings.filter(({ reminded }) => reminded === undefined)).toEqual([]);
  });
});

describe("the hourly run over findings of which nothing is due", () => {
  it("reads none of them again", async () => {
    const organization = smallOrganization();
    const read: unknown[] = [];
    organization.sandbox.intercept(({ service, operation }, input) => {
      // The marks are another matter: each hour looks whether they arrived.
      const ofMark = JSON.stringify(input.Key)?.includes('"MARKS"');
      if (service === "dynamodb" && operation === "GetItem" && !ofMark) read.push(input.Key);
    });
    addKeys(organization, organization.data, 5);
    await organization.wiring.sweep();
    read.length = 0;
    await pass(organization, 1);
    expect(read).toEqual([]);
  });
});

describe("who is excused", () => {
  it("is not told of, not repaired, counted, and told once the exemption is over", async () => {
    const organization = smallOrganization({ settings: staleKeys });
    const { data, exemptions, sandbox, wiring } = organization;
    addKeys(organization, data, 1);
    const until = new Date(sandbox.clock.now().getTime() + 20 * 24 * hourMs).toISOString();
    await exemptions.put({
      ...{ id: "0123456789abcdef", controls: ["stale-access-key"], scope: { account: data.id } },
      ...{ reason: "Migrates in December", by: "arn:aws:iam::111122223333:user/alice" },
      ...{ createdAt: sandbox.clock.now().toISOString(), until, version: 1 },
    });
    await wiring.sweep();
    await pass(organization, 15 * 24, 6);
    expect(active(data)).toBe(1);
    expect(await organization.finding(data, "stale-access-key")).toMatchObject({
      status: "open",
      exemption: { until },
    });
    expect(kinds(organization)).toEqual(["exemptionExpiring"]);
    await pass(organization, 6 * 24, 6);
    const over = await organization.finding(data, "stale-access-key");
    expect(over.exemption).toBeUndefined();
    expect(over.notifiedAt).toBeDefined();
    await pass(organization, 2 * 24, 6);
    expect(active(data)).toBe(1);
    await pass(organization, 8 * 24, 6);
    expect(active(data)).toBe(0);
  });
});

describe("a read that is older than the repair", () => {
  it("does not open the finding again: it is read once more", async () => {
    const settings = settingsOf(
      "version: 1\ncontrols:\n  role-without-boundary:\n    mode: remediate\n    ladder: [{ after: 0d, do: remediate }]\nrepairs: { permissionsBoundary: developer-boundary }\nbreaker: { perAccount: { count: 10, percent: 100 }, organization: { count: 10, percent: 100 } }\n",
    );
    const organization = smallOrganization({ settings });
    const { data, sandbox, wiring, functions, iam } = organization;
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    });
    await iam(data).send(new CreatePolicyCommand({ PolicyName: "developer-boundary", PolicyDocument }));
    const createdAt = new Date(sandbox.clock.now().getTime() - 24 * hourMs);
    const role = addRole(data, sandbox.ids, {
      name: "app",
      createdAt,
      trustPolicy: trusting({ Service: "lambda.amazonaws.com" }),
    });
    await wiring.sweep();
    sandbox.clock.advance(hourMs);
    let lagMs = 0;
    sandbox.lagReads(() => lagMs);
    await functions.escalate();
    await wiring.deliverDue();
    expect(role.boundary).toBeDefined();

    // The event of the repair itself is judged twenty seconds later, by a replica that has not seen it.
    lagMs = 60_000;
    await wiring.settle();
    expect(await organization.finding(data, "role-without-boundary")).toMatchObject({ status: "resolved" });
    expect(kinds(organization)).toEqual(["repaired"]);
    expect(wiring.deadLetters).toEqual([]);
  });
});
