import { describe, expect, test } from "vitest";
import type { BreakerWindow, Trip } from "../../shared/remediation/breaker.ts";
import { type BreakerStore, type Take, tellingMs } from "../../shared/remediation/breaker-store.ts";

const at = new Date("2026-11-03T02:13:05.000Z");
const later = (ms: number): Date => new Date(at.getTime() + ms);
const account: BreakerWindow = { scope: { account: "111122223333" }, hour: "2026-11-03T02" };
const organization: BreakerWindow = { scope: "organization", hour: "2026-11-03T02" };

const aTake = (id: string | number, changes: Partial<Take> = {}): Take => ({
  window: account,
  remediationId: `f${id}-0001`,
  kind: "user",
  allowance: { total: 3, ofKind: 3 },
  at,
  ...changes,
});

/** What every `BreakerStore` does. `create` gives an empty one. */
export const describeBreakerStore = (create: () => Promise<BreakerStore>): void => {
  const takenOf = async (store: BreakerStore, takes: readonly Take[]): Promise<string> => {
    let outcomes = "";
    for (const take of takes) outcomes += (await store.take(take)).outcome === "taken" ? "+" : "-";
    return outcomes;
  };
  const tripped = async (store: BreakerStore, window = account): Promise<Trip> => {
    for (let id = 0; id < 20; id++) {
      const taken = await store.take(aTake(id, { window }));
      if (taken.outcome === "tripped") return taken.trip;
    }
    throw new Error("it does not trip");
  };

  test("gives out what is allowed, and no more", async () => {
    const store = await create();
    expect(
      await takenOf(
        store,
        [1, 2, 3, 4, 5].map((id) => aTake(id)),
      ),
    ).toBe("+++--");
  });

  test.each([
    ["account", account],
    ["organization", organization],
  ])("never gives out more to fifty at once: %s", async (_name, window) => {
    const store = await create();
    const allowance = { total: 7, ofKind: 9 };
    const all = await Promise.all(Array.from({ length: 50 }, (_, id) => store.take(aTake(id, { window, allowance }))));
    expect(all.filter(({ outcome }) => outcome === "taken")).toHaveLength(7);
    const trips = new Set(all.flatMap((one) => (one.outcome === "tripped" ? [JSON.stringify(one.trip)] : [])));
    expect([...trips].map((trip) => JSON.parse(trip))).toEqual([await store.tripOf(window)]);
  });

  test("never gives out more of a kind to fifty at once", async () => {
    const store = await create();
    const allowance = { total: 40, ofKind: 4 };
    const all = await Promise.all(Array.from({ length: 50 }, (_, id) => store.take(aTake(id, { allowance }))));
    expect(all.filter(({ outcome }) => outcome === "taken")).toHaveLength(4);
  });

  test("a remediation that has a slot does not take another, even once it has tripped", async () => {
    const store = await create();
    expect(
      await takenOf(
        store,
        [1, 1, 1, 2, 2, 3, 4, 1, 2, 3, 4].map((id) => aTake(id)),
      ),
    ).toBe("++++++-+++-");
  });

  test("fifty tries of one remediation at once take one slot", async () => {
    const store = await create();
    const tries = await Promise.all(Array.from({ length: 50 }, () => store.take(aTake(1))));
    expect(new Set(tries.map(({ outcome }) => outcome))).toEqual(new Set(["taken"]));
    expect(
      await takenOf(
        store,
        [2, 3, 4].map((id) => aTake(id)),
      ),
    ).toBe("++-");
  });

  test("counts kinds apart, and all of them together", async () => {
    const store = await create();
    const allowance = { total: 4, ofKind: 2 };
    const kinds = ["user", "role", "accessKey", "user", "root", "account"] as const;
    const takes = kinds.map((kind, id) => aTake(id, { kind, allowance }));
    expect(await takenOf(store, takes)).toBe("++++--");
  });

  test("once it has tripped for one kind, it holds every other", async () => {
    const store = await create();
    const allowance = { total: 10, ofKind: 1 };
    expect(await takenOf(store, [aTake(1, { allowance }), aTake(2, { allowance })])).toBe("+-");
    expect(await takenOf(store, [aTake(3, { allowance, kind: "role" })])).toBe("-");
  });

  test("a limit that grows does not let a tripped one go on", async () => {
    const store = await create();
    await tripped(store);
    expect(await takenOf(store, [aTake("x", { allowance: { total: 99, ofKind: 99 } })])).toBe("-");
  });

  test("windows know nothing of each other", async () => {
    const store = await create();
    await tripped(store);
    const others: BreakerWindow[] = [
      { ...account, hour: "2026-11-03T03" },
      { ...account, scope: { account: "444455556666" } },
      organization,
    ];
    for (const window of others) {
      expect(await store.tripOf(window)).toBeUndefined();
      expect(await takenOf(store, [aTake(1, { window })])).toBe("+");
    }
  });

  describe("looking", () => {
    const looksOf = async (store: BreakerStore, looks: readonly Take[]): Promise<string> => {
      let outcomes = "";
      for (const look of looks) outcomes += (await store.look(look)).outcome === "room" ? "+" : "-";
      return outcomes;
    };

    test("takes nothing, however often", async () => {
      const store = await create();
      expect(
        await looksOf(
          store,
          Array.from({ length: 9 }, (_, id) => aTake(id)),
        ),
      ).toBe("+++++++++");
      expect(
        await takenOf(
          store,
          [1, 2, 3, 4].map((id) => aTake(id)),
        ),
      ).toBe("+++-");
    });

    test.each([
      ["of all", { total: 2, ofKind: 9 }],
      ["of a kind", { total: 9, ofKind: 2 }],
    ])("trips where no slot %s is left, as taking would, and keeps to that", async (_name, allowance) => {
      const store = await create();
      expect(await takenOf(store, [aTake(1, { allowance }), aTake(2, { allowance })])).toBe("++");
      expect(await store.tripOf(account)).toBeUndefined();
      const trip = { window: account, at: at.toISOString(), remediationId: "f3-0001" };
      expect(await store.look(aTake(3, { allowance }))).toEqual({ outcome: "tripped", trip });
      expect(await store.tripOf(account)).toEqual(trip);
      expect(await store.look(aTake(4, { allowance, at: later(5_000) }))).toEqual({ outcome: "tripped", trip });
      expect(await store.take(aTake(5, { allowance, kind: "role" }))).toEqual({ outcome: "tripped", trip });
    });

    test("finds room in the slot that it has, even once it has tripped", async () => {
      const store = await create();
      await tripped(store);
      expect(await looksOf(store, [aTake(0), aTake(2), aTake(3)])).toBe("++-");
    });

    test("of fifty at once where nothing is left agrees on one trip", async () => {
      const store = await create();
      await takenOf(
        store,
        [1, 2, 3].map((id) => aTake(id)),
      );
      const looks = await Promise.all(
        Array.from({ length: 50 }, (_, id) => store.look(aTake(`l${id}`, { at: later(id) }))),
      );
      const trips = new Set(looks.map((one) => JSON.stringify(one.outcome === "tripped" ? one.trip : one.outcome)));
      expect([...trips].map((trip) => JSON.parse(trip))).toEqual([await store.tripOf(account)]);
    });

    test("finds room again once an operator resumed", async () => {
      const store = await create();
      const trip = await tripped(store);
      await store.resume(trip, "ann", later(1));
      expect(await looksOf(store, [aTake(9)])).toBe("+");
    });

    test.each([0, -1, 1.5, Number.NaN])("takes no allowance of %d", async (slots) => {
      const store = await create();
      await expect(store.look(aTake(1, { allowance: { total: slots, ofKind: 1 } }))).rejects.toThrow(RangeError);
    });
  });

  test("says what tripped it, and keeps to that", async () => {
    const store = await create();
    expect(await store.tripOf(account)).toBeUndefined();
    const first = { window: account, at: at.toISOString(), remediationId: "f3-0001" };
    expect(await tripped(store)).toEqual(first);
    expect(await store.take(aTake(9, { at: later(5_000) }))).toEqual({ outcome: "tripped", trip: first });
    expect(await store.tripOf(account)).toEqual(first);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("takes no allowance of %d", async (slots) => {
    const store = await create();
    await expect(store.take(aTake(1, { allowance: { total: slots, ofKind: 1 } }))).rejects.toThrow(RangeError);
    await expect(store.take(aTake(1, { allowance: { total: 1, ofKind: slots } }))).rejects.toThrow(RangeError);
  });

  describe("telling", () => {
    test("falls to one of many at once", async () => {
      const store = await create();
      const trip = await tripped(store);
      const claims = await Promise.all(Array.from({ length: 10 }, () => store.claimTelling(trip, at)));
      expect(claims.filter(Boolean)).toHaveLength(1);
    });

    test("falls to another when the first did not get it done in time, and to nobody once it is told", async () => {
      const store = await create();
      const trip = await tripped(store);
      expect(await store.claimTelling(trip, at)).toBe(true);
      expect(await store.claimTelling(trip, later(tellingMs - 1))).toBe(false);
      expect(await store.claimTelling(trip, later(tellingMs))).toBe(true);
      await store.markTold(trip, later(tellingMs));
      expect(await store.claimTelling(trip, later(10 * tellingMs))).toBe(false);
    });

    test("is over when an operator resumed; the next trip is told anew", async () => {
      const store = await create();
      const trip = await tripped(store);
      await store.claimTelling(trip, at);
      await store.markTold(trip, at);
      await store.resume(trip, "ann", later(1));
      expect(await store.claimTelling(trip, later(tellingMs))).toBe(false);
      await takenOf(
        store,
        ["a", "b", "c", "d"].map((id) => aTake(id, { at: later(2) })),
      );
      const next = await store.tripOf(account);
      await store.markTold(trip, later(3));
      expect(next && (await store.claimTelling(next, later(3)))).toBe(true);
    });
  });

  describe("resuming", () => {
    test("gives the window all its slots again, of every kind, and keeps those that were taken", async () => {
      const store = await create();
      const trip = await tripped(store);
      expect(await store.resume(trip, "ann", later(1))).toBe(true);
      expect(await store.tripOf(account)).toBeUndefined();
      expect(
        await takenOf(
          store,
          [0, 1, 2].map((id) => aTake(id)),
        ),
      ).toBe("+++");
      expect(
        await takenOf(
          store,
          [11, 12, 13, 14].map((id) => aTake(id, { at: later(2) })),
        ),
      ).toBe("+++-");
    });

    test("is done once, by one of many operators", async () => {
      const store = await create();
      const trip = await tripped(store);
      const resumed = await Promise.all(Array.from({ length: 5 }, (_, by) => store.resume(trip, `${by}`, later(1))));
      expect(resumed.filter(Boolean)).toHaveLength(1);
      await takenOf(
        store,
        [11, 12, 13, 14].map((id) => aTake(id, { at: later(2) })),
      );
      expect(await store.resume(trip, "late", later(3))).toBe(false);
      expect(await store.tripOf(account)).toBeDefined();
    });

    test("leaves a window alone that has not tripped", async () => {
      const store = await create();
      await store.take(aTake(1));
      expect(await store.resume({ window: account, at: at.toISOString(), remediationId: "f1-0001" }, "ann", at)).toBe(
        false,
      );
      expect(
        await takenOf(
          store,
          [2, 3, 4].map((id) => aTake(id)),
        ),
      ).toBe("++-");
    });
  });
};
