import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeliveryError, ThrottledError } from "../../shared/errors.ts";
import { type Fact, known, unknownFact } from "../../shared/facts/facts.ts";
import { authorize } from "../../shared/remediation/authorization.ts";
import {
  allowanceOf,
  type BreakerLimits,
  type BreakerScope,
  endOf,
  hourOf,
  type Trip,
} from "../../shared/remediation/breaker.ts";
import { createMemoryBreakerStore } from "../../shared/remediation/memory-breaker-store.ts";
import { type Prepared, prepare } from "../../shared/remediation/prepare.ts";
import { withinBreaker } from "../../shared/remediation/within-breaker.ts";
import { nothingHolds } from "../support/repair-world.ts";
import { bob } from "./worlds.ts";

const ready = async (): Promise<Prepared> => {
  const world = bob();
  const preparation = await prepare(world.run(), world.request);
  if (preparation.outcome !== "ready") throw new Error(preparation.outcome);
  return preparation.prepared;
};
const one = await ready();

/** The same repair for another finding, in account 111122223333 unless it says otherwise. */
const preparedFor = (id: string, accountId = "111122223333", number = 1): Prepared => ({
  ...one,
  number,
  request: { ...one.request, finding: { ...one.request.finding, id, account: { id: accountId } } },
});

const start = new Date("2026-11-03T02:13:05.000Z");

const world = (
  limits: Partial<BreakerLimits> = {},
  population: (scope: BreakerScope) => Fact<number> = () => known(1_000),
) => {
  let now = start;
  let fails: Error | undefined;
  const told: Trip[] = [];
  const store = createMemoryBreakerStore();
  const { look, take } = withinBreaker({
    store,
    limits: { perAccount: { count: 2, percent: 100 }, organization: { count: 3, percent: 100 }, ...limits },
    population: async (scope) => population(scope),
    tell: async (trip) => {
      if (fails) throw fails;
      told.push(trip);
    },
    clock: () => now,
  });
  const ask = async (id: string, accountId?: string, number?: number) => {
    const prepared = preparedFor(id, accountId, number);
    return (await look(prepared)) ?? take(prepared);
  };
  return {
    store,
    told,
    look: (id: string, accountId?: string) => look(preparedFor(id, accountId)),
    take: (id: string, accountId?: string) => take(preparedFor(id, accountId)),
    interlocks: { ...nothingHolds, withinBreaker: look, breakerSlot: take },
    ask,
    advance: (ms: number) => {
      now = new Date(now.getTime() + ms);
    },
    fail: (error: Error | undefined) => {
      fails = error;
    },
  };
};
const hourMs = 3_600_000;
const accountTripped =
  "The circuit breaker of account 111122223333 tripped at 2026-11-03T02:13:05.000Z: it holds every further repair there until 2026-11-03T03:00:00.000Z, or until an operator resumes.";

describe("an allowance", () => {
  it.each([
    ["the count, where that is less", 10, 5, 1_000, { total: 10, ofKind: 50 }],
    ["the percentage, rounded down", 10, 5, 99, { total: 10, ofKind: 4 }],
    ["at least one of a few", 10, 5, 1, { total: 10, ofKind: 1 }],
    ["all of them at 100 percent", 10, 100, 7, { total: 10, ofKind: 7 }],
    ["nothing at count 0", 0, 5, 100, "the settings allow no repair there"],
    ["nothing at percent 0", 10, 0, 100, "the settings allow no repair there"],
    ["nothing of nobody", 10, 5, 0, "there cannot be 0 subjects of kind user where one is to be repaired"],
    ["nothing of fewer", 10, 5, -1, "there cannot be -1 subjects of kind user where one is to be repaired"],
    ["nothing of what is no number", 10, 5, Number.NaN, /NaN/],
    ["nothing of endlessly many", 10, 5, Number.POSITIVE_INFINITY, /Infinity/],
  ])("is %s", (_name, count, percent, population, expected) => {
    const allowance = allowanceOf({ count, percent }, "user", known(population));
    if (expected instanceof RegExp) expect(allowance).toMatch(expected);
    else expect(allowance).toEqual(expected);
  });

  it("never is more than the share, nor less than one, whatever the numbers", () => {
    const percent = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        percent,
        fc.integer({ min: 1, max: 1_000_000 }),
        (count, p, all) => {
          const allowance = allowanceOf({ count, percent: p }, "role", known(all));
          if (typeof allowance === "string") throw new Error(allowance);
          expect(allowance.total).toBe(count);
          expect(allowance.ofKind).toBeGreaterThanOrEqual(1);
          expect(allowance.ofKind === 1 || allowance.ofKind * 100 <= all * p).toBe(true);
        },
      ),
    );
  });

  it("is of an hour of the clock", () => {
    expect(hourOf(new Date("2026-11-03T02:59:59.999Z"))).toBe("2026-11-03T02");
    expect(hourOf(new Date("2026-11-03T03:00:00.000Z"))).toBe("2026-11-03T03");
    expect(endOf("2026-12-31T23")).toBe("2027-01-01T00:00:00.000Z");
  });
});

describe("withinBreaker", () => {
  it("holds what is one too many in an account, says why each time, and tells once", async () => {
    const { ask, told } = world();
    expect([await ask("a"), await ask("b")]).toEqual([undefined, undefined]);
    expect([await ask("c"), await ask("d"), await ask("c")]).toEqual([accountTripped, accountTripped, accountTripped]);
    expect(told).toEqual([
      {
        window: { scope: { account: "111122223333" }, hour: "2026-11-03T02" },
        at: start.toISOString(),
        remediationId: "c-0001",
      },
    ]);
    expect(await ask("e", "222233334444")).toBeUndefined();
  });

  it("holds what is one too many in the organization", async () => {
    const { ask, told } = world();
    for (const account of ["1", "2", "3"]) expect(await ask(`a${account}`, account)).toBeUndefined();
    expect(await ask("a4", "4")).toMatch(/^The circuit breaker of the organization tripped at /);
    expect(await ask("a5", "5")).toMatch(/^The circuit breaker of the organization tripped at /);
    expect(told.map(({ window: { scope } }) => scope)).toEqual(["organization"]);
  });

  it("lets no account use up more of the organization's than its own", async () => {
    const { ask } = world();
    for (let id = 0; id < 1_000; id++) await ask(`many${id}`);
    expect(await ask("a", "222233334444")).toBeUndefined();
  });

  it("never lets more than are allowed through at once", async () => {
    const { ask, told } = world({
      perAccount: { count: 4, percent: 100 },
      organization: { count: 6, percent: 100 },
    });
    const accounts = ["111111111111", "222222222222"];
    const all = accounts.flatMap((account) => Array.from({ length: 25 }, (_, id) => ask(`${account}${id}`, account)));
    expect((await Promise.all(all)).filter((why) => why === undefined)).toHaveLength(6);
    expect(told).toHaveLength(3);
  });

  it("gives the last slot to one of two that both saw room for it, and tells of the other's trip once", async () => {
    const { ask, look, take, told } = world({
      perAccount: { count: 10, percent: 100 },
      organization: { count: 50, percent: 100 },
    });
    for (let id = 1; id <= 9; id++) expect(await ask(`before${id}`)).toBeUndefined();
    expect(await Promise.all([look("a"), look("b")])).toEqual([undefined, undefined]);
    const outcomes = await Promise.all([take("a"), take("b")]);
    expect(outcomes).toContain(undefined);
    expect(outcomes).toContain(accountTripped);
    expect(await look("c")).toBe(accountTripped);
    expect(told).toHaveLength(1);
  });

  it("takes nothing by looking, and trips and tells where there is no room", async () => {
    const { ask, look, told } = world();
    for (let times = 0; times < 9; times++) expect(await look(`look${times}`)).toBeUndefined();
    expect([await ask("a"), await ask("b")]).toEqual([undefined, undefined]);
    expect(told).toEqual([]);
    expect([await look("c"), await look("d")]).toEqual([accountTripped, accountTripped]);
    expect(told.map(({ remediationId }) => remediationId)).toEqual(["c-0001"]);
  });

  it("lets a remediation that has its slot try again, and another of the same finding take its own", async () => {
    const { ask } = world();
    for (let tries = 0; tries < 10; tries++) expect(await ask("a")).toBeUndefined();
    expect(await ask("a", undefined, 2)).toBeUndefined();
    expect(await ask("a", undefined, 3)).toBe(accountTripped);
    expect(await ask("a")).toBeUndefined();
  });

  it("tells of a trip in the next hour where that failed in its own", async () => {
    const { ask, advance, fail, told } = world();
    for (const id of ["a", "b"]) await ask(id);
    fail(new DeliveryError("SNS is down"));
    await expect(ask("c")).rejects.toThrow("SNS is down");
    advance(hourMs);
    await expect(ask("c")).rejects.toThrow("SNS is down");
    fail(undefined);
    advance(60_000);
    expect(await ask("c")).toBeUndefined();
    expect(await ask("d")).toBeUndefined();
    expect(told.map(({ window: { hour }, remediationId }) => [hour, remediationId])).toEqual([
      ["2026-11-03T02", "c-0001"],
    ]);
  });

  it("goes on in the next hour, or when an operator resumes, and then tells anew", async () => {
    const { ask, advance, store, told } = world();
    for (const id of ["a", "b", "c"]) await ask(id);
    advance(46 * 60_000);
    expect(await ask("c")).toBe(accountTripped);
    advance(hourMs - 46 * 60_000);
    expect([await ask("c"), await ask("d")]).toEqual([undefined, undefined]);
    expect(await ask("e")).toMatch(/tripped at 2026-11-03T03:13:05/);
    const [, trip] = told;
    expect(trip && (await store.resume(trip, "ann", start))).toBe(true);
    advance(1);
    expect(await ask("e")).toBeUndefined();
    expect(told).toHaveLength(2);
  });

  it("stops for a percentage of the subjects of the kind", async () => {
    const { ask } = world({ perAccount: { count: 100, percent: 5 } }, () => known(40));
    expect([await ask("a"), await ask("b")]).toEqual([undefined, undefined]);
    expect(await ask("c")).toBe(accountTripped);
  });

  it.each([
    [
      "account",
      "The circuit breaker of account 111122223333 holds: how many subjects of kind user there are is not known: no sweep yet.",
    ],
    [
      "organization",
      "The circuit breaker of the organization holds: how many subjects of kind user there are is not known: no sweep yet.",
    ],
  ])("holds while the population of the %s is not known, and takes no slot", async (unknownOf, why) => {
    let isKnown = false;
    const { ask, told } = world({}, (scope) =>
      !isKnown && (scope === "organization") === (unknownOf === "organization")
        ? unknownFact("no sweep yet")
        : known(1_000),
    );
    for (const id of ["a", "b", "c", "d"]) expect(await ask(id)).toBe(why);
    expect(told).toEqual([]);
    isKnown = true;
    expect([await ask("e"), await ask("f")]).toEqual([undefined, undefined]);
  });

  it("lets nothing through, and trips nothing, where the settings allow nothing", async () => {
    const { ask, told } = world({ organization: { count: 0, percent: 5 } });
    expect(await ask("a")).toBe("The circuit breaker of the organization holds: the settings allow no repair there.");
    expect(told).toEqual([]);
  });

  it("authorizes nothing while telling fails, and tells later", async () => {
    const { ask, advance, fail, told, interlocks } = world();
    await ask("a");
    await ask("b");
    fail(new DeliveryError("SNS is down"));
    await expect(authorize(interlocks, preparedFor("c"), { by: "ladder", why: "late" })).rejects.toThrow(DeliveryError);
    fail(undefined);
    expect(await ask("c")).toBe(accountTripped);
    expect(told).toEqual([]);
    advance(60_000);
    expect(await ask("c")).toBe(accountTripped);
    expect(await ask("d")).toBe(accountTripped);
    expect(told).toHaveLength(1);
  });

  it("authorizes nothing when counters or populations cannot be read", async () => {
    const asker = { by: "ladder", why: "late" };
    const broken = world({}, () => {
      throw new TypeError("no list");
    });
    expect(await authorize(broken.interlocks, preparedFor("a"), asker)).toEqual({
      outcome: "held",
      interlock: "withinBreaker",
      why: "It cannot be checked: TypeError: no list",
      isUnchecked: true,
    });
    const throttled = world({}, () => {
      throw new ThrottledError("slow down");
    });
    await expect(authorize(throttled.interlocks, preparedFor("a"), asker)).rejects.toThrow(ThrottledError);
  });
});
