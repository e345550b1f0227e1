import { CreateRoleCommand } from "@aws-sdk/client-iam";
import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  MoveAccountCommand,
  OrganizationsClient,
  UpdatePolicyCommand,
} from "@aws-sdk/client-organizations";
import { afterEach, describe, expect, it, vi } from "vitest";
import { trusting } from "../../sandbox/iam/state.ts";
import { accessDenied, throttled } from "../../sandbox/protocol/service.ts";
import type { EvaluationContext, Verdict } from "../../shared/control.ts";
import { controls } from "../../shared/controls/catalogue.ts";
import { type AnyFacts, type Fact, known, unknownFact } from "../../shared/facts/facts.ts";
import { createStoredViews } from "../../shared/organization/stored-views.ts";
import { settingsOf } from "../support/settings.ts";
import { smallOrganization } from "../support/small-organization.ts";

const minute = 60_000;
const denying = (Action: string): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Deny", Action, Resource: "*" }] });

const started = (options: Parameters<typeof smallOrganization>[0] = {}) => {
  const world = smallOrganization(options);
  const { sandbox, organizationStore, telemetry, hub } = world;
  const { managementAccountId, rootId, trustedServices, delegatedAdministrators, rootFeatures } =
    sandbox.state.organization;
  rootFeatures.add("RootSessions");
  trustedServices.set("iam.amazonaws.com", sandbox.clock.now());
  delegatedAdministrators.get(hub.id)?.set("iam.amazonaws.com", sandbox.clock.now());
  const client = new OrganizationsClient({
    ...sandbox.clientConfig(sandbox.credentialsFor(managementAccountId, "root")),
    region: "us-east-1",
  });
  /** What whoever judges an account would be told of the organization by now. */
  const viewOf = (accountId: string) =>
    createStoredViews({ store: organizationStore, clock: () => sandbox.clock.now(), telemetry }).of(accountId);
  /** Names and actions of the policies that limit an account, from the root down. */
  const limitsOf = async (accountId: string): Promise<readonly string[]> => {
    const limits = orThrow(orThrow(await viewOf(accountId)).serviceControl);
    return limits.flatMap(({ name, policies }) =>
      policies.map(
        (policy) => `${name} ${policy.name} ${/"Action":"([^"]+)"/.exec(JSON.stringify(policy.document))?.[1]}`,
      ),
    );
  };
  const limit = async (Name: string, action: string, TargetId: string): Promise<string> => {
    const { Policy } = await client.send(
      new CreatePolicyCommand({ Name, Description: "", Type: "SERVICE_CONTROL_POLICY", Content: denying(action) }),
    );
    const PolicyId = String(Policy?.PolicySummary?.Id);
    await client.send(new AttachPolicyCommand({ PolicyId, TargetId }));
    return PolicyId;
  };
  return { ...world, rootId, managementAccountId, client, viewOf, limitsOf, limit };
};

afterEach(() => vi.restoreAllMocks());

interface AnyJudge {
  evaluate(facts: AnyFacts, context: EvaluationContext<unknown>): Verdict;
}

const orThrow = <T>(fact: Fact<T>): T => {
  if (!fact.known) throw new Error(fact.why);
  return fact.value;
};

const repairingRoot = settingsOf(`version: 1
controls:
  root-access-key-exists: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
repairs: { centralRootAccess: true }
breaker: { perAccount: { count: 5, percent: 100 }, organization: { count: 5, percent: 100 } }
`);

describe("the organization, where iam-warden is deployed", () => {
  it("is known after a sweep, to every account", async () => {
    const { wiring, sandbox, data, limit, rootId, viewOf, limitsOf, managementAccountId, telemetry } = started();
    expect(await viewOf(data.id)).toEqual(unknownFact("the organization was not read yet"));
    sandbox.state.organization.rootFeatures.add("RootSessions");
    await limit("no-deletion", "s3:DeleteBucket", rootId);
    await wiring.sweep();
    expect(await limitsOf(data.id)).toEqual([
      "Root FullAWSAccess *",
      "Root no-deletion s3:DeleteBucket",
      "data FullAWSAccess *",
    ]);
    expect(await limitsOf(managementAccountId)).toEqual([]);
    expect(orThrow(await viewOf(data.id))).toMatchObject({
      accountIds: new Set(sandbox.state.accounts.keys()),
      managementAccountId,
      rootFeatures: known(["RootSessions"]),
    });
    expect(telemetry.counted("OrganizationNotRead")).toBe(0);
  });

  it("is told to every judgement: a sweep's, an event's, a plan's, a repair's", async () => {
    const world = started({ settings: repairingRoot });
    const { wiring, sandbox, data, iam, limit, functions, operator, place } = world;
    /** Of each judgement in `data`: how many policies limit it by what the control is told, or why nobody knows. */
    let told = new Set<number | string>();
    for (const control of controls) {
      if (control.type !== "state") continue;
      const { evaluate } = control as AnyJudge;
      vi.spyOn(control as AnyJudge, "evaluate").mockImplementation((facts, context) => {
        const view = context.organization;
        const limits = view.known ? view.value.serviceControl : view;
        if (facts.account.id === data.id)
          told.add(limits.known ? limits.value.reduce((sum, { policies }) => sum + policies.length, 0) : limits.why);
        return evaluate(facts, context);
      });
    }
    const toldIn = async (work: () => Promise<unknown>): Promise<readonly (number | string)[]> => {
      told = new Set();
      await work();
      return [...told];
    };
    const createdAt = sandbox.clock.now();
    data.root.accessKeys.push({ id: "AKIAROOT000000000001", secret: "x", status: "Active", createdAt });
    expect(await toldIn(() => wiring.sweep())).toEqual([2]);

    sandbox.clock.advance(3_600_000);
    await limit("own", "s3:DeleteBucket", data.id);
    await wiring.settle();
    const AssumeRolePolicyDocument = trusting({ Service: "lambda.amazonaws.com" });
    await iam(data).send(new CreateRoleCommand({ RoleName: "export", AssumeRolePolicyDocument }));
    expect(await toldIn(() => wiring.settle())).toEqual([3]);

    const ask = async (request: object) =>
      JSON.parse((await operator(JSON.stringify(request), { arn: `arn:aws:iam::${place.accountId}:user/ann` })).body);
    await functions.escalate();
    await wiring.settle();
    const { id } = await world.finding(data, "root-access-key-exists");
    let digest = "";
    expect(
      await toldIn(async () => {
        digest = (await ask({ command: "plan", id })).items[0].digest;
      }),
    ).toEqual([3]);
    expect(await ask({ command: "approve", id, digest, why: "Nobody used it." })).toMatchObject({ ok: true });
    expect(await toldIn(() => wiring.settle())).toEqual([3]);
    expect(data.root.accessKeys).toEqual([]);
  });

  it("is known anew at once where a policy is attached, changed, or an account moves", async () => {
    const { wiring, sandbox, data, limit, limitsOf, client, rootId } = started();
    await wiring.sweep();
    sandbox.clock.advance(5 * minute);
    const PolicyId = await limit("own", "s3:*", data.id);
    await wiring.settle();
    expect(await limitsOf(data.id)).toEqual(["Root FullAWSAccess *", "data FullAWSAccess *", "data own s3:*"]);

    sandbox.clock.advance(5 * minute);
    await client.send(new UpdatePolicyCommand({ PolicyId, Content: denying("ec2:*") }));
    await wiring.settle();
    expect(await limitsOf(data.id)).toContain("data own ec2:*");

    sandbox.clock.advance(5 * minute);
    const unit = { id: "ou-abcd-11111111", name: "Prod", parentId: rootId, tags: new Map<string, string>() };
    sandbox.state.organization.units.set(unit.id, unit);
    await limit("prod", "iam:*", unit.id);
    await client.send(
      new MoveAccountCommand({ AccountId: data.id, SourceParentId: rootId, DestinationParentId: unit.id }),
    );
    await wiring.settle();
    expect(await limitsOf(data.id)).toContain("Prod prod iam:*");
    expect(wiring.deadLetters).toEqual([]);
  });

  it("is read for a burst of changes a few times, and the last of them is in", async () => {
    const { wiring, sandbox, data, limit, limitsOf } = started();
    await wiring.sweep();
    sandbox.clock.advance(5 * minute);
    let read = 0;
    sandbox.intercept(({ operation }) => {
      if (operation === "ListPolicies") read += 1;
    });
    for (let at = 0; at < 9; at++) {
      await limit(`policy-${at}`, `s3:Action${at}`, data.id);
      await wiring.deliverDue();
      sandbox.clock.advance(7_000);
    }
    await wiring.settle();
    expect((await limitsOf(data.id)).filter((line) => line.startsWith("data"))).toHaveLength(10);
    expect(read).toBeLessThanOrEqual(3);
    expect(wiring.deadLetters).toEqual([]);
  });

  it("costs no sweep where it cannot be read, and is then not known", async () => {
    const { wiring, sandbox, data, viewOf, telemetry, functions } = started();
    sandbox.intercept((call) => {
      if (call.operation === "ListPolicies") throw throttled();
    });
    const run = await wiring.sweep();
    expect(run.answers.map((answer) => answer.done && answer.status)).toEqual(Array(4).fill("swept"));
    expect(telemetry.counted("OrganizationNotRead")).toBe(1);
    expect(await viewOf(data.id)).toEqual(unknownFact("the organization was not read yet"));
    expect((await functions.listAccounts({})).accounts).toHaveLength(4);
  });

  it("is known in part where a part is denied", async () => {
    const { wiring, sandbox, data, viewOf, managementAccountId, telemetry } = started();
    sandbox.intercept((call) => {
      if (call.operation === "ListTargetsForPolicy") throw accessDenied(call);
    });
    await wiring.sweep();
    expect(telemetry.counted("OrganizationNotRead")).toBe(1);
    expect(telemetry.lines.find(({ fields }) => fields?.unknown)?.fields).toEqual({
      unknown: ["organizations:ListTargetsForPolicy was denied"],
    });
    expect(orThrow(await viewOf(data.id)).serviceControl).toEqual(
      unknownFact("organizations:ListTargetsForPolicy was denied"),
    );
    expect(orThrow(await viewOf(managementAccountId)).serviceControl).toEqual(known([]));
  });

  it("is left to the next sweep where a change cannot be read time and again", async () => {
    const { wiring, sandbox, data, limit, limitsOf, telemetry } = started();
    await wiring.sweep();
    sandbox.clock.advance(5 * minute);
    let isDown = true;
    sandbox.intercept(({ operation }) => {
      if (isDown && operation === "ListPolicies") throw throttled();
    });
    await limit("own", "s3:*", data.id);
    await wiring.settle();
    expect(await limitsOf(data.id)).not.toContain("data own s3:*");
    expect(telemetry.counted("OrganizationOutdated")).toBeGreaterThan(0);
    expect(wiring.deadLetters).toEqual([]);
    isDown = false;
    await wiring.sweep();
    expect(await limitsOf(data.id)).toContain("data own s3:*");
  });
});
