import { MoveAccountCommand } from "@aws-sdk/client-organizations";
import { afterEach, describe, expect, it, vi } from "vitest";
import { throttled } from "../../sandbox/protocol/service.ts";
import { viewOf } from "../../shared/organization/account-view.ts";
import { createMemoryOrganizationStore } from "../../shared/organization/memory-store.ts";
import { refreshOrganization } from "../../shared/organization/refresh.ts";
import { planSweep } from "../../shared/sweep/plan.ts";
import { organize, readIn, shop } from "../organization/world.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";
import { settingsOf } from "../support/settings.ts";

const minute = 60_000;

const started = () => {
  const world = organize();
  const { sandbox, aws } = world;
  const store = createMemoryOrganizationStore();
  const telemetry = recordedTelemetry();
  const clock = () => sandbox.clock.now();
  const until = clock().getTime() + 15 * minute;
  const sleep = async (ms: number) => sandbox.clock.advance(ms);
  const plan = (remainingMs = () => until - clock().getTime()) =>
    planSweep(
      {
        ...{ aws, audit: aws, hubAccountId: aws.ownAccountId, organizations: store, telemetry, clock, sleep },
        settings: settingsOf("version: 1\nowners: { accountTag: team }\n"),
      },
      {},
      remainingMs,
    );
  /** The nodes above an account, the root first, as they are stored. */
  const above = async (accountId: string): Promise<readonly string[]> => {
    const reading = await store.latest();
    if (reading === undefined) throw new Error("nothing is stored");
    const { serviceControl } = viewOf(readIn(reading), accountId);
    if (!serviceControl.known) throw new Error(serviceControl.why);
    return serviceControl.value.map(({ id }) => id);
  };
  return { ...world, store, telemetry, clock, plan, above };
};

describe("a sweep's plan", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is made in time though an account does not answer what is kept of the organization besides", async () => {
    const { sandbox, telemetry, plan, store } = started();
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    sandbox.intercept(async ({ operation }) => {
      if (operation !== "ListAnalyzers") return;
      resolve();
      await new Promise(() => {});
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const until = 15 * minute;
    let elapsed = 0;
    const planned = plan(() => until - elapsed);
    await reached;
    // A minute is left to keep the plan.
    elapsed = until - minute;
    await vi.advanceTimersByTimeAsync(elapsed);
    expect((await planned).accounts.map(({ id }) => id)).toContain(shop);
    expect(await store.latest()).toBeUndefined();
    expect(telemetry.counted("OrganizationNotRead")).toBe(1);
  });
});

describe("what a sweep's plan keeps of the organization", () => {
  it("is read again where Organizations held the first reading back: the next sweep is a day away", async () => {
    const { sandbox, telemetry, plan, above } = started();
    let asked = 0;
    sandbox.intercept(({ operation }) => {
      if (operation !== "ListPolicies") return;
      asked += 1;
      if (asked === 1) throw throttled();
    });
    await plan();
    expect(await above(shop)).toContain(shop);
    expect(telemetry.counted("OrganizationNotRead")).toBe(0);
  });

  it("is given up where Organizations holds each reading back, and told", async () => {
    const { sandbox, telemetry, plan, store } = started();
    sandbox.intercept(({ operation }) => {
      if (operation === "ListPolicies") throw throttled();
    });
    expect((await plan()).accounts.map(({ id }) => id)).toContain(shop);
    expect(await store.latest()).toBeUndefined();
    expect(telemetry.counted("OrganizationNotRead")).toBe(1);
  });

  it("is read anew for a change that came while it was being listed", async () => {
    const { sandbox, client, root, workloads, prod, store, clock, read, plan, above } = started();
    let moved: Date | undefined;
    sandbox.intercept(async ({ operation }) => {
      // Its place has been told with the list of accounts; the tags of thousands of accounts take minutes.
      if (operation !== "ListTagsForResource" || moved !== undefined) return;
      sandbox.clock.advance(minute);
      moved = clock();
      const move = { AccountId: shop, SourceParentId: prod, DestinationParentId: workloads };
      await client.send(new MoveAccountCommand(move));
      sandbox.clock.advance(minute);
    });
    await plan();
    if (moved === undefined) throw new Error("nothing was moved");
    await refreshOrganization({ store, clock, read: (given) => read(given) }, [{ at: moved }]);
    expect(await above(shop)).toEqual([root, workloads, shop]);
  });
});
