import { describe, expect, it } from "vitest";
import { addRole } from "../../sandbox/iam/state.ts";
import { ThrottledError } from "../../shared/errors.ts";
import { known } from "../../shared/facts/facts.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { listAccounts } from "../../shared/organization/list-accounts.ts";
import { authorize } from "../../shared/remediation/authorization.ts";
import type { Trip } from "../../shared/remediation/breaker.ts";
import { createMemoryBreakerStore } from "../../shared/remediation/memory-breaker-store.ts";
import { createPopulation } from "../../shared/remediation/population.ts";
import { withinBreaker } from "../../shared/remediation/within-breaker.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { failing } from "../support/iam-account.ts";
import { nothingHolds } from "../support/repair-world.ts";
import { wiredOrganization } from "../support/wired/organization.ts";
import { asker, readyIn } from "./interlock-world.ts";
import { bob } from "./worlds.ts";

const hourMs = 3_600_000;

const world = () => {
  const organization = wiredOrganization();
  const { sandbox, store, aws, functions, data, web } = organization;
  const sweep = async (...accounts: readonly { readonly id: string }[]) => {
    for (const { id } of accounts)
      await functions.sweepAccount({ runId: sandbox.clock.now().toISOString(), account: { id } });
  };
  const create = () =>
    createPopulation({ audit: aws, store, accounts: () => listAccounts(aws), clock: () => sandbox.clock.now() });
  return { ...organization, sweep, create, inData: { account: data.id }, inWeb: { account: web.id } };
};

describe("the population of an account", () => {
  it("is what IAM counts of users and roles now, in one call", async () => {
    const { data, inData, create, aws } = world();
    const population = create();
    const before = aws.calls()[data.id]?.["iam:GetAccountSummary"] ?? 0;
    expect(await population(inData, "role")).toEqual(known(data.roles.size));
    expect(await population(inData, "user")).toEqual(known(data.users.size));
    expect(await population(inData, "role")).toEqual(known(data.roles.size));
    expect(aws.calls()[data.id]?.["iam:GetAccountSummary"]).toBe(before + 1);
  });

  it("is one root user and one account", async () => {
    const { inData, create } = world();
    expect([await create()(inData, "root"), await create()(inData, "account")]).toEqual([known(1), known(1)]);
  });

  it("is not known of keys before a sweep counted them, nor when that is long ago", async () => {
    const { inData, data, web, create, sweep, sandbox } = world();
    const uncounted = { known: false, why: "no sweep of the last 48 hours has counted them" };
    await sweep(web);
    expect(await create()(inData, "accessKey")).toEqual(uncounted);
    await sweep(data);
    expect(await create()(inData, "accessKey")).toEqual(known(0));
    sandbox.clock.advance(48 * hourMs);
    expect(await create()(inData, "accessKey")).toMatchObject({ known: true });
    sandbox.clock.advance(hourMs);
    expect(await create()(inData, "accessKey")).toEqual(uncounted);
  });

  it("is not known where IAM may not be asked, and asked again where it was throttled", async () => {
    const { inData, create, sandbox } = world();
    const stop = failing(sandbox, "GetAccountSummary");
    expect(await create()(inData, "user")).toMatchObject({ known: false, why: expect.stringContaining("was denied") });
    stop();
    const population = create();
    const stopThrottling = failing(sandbox, "GetAccountSummary", "Throttling", { status: 400 });
    await expect(population(inData, "user")).rejects.toThrow(ThrottledError);
    stopThrottling();
    expect(await population(inData, "user")).toMatchObject({ known: true });
  });
});

describe("the population of the organization", () => {
  it("is what the last sweeps of its members counted, and as many root users as it has accounts", async () => {
    const { data, web, create, sweep, sandbox } = world();
    expect(await create()("organization", "role")).toEqual({
      known: false,
      why: "no sweep of the last 48 hours has counted them",
    });
    await sweep(data);
    expect(await create()("organization", "role")).toEqual(known(data.roles.size));
    await sweep(data, web);
    expect(await create()("organization", "role")).toEqual(known(data.roles.size + web.roles.size));
    expect(await create()("organization", "root")).toEqual(known(sandbox.state.accounts.size));
    web.status = "SUSPENDED";
    expect(await create()("organization", "role")).toEqual(known(data.roles.size));
    expect(await create()("organization", "account")).toEqual(known(sandbox.state.accounts.size - 1));
  });

  it("asks for nothing twice", async () => {
    const store = createMemoryStore();
    const asked: string[] = [];
    const { aws, sandbox } = world();
    const population = createPopulation({
      audit: aws,
      store: {
        populations: async () => {
          asked.push("populations");
          return store.populations();
        },
      },
      accounts: async () => {
        asked.push("accounts");
        return [{ id: "111122223333" }];
      },
      clock: () => sandbox.clock.now(),
    });
    for (const kind of ["user", "role", "accessKey", "root", "account"] as const)
      await population("organization", kind);
    expect(asked.sort()).toEqual(["accounts", "populations"]);
  });
});

describe("an account that is used to drain the breaker", () => {
  it("is held alone, hour by hour told once, and leaves the others their room", async () => {
    const { data, web, sweep, create, sandbox } = world();
    const { ids } = sandbox;
    for (let index = 0; index < 10_000; index++)
      addRole(data, ids, { name: `r${index}`, createdAt: sandbox.clock.now() });
    await sweep(data, web);
    const told: Trip[] = [];
    const { breaker: limits } = defaultSettings();
    const clock = () => sandbox.clock.now();
    const tell = async (trip: Trip) => {
      told.push(trip);
    };
    const prepared = await readyIn(bob());
    const store = createMemoryBreakerStore();
    const repair = async (accountId: string, id: string) => {
      const { finding } = prepared.request;
      const subject = { ...finding.subject, kind: "role" } as const;
      const request = { ...prepared.request, finding: { ...finding, id, subject, account: { id: accountId } } };
      return (await authorize(interlocks, { ...prepared, request }, asker)).outcome === "authorized";
    };
    const { look, take } = withinBreaker({ store, limits, population: create(), tell, clock });
    const interlocks = { ...nothingHolds, withinBreaker: look, breakerSlot: take };

    let repaired = 0;
    for (let index = 0; index < 10_000; index++) if (await repair(data.id, `a${index}`)) repaired += 1;
    expect(repaired).toBe(limits.perAccount.count);
    expect(told.map(({ window: { scope } }) => scope)).toEqual([{ account: data.id }]);
    // Few roles: one an hour. The organization still has room for as many accounts as its own limit allows.
    expect([await repair(web.id, "w1"), await repair(data.id, "late")]).toEqual([true, false]);
    const organization = { scope: "organization", hour: clock().toISOString().slice(0, 13) } as const;
    expect(await store.tripOf(organization)).toBeUndefined();

    sandbox.clock.advance(hourMs);
    repaired = 0;
    for (let index = 0; index < 1_000; index++) if (await repair(data.id, `b${index}`)) repaired += 1;
    expect(repaired).toBe(limits.perAccount.count);
    expect(told.map(({ window: { scope } }) => scope)).toEqual([{ account: data.id }, { account: data.id }]);
    expect(await repair(web.id, "w2")).toBe(true);
  }, 60_000);
});
