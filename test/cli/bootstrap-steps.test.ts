import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { IAMClient } from "@aws-sdk/client-iam";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { observe } from "../../cli/bootstrap/observe.ts";
import { perform, standingsOf } from "../../cli/bootstrap/perform.ts";
import { stepsFor } from "../../cli/bootstrap/steps.ts";
import { accessDenied } from "../../sandbox/protocol/service.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { addAccount } from "../../sandbox/state.ts";

const hub = "222222222222";
const steps = stepsFor(hub, { rootAccess: true });
const ids = steps.map(({ id }) => id);
const operations = [...new Set(steps.map(({ permission }) => permission.split(":")[1] ?? ""))];

/** An organization in which some of the steps were done before; what they need too. */
const prepared = async (done: readonly string[]) => {
  const sandbox = createSandbox();
  addAccount(sandbox.state, { id: hub, name: "security", joinedAt: sandbox.clock.now() });
  const { managementAccountId } = sandbox.state.organization;
  const config = { ...sandbox.clientConfig(sandbox.credentialsFor(managementAccountId, "root")), maxAttempts: 1 };
  const clients = {
    organizations: new OrganizationsClient(config),
    iam: new IAMClient(config),
    cloudFormation: new CloudFormationClient(config),
  };
  for (const step of steps.filter(({ id }) => done.includes(id) || steps.some(needing(id, done)))) {
    await step.perform(clients);
  }
  const look = async () => standingsOf(steps, await observe(clients, hub), { hubIsManagement: false });
  return { sandbox, clients, managementAccountId, look };
};

const needing =
  (id: string, done: readonly string[]) =>
  (step: (typeof steps)[number]): boolean =>
    done.includes(step.id) && step.needs.includes(id);

describe("from whatever was done before", () => {
  it("everything is there after it, and nothing that was there is done again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(ids), async (done) => {
        const { clients, managementAccountId, look } = await prepared(done);
        const before = await look();
        const outcomes = await perform(before, clients, managementAccountId);
        const missing = before.filter(({ state }) => state === "missing").map(({ step }) => step.id);
        expect(outcomes.map(({ step, state }) => [step.id, state])).toEqual(missing.map((id) => [id, "done"]));
        for (const id of done) expect(missing).not.toContain(id);
        expect((await look()).every(({ state }) => state === "there")).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("with some calls denied, exactly what needs none of them is done, and the rest says why", async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(ids), fc.subarray(operations), async (done, denied) => {
        const { sandbox, clients, managementAccountId, look } = await prepared(done);
        const before = await look();
        sandbox.intercept((call) => {
          if (denied.includes(call.operation)) throw accessDenied(call);
        });
        const outcomes = await perform(before, clients, managementAccountId);
        const absent = new Set<string>();
        for (const { step, state, why } of outcomes) {
          const waits = step.needs.some((id) => absent.has(id));
          const isDenied = denied.includes(step.permission.split(":")[1] ?? "");
          const expected = waits ? "waits" : isDenied ? "failed" : "done";
          expect([step.id, state]).toEqual([step.id, expected]);
          if (state !== "done") absent.add(step.id);
          if (state === "failed") expect(why).toContain(step.permission);
        }
        // To activate CloudFormation's access gives it trusted access as well: the next run finds that.
        if (!absent.has("activate-stack-sets")) absent.delete("trust-stack-sets");
        expect((await look()).filter(({ state }) => state !== "there").map(({ step }) => step.id)).toEqual([...absent]);
      }),
      { numRuns: 30 },
    );
  });
});
