import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { User } from "../../sandbox/iam/state.ts";
import { StoreError } from "../../shared/errors.ts";
import { authorize, type Interlocks, interlockNames } from "../../shared/remediation/authorization.ts";
import type { BreakerStore } from "../../shared/remediation/breaker-store.ts";
import { createDynamoDbBreakerStore } from "../../shared/remediation/dynamodb-breaker-store.ts";
import type { InterlockDependencies } from "../../shared/remediation/interlocks.ts";
import { createMemoryBreakerStore } from "../../shared/remediation/memory-breaker-store.ts";
import type { Prepared } from "../../shared/remediation/prepare.ts";
import { startDynamoDb } from "../support/findings-table.ts";
import { nothingHolds, repairWith } from "../support/repair-world.ts";
import { asker, type Excuse, interlocksOf, readyIn, settingsWith } from "./interlock-world.ts";
import { bob, boundedRole, doneOf, policyName, rootWithKeys, staleKey } from "./worlds.ts";

const noRepairs = { perAccount: { count: 0, percent: 5 }, organization: { count: 0, percent: 5 } };
const limitsOf = (perAccount: number, organization: number) => ({
  perAccount: { count: perAccount, percent: 100 },
  organization: { count: organization, percent: 100 },
});
const excuse: Excuse = {
  control: "stale-access-key",
  reason: "it moves in May",
  until: "2099-01-01T00:00:00.000Z",
  by: "ann",
};

type Key = User["accessKeys"][number];

/** Bob's stale key, last used then. */
const keyUsed = (lastUsed: (now: Date) => Key["lastUsed"]) => {
  const world = staleKey();
  const key = world.account.users.get("bob")?.accessKeys.find(({ id }) => id === world.finding.subject.accessKeyId);
  if (!key) throw new Error("no such key");
  key.lastUsed = lastUsed(world.sandbox.clock.now());
  return world;
};
const usedKey = () => keyUsed((at) => ({ at, service: "s3", region: "eu-west-1" }));
const idleKey = () => keyUsed(() => undefined);

/** The same repair for another finding. */
const another = (prepared: Prepared, id: string, accountId = prepared.request.finding.account.id): Prepared => ({
  ...prepared,
  request: { ...prepared.request, finding: { ...prepared.request.finding, id, account: { id: accountId } } },
});

describe("the interlocks together", () => {
  it.each([
    ["a user's policy", bob],
    ["a key", idleKey],
    ["a role's boundary", boundedRole],
    ["root's keys, approved", () => rootWithKeys(2)],
  ])("let %s be repaired where all is well", async (_name, make) => {
    const world = make();
    const { interlocks, told } = await interlocksOf(world);
    expect(doneOf(await repairWith(world.run(), world.request, { interlocks })).state).toBe("verified");
    expect(told).toEqual([]);
  });

  it("report the first that does not hold, where all later ones do not either", async () => {
    const world = usedKey();
    const settings = settingsWith("stale-access-key", "notify", {
      breaker: noRepairs,
      protectedPrincipals: { users: ["bob"], roles: [], paths: [] },
    });
    const { interlocks } = await interlocksOf(world, { settings, exemptions: async () => [excuse] });
    const prepared: Prepared = {
      ...(await readyIn(world)),
      verdict: { outcome: "compliant" },
      stopped: "ann undid it; it waits for a person.",
    };
    const expected: Readonly<Record<(typeof interlockNames)[number], string>> = {
      optedIn: "The settings have stale-access-key in mode notify for account 111122223333 (OU Root).",
      notExempt: `It is exempt until 2099-01-01T00:00:00.000Z: ann gave the reason "it moves in May".`,
      notProtected: "User bob is protected: the settings protect bob (protectedPrincipals.users).",
      stillViolating: "It complies now.",
      withinBreaker: "The circuit breaker of account 111122223333 holds: the settings allow no repair there.",
      blastRadius:
        "Access key AKIAQEXAMPLEBOB00001 was used at 2026-11-20T08:00:00.000Z for s3 in eu-west-1, within 30 days.",
    };
    let rest: Interlocks = interlocks;
    for (const name of interlockNames) {
      expect(await authorize(rest, prepared, asker)).toEqual({ outcome: "held", interlock: name, why: expected[name] });
      rest = { ...rest, [name]: nothingHolds[name] };
    }
    expect(await authorize(rest, prepared, asker)).toEqual({
      outcome: "held",
      interlock: "approved",
      why: "ann undid it; it waits for a person. A person has to approve it.",
    });
    const { stopped: _stopped, ...going } = prepared;
    expect(await authorize(rest, going, asker)).toEqual({
      outcome: "held",
      interlock: "withinBreaker",
      why: expected.withinBreaker,
    });
  });

  const throwing = (error: Error): Record<string, Partial<InterlockDependencies<Excuse>>> => {
    const fail = () => Promise.reject(error);
    const breakers: BreakerStore = { ...createMemoryBreakerStore(), look: fail };
    return {
      "optedIn without accounts": { listAccounts: fail },
      "optedIn without a ladder": {
        whyNotDue: () => {
          throw error;
        },
      },
      "notExempt without exemptions": { exemptions: fail },
      "withinBreaker without populations": { store: { populations: fail } },
      "withinBreaker without counters": { breakers },
      "withinBreaker without a slot": { breakers: { ...createMemoryBreakerStore(), take: fail } },
    };
  };
  it.each(Object.keys(throwing(new Error())))("cannot be checked, so do not hold: %s", async (name) => {
    const world = idleKey();
    const prepared = await readyIn(world);
    const broken = await interlocksOf(world, throwing(new TypeError("no such field"))[name]);
    expect(await authorize(broken.interlocks, prepared, asker)).toEqual({
      outcome: "held",
      interlock: name.split(" ")[0],
      why: "It cannot be checked: TypeError: no such field",
      isUnchecked: true,
    });
    const later = await interlocksOf(world, throwing(new StoreError("try later"))[name]);
    await expect(authorize(later.interlocks, prepared, asker)).rejects.toThrow(StoreError);
  });

  it("let an approval of this very plan lift the ladder's waiting and the blast radius, and nothing else", async () => {
    const world = usedKey();
    const waiting = { whyNotDue: () => "It is due on Monday." };
    const prepared = await readyIn(world);
    const approvedFor = (changes: Partial<Prepared> = {}): Prepared => {
      const approval = { by: "ann", at: prepared.preparedAt, stage: "repair", digest: prepared.digest } as const;
      return { ...prepared, request: { ...prepared.request, approval }, ...changes };
    };
    const held = async (changes: Partial<InterlockDependencies<Excuse>>, asked = approvedFor()) => {
      const authorized = await authorize((await interlocksOf(world, changes)).interlocks, asked, asker);
      return authorized.outcome === "held" ? authorized.interlock : authorized.outcome;
    };
    expect(await held(waiting, prepared)).toBe("optedIn");
    expect(await held({}, prepared)).toBe("blastRadius");
    expect(await held(waiting)).toBe("authorized");
    expect(await held(waiting, approvedFor({ digest: "another" }))).toBe("optedIn");
    expect(await held({}, approvedFor({ digest: "another" }))).toBe("blastRadius");
    expect(await held({}, approvedFor({ stage: "final" }))).toBe("blastRadius");
    expect(await held({ settings: settingsWith("stale-access-key", "notify") })).toBe("optedIn");
    expect(await held({ exemptions: async () => [excuse] })).toBe("notExempt");
    const protectedPrincipals = { users: ["b*"], roles: [], paths: [] };
    expect(await held({ settings: settingsWith("stale-access-key", "remediate", { protectedPrincipals }) })).toBe(
      "notProtected",
    );
    expect(await held({}, approvedFor({ verdict: { outcome: "compliant" } }))).toBe("stillViolating");
    expect(await held({ settings: settingsWith("stale-access-key", "remediate", { breaker: noRepairs }) })).toBe(
      "withinBreaker",
    );
  });

  it("complete a killed run that has already ended the violation", async () => {
    const world = bob();
    await world.die("PutUserPolicy", "after");
    const { interlocks } = await interlocksOf(world);
    expect(world.account.users.get("bob")?.inlinePolicies.has(policyName)).toBe(true);
    expect(doneOf(await repairWith(world.run(), world.request, { interlocks }))).toMatchObject({
      id: `${world.finding.id}-0001`,
      state: "verified",
    });
    const key = idleKey();
    await key.die("UpdateAccessKey", "after");
    expect(
      doneOf(await repairWith(key.run(), key.request, { interlocks: (await interlocksOf(key)).interlocks })),
    ).toMatchObject({ id: `${key.finding.id}-0001`, state: "verified" });
  });

  it("let the final step be made after the repair has ended the violation", async () => {
    const world = idleKey();
    const { interlocks } = await interlocksOf(world);
    doneOf(await repairWith(world.run(), world.request, { interlocks }));
    world.sandbox.clock.advance(40 * 86_400_000);
    const again = (await interlocksOf(world)).interlocks;
    const final = { ...world.request, stage: "final" } as const;
    expect(await repairWith(world.run(), final, { interlocks: again, approves: false })).toMatchObject({
      outcome: "held",
      why: expect.stringMatching(/^approved: /),
    });
    expect(doneOf(await repairWith(world.run(), final, { interlocks: again }))).toMatchObject({ state: "verified" });
  });
});

describe.each(["memory", "DynamoDB"])("the breakers of the interlocks in %s", (kind) => {
  let dynamoDb: Awaited<ReturnType<typeof startDynamoDb>> | undefined;
  beforeAll(async () => {
    if (kind === "DynamoDB") dynamoDb = await startDynamoDb();
  });
  afterAll(() => dynamoDb?.close());
  const createBreakers = async (): Promise<BreakerStore> =>
    dynamoDb === undefined
      ? createMemoryBreakerStore()
      : createDynamoDbBreakerStore({ client: dynamoDb.client, table: await dynamoDb.createTable() });

  it("lose nothing to repairs that the blast radius or a missing approval holds", async () => {
    const breakers = await createBreakers();
    const breaker = limitsOf(1, 1);
    for (const [make, interlock] of [
      [usedKey, "blastRadius"],
      [rootWithKeys, "approved"],
    ] as const) {
      const world = make();
      const settings = settingsWith(world.request.control.id, "remediate", { breaker });
      const { interlocks, told } = await interlocksOf(world, { settings, breakers });
      const prepared = await readyIn(world);
      for (let id = 0; id < 5; id++)
        expect(await authorize(interlocks, another(prepared, `f${id}`), asker)).toMatchObject({ interlock });
      expect(told).toEqual([]);
    }
    const world = idleKey();
    const settings = settingsWith(world.request.control.id, "remediate", { breaker });
    const { interlocks } = await interlocksOf(world, { settings, breakers });
    const prepared = await readyIn(world);
    expect(await authorize(interlocks, prepared, asker)).toMatchObject({ outcome: "authorized" });
    expect(await authorize(interlocks, another(prepared, "g"), asker)).toMatchObject({ interlock: "withinBreaker" });
  });

  it("never let twenty remediators at once through more often than the limits allow", async () => {
    const world = idleKey();
    const breakers = await createBreakers();
    const told: string[] = [];
    const prepared = await readyIn(world);
    const remediators = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const settings = settingsWith("stale-access-key", "remediate", { breaker: limitsOf(7, 9) });
        const tellTrip = async ({ window: { scope } }: { readonly window: { readonly scope: unknown } }) => {
          told.push(JSON.stringify(scope));
        };
        return (await interlocksOf(world, { settings, breakers, tellTrip })).interlocks;
      }),
    );
    const outcomes = await Promise.all(
      remediators.flatMap((interlocks, remediator) =>
        [0, 1].map((id) => authorize(interlocks, another(prepared, `f${remediator}-${id}`), asker)),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === "authorized")).toHaveLength(7);
    const held = outcomes.flatMap((one) => (one.outcome === "held" ? [one.interlock] : []));
    expect(new Set(held)).toEqual(new Set(["withinBreaker"]));
    expect(told).toEqual(['{"account":"111122223333"}']);
  });
});
