import { DeleteRolePolicyCommand, PutRolePolicyCommand, TagRoleCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { addRole } from "../../sandbox/iam/state.ts";
import type { AccountState } from "../../sandbox/state.ts";
import { acknowledge } from "../../shared/findings/reconcile.ts";
import { addKey } from "../support/repair-flow.ts";
import { settingsOf } from "../support/settings.ts";
import { type SmallOrganization, smallOrganization } from "../support/small-organization.ts";

// Whoever administers one account, and is not kept from changing what iam-warden has there, tries to stay unseen.

const hourMs = 3_600_000;
const settings = settingsOf("version: 1\n");

/** Turns iam-warden's rules in an account off, or on again as they were. */
const rules = ({ sandbox }: SmallOrganization, { id }: AccountState) => {
  const all = [...sandbox.state.buses.values()]
    .filter(({ arn }) => arn.includes(`:${id}:`))
    .flatMap((bus) => [...bus.rules.values()])
    .filter(({ name }) => name.startsWith("iam-warden-"));
  expect(all).not.toEqual([]);
  const before = all.map(({ state }) => state);
  return {
    off: () => {
      for (const rule of all) rule.state = "DISABLED";
    },
    on: () => {
      for (const [index, rule] of all.entries()) rule.state = before[index] ?? "ENABLED";
    },
  };
};

/** A day later, hour by hour, then the sweep. */
const nextDay = async ({ sandbox, functions, wiring }: SmallOrganization, hours = 24): Promise<void> => {
  for (let hour = 0; hour < hours; hour++) {
    sandbox.clock.advance(hourMs);
    await functions.escalate();
    await wiring.settle();
  }
  await wiring.sweep();
  await wiring.settle();
};

/** An organization that was swept once, where an account's root has a password. */
const listening = async (): Promise<SmallOrganization> => {
  const organization = smallOrganization({ settings });
  organization.data.root.passwordEnabled = true;
  await organization.wiring.sweep();
  await organization.wiring.settle();
  return organization;
};

const rootOf = async ({ store, data }: SmallOrganization) =>
  (await store.listAll(data.id)).filter(({ control }) => control === "root-activity");

const rootMails = ({ mails }: SmallOrganization): string[] =>
  mails().filter((mail) => mail.toLowerCase().includes("root"));

describe("root that is used while no rule listens, between two marks", () => {
  it("is told by the next sweep, once, with the time that IAM noted", async () => {
    const organization = await listening();
    const { sandbox, data, wiring } = organization;
    const listened = rules(organization, data);
    sandbox.clock.advance(2 * hourMs);
    listened.off();
    const usedAt = sandbox.clock.now();
    sandbox.signIn(data.id, "root");
    sandbox.clock.advance(hourMs);
    listened.on();
    await wiring.settle();
    expect(await rootOf(organization)).toEqual([]);

    await nextDay(organization, 20);
    const [finding] = await rootOf(organization);
    expect(finding).toMatchObject({ status: "open", severity: "critical", evidence: { credential: "password" } });
    expect(Math.abs(Date.parse(String(finding?.evidence.usedAt)) - usedAt.getTime())).toBeLessThan(1000);
    const told = rootMails(organization);
    expect(told).toHaveLength(1);
    await wiring.sweep();
    expect((await rootOf(organization))[0]?.activity?.count).toBe(1);
    expect(rootMails(organization)).toEqual(told);
    await nextDay(organization, 26);
    expect((await rootOf(organization))[0]?.status).toBe("resolved");
  });

  it("is told though an attempt was heard of later", async () => {
    const organization = await listening();
    const { sandbox, data, wiring } = organization;
    const listened = rules(organization, data);
    sandbox.clock.advance(2 * hourMs);
    listened.off();
    sandbox.signIn(data.id, "root");
    sandbox.clock.advance(60_000);
    listened.on();
    sandbox.signIn(data.id, "root", { success: false });
    await wiring.settle();
    expect(await rootOf(organization)).toEqual([]);
    sandbox.beginSignIn(data.id);
    await wiring.settle();
    expect(await rootOf(organization)).toMatchObject([{ severity: "medium", activity: { onlyAttempts: true } }]);
    await nextDay(organization, 20);
    expect(await rootOf(organization)).toMatchObject([
      { status: "open", severity: "critical", reason: expect.stringMatching(/no event of that came/) },
    ]);
  });

  it("is told anew though an earlier use was heard of and acknowledged", async () => {
    const organization = await listening();
    const { sandbox, data, wiring, store } = organization;
    sandbox.signIn(data.id, "root", { mfa: true });
    await wiring.settle();
    const listened = rules(organization, data);
    sandbox.clock.advance(3 * hourMs);
    listened.off();
    sandbox.signIn(data.id, "root");
    listened.on();
    sandbox.clock.advance(hourMs);
    const [heard] = await rootOf(organization);
    await acknowledge(store, data.id, heard?.id ?? "", "alice", sandbox.clock.now());
    await nextDay(organization, 20);
    expect(await rootOf(organization)).toMatchObject([
      { status: "open", reason: expect.stringMatching(/no event of that came/) },
    ]);
  });
});

describe("an account that keeps marks from being left", () => {
  const deny = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Deny", Action: "iam:TagRole", Resource: "*" }],
  });

  it("is named as not known in every digest, and no more once marks are left again", async () => {
    const organization = await listening();
    const { data, iam, wiring, sandbox } = organization;
    const role = { RoleName: "iam-warden-audit", PolicyName: "quiet" };
    const digests = () =>
      sandbox.deliveries.filter(({ attributes }) => attributes.kind?.value === "digest").map(({ message }) => message);
    await iam(data, "mallory").send(new PutRolePolicyCommand({ ...role, PolicyDocument: deny }));
    const listened = rules(organization, data);
    listened.off();
    await nextDay(organization);
    expect(digests().at(-1)).toMatch(/in 1 account: iam:TagRole on iam-warden.s audit role failed/);
    listened.on();
    await iam(data, "mallory").send(new DeleteRolePolicyCommand(role));
    await wiring.settle();
    await nextDay(organization);
    expect(digests().at(-1)).not.toMatch(/TagRole/);
  });
});

describe("an account whose IAM answers slowly", () => {
  it("holds up nobody's digest: after four hours it counts as not swept, and is named", async () => {
    const organization = smallOrganization({ settings });
    const { sandbox, data, web } = organization;
    for (let number = 0; number < 200; number++) addKey(organization, data, `robot-${number}`);
    addKey(organization, web);
    sandbox.intercept(({ operation, account, clock }) => {
      if (operation === "ListAccessKeys" && account.id === data.id) clock.advance(2 * 60_000);
    });
    const startedAt = sandbox.clock.now().getTime();
    const { answers, failures } = await organization.wiring.sweep();
    expect(failures).toEqual([]);
    expect(sandbox.clock.now().getTime() - startedAt).toBeLessThan(6 * hourMs);
    expect(answers.map((answer) => answer.done && [answer.account.id === data.id, answer.status])).toEqual(
      expect.arrayContaining([[true, "failed"]]),
    );
    expect(answers.filter((answer) => answer.done && answer.status === "swept")).toHaveLength(3);
    const [digest] = sandbox.deliveries.filter(({ attributes }) => attributes.kind?.value === "digest");
    expect(digest?.message).toMatch(/not swept within 4 hours/);
  });
});

describe("an account that makes more calls than can be judged in time", () => {
  it("has its own events wait, and not those of others", async () => {
    const organization = smallOrganization({ settings });
    const { sandbox, data, web, iam, wiring } = organization;
    const decoys = Array.from({ length: 200 }, (_, number) => `decoy-${number}`);
    for (const name of decoys) addRole(data, sandbox.ids, { name, createdAt: sandbox.clock.now() });
    const tag = (RoleName: string) => new TagRoleCommand({ RoleName, Tags: [{ Key: "noise", Value: "more" }] });
    for (const name of decoys) await iam(data, "mallory").send(tag(name));
    addRole(web, sandbox.ids, { name: "app", createdAt: sandbox.clock.now() });
    await iam(web, "alice").send(tag("app"));
    const judged: string[] = [];
    sandbox.intercept(({ operation, account }) => {
      if (operation === "GetRole") judged.push(account.name);
    });
    await wiring.settle();
    expect(judged.filter((name) => name === data.name)).toHaveLength(decoys.length);
    const before = judged.indexOf(web.name);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(decoys.length / 2);
  });
});

describe("what a credential report says of root", () => {
  it("is nothing new where the events of it came", async () => {
    const organization = await listening();
    const { sandbox, data, wiring } = organization;
    sandbox.clock.advance(2 * hourMs);
    sandbox.signIn(data.id, "root", { mfa: true });
    await wiring.settle();
    await nextDay(organization, 20);
    expect(await rootOf(organization)).toMatchObject([{ activity: { count: 1 } }]);
  });

  it("is nothing to tell where it was before iam-warden came, or its event may still come", async () => {
    const organization = smallOrganization({ settings });
    const { sandbox, data, wiring } = organization;
    data.root.passwordEnabled = true;
    data.root.passwordLastUsedAt = new Date(sandbox.clock.now().getTime() - 5 * hourMs);
    await wiring.sweep();
    await wiring.settle();
    expect(await rootOf(organization)).toEqual([]);
    await nextDay(organization);
    expect(await rootOf(organization)).toEqual([]);
    rules(organization, data).off();
    sandbox.clock.advance(5 * hourMs);
    sandbox.signIn(data.id, "root");
    sandbox.clock.advance(60_000);
    await wiring.sweep();
    expect(await rootOf(organization)).toEqual([]);
  });
});
