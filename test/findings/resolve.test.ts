import { beforeEach, describe, expect, test } from "vitest";
import type { Evidence } from "../../shared/control.ts";
import { type AccountSnapshot, known, type UserFacts, unknownFact } from "../../shared/facts/facts.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { resolveGone, resolveOff, resolveSubject } from "../../shared/findings/resolve.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { principalPolicies, quotas } from "../support/facts.ts";
import { aFinding, findingAbout, hubAccount } from "../support/findings.ts";

const readAt = new Date("2026-11-04T04:00:00.000Z");
const telling = { now: readAt, delivery: "digest", runId: "r1" } as const;

let store: FindingStore;
beforeEach(() => {
  store = createMemoryStore();
});

const keyFinding = (user: string, accessKeyId: string, createdAt: string | undefined): Finding =>
  aFinding({
    control: "stale-access-key",
    subject: { kind: "accessKey", name: user, accessKeyId, arn: `arn:aws:iam::${hubAccount.id}:user/${user}` },
    evidence: createdAt === undefined ? {} : { createdAt },
  });

const roleFinding = (name: string): Finding =>
  aFinding({
    control: "role-without-boundary",
    subject: { kind: "role", name, arn: `arn:aws:iam::${hubAccount.id}:role/${name}` },
  });

const aUser = (name: string, keys: UserFacts["accessKeys"] = known([])): UserFacts => ({
  kind: "user",
  account: hubAccount,
  policies: principalPolicies(),
  quotas,
  name,
  path: "/",
  id: `AIDA${name}`,
  arn: `arn:aws:iam::${hubAccount.id}:user/${name}`,
  createdAt: new Date("2025-01-01T00:00:00Z"),
  tags: {},
  permissionsBoundaryArn: null,
  console: unknownFact("not read"),
  mfaActive: unknownFact("not read"),
  accessKeys: keys,
  serviceCredentials: known([]),
  credentialsAsOf: readAt,
});

const aKey = (createdAt: string, id?: string) => ({
  kind: "accessKey" as const,
  account: hubAccount,
  userName: "bob",
  userArn: "arn",
  userPath: "/",
  userTags: {},
  id: id === undefined ? unknownFact("the report has no ids") : known(id),
  active: true,
  createdAt: new Date(createdAt),
  lastUsedAt: known(null),
});

const aSnapshot = (users: readonly UserFacts[], changes: Partial<AccountSnapshot> = {}): AccountSnapshot => ({
  account: hubAccount,
  others: [],
  unlisted: new Map(),
  unreadAccess: [],
  readAt,
  users,
  roles: [],
  root: {
    kind: "root",
    account: hubAccount,
    arn: `arn:aws:iam::${hubAccount.id}:root`,
    passwordEnabled: unknownFact("not read"),
    mfaActive: unknownFact("not read"),
    virtualMfaAssigned: unknownFact("not read"),
    accessKeysPresent: unknownFact("not read"),
    accessKeys: unknownFact("not read"),
    passwordLastUsedAt: unknownFact("not read"),
  },
  accountFacts: {
    kind: "account",
    account: hubAccount,
    arn: `arn:aws:iam::${hubAccount.id}:root`,
    users: unknownFact("not read"),
    usersQuota: unknownFact("not read"),
    roles: unknownFact("not read"),
    rolesQuota: unknownFact("not read"),
    passwordPolicy: unknownFact("not read"),
    hasConsoleUsers: unknownFact("not read"),
    trails: unknownFact("not read"),
    analyzers: [],
  },
  liveParts: [],
  newUsers: new Set(),
  gaps: [],
  ...changes,
});

const openNames = async (): Promise<string[]> =>
  (await store.listOpen(hubAccount.id)).map(({ subject }) => subject.accessKeyId ?? subject.name).sort();

describe("after a complete sweep", () => {
  test("resolves what is not in the account any more, in the sweep's digest", async () => {
    for (const finding of [findingAbout("alice"), findingAbout("bob"), roleFinding("deploy")]) await store.put(finding);
    const gone = await resolveGone(store, aSnapshot([aUser("alice")]), telling);
    expect(gone.map(({ subject }) => subject.name).sort()).toEqual(["bob", "deploy"]);
    expect(await openNames()).toEqual(["alice"]);
    expect(gone.find(({ subject }) => subject.name === "bob")?.outbox).toMatchObject([
      { kind: "resolved", delivery: "digest", runId: "r1", reason: "User bob does not exist any more." },
    ]);
  });

  const bucket = "arn:aws:s3:::example-bucket";
  const foundIn = (...regions: readonly string[]) => ({
    foundBy: regions.map((region) => ({ region, analyzer: `arn:aws:access-analyzer:${region}:1:analyzer/a` })),
  });
  const unread = (region: string) => ({ unreadAccess: [{ region, why: "it was denied" }] });
  test.each<[string, Evidence, Partial<AccountSnapshot>, boolean]>([
    ["of which nothing is found any more is over", foundIn("us-east-1"), {}, false],
    ["of a Region that was not read stays", foundIn("us-east-1"), unread("us-east-1"), true],
    ["of two Regions of which one was not read stays", foundIn("eu-west-1", "us-east-1"), unread("us-east-1"), true],
    ["of a Region that was read is over whatever of another", foundIn("us-east-1"), unread("eu-west-1"), false],
    ["of which it is not kept where it was found stays", {}, unread("eu-west-1"), true],
    [
      "of which that was cut off stays",
      { foundBy: [...foundIn("us-east-1").foundBy, "… and 3 more"] },
      unread("eu-west-1"),
      true,
    ],
  ])("a resource %s", async (_, evidence, changes, stays) => {
    const subject = { kind: "resource", name: bucket, arn: bucket } as const;
    await store.put({ ...findingAbout("alice"), control: "external-access-finding", subject, evidence });
    await resolveGone(store, aSnapshot([aUser("alice")], changes), telling);
    expect(await openNames()).toEqual(stays ? [bucket] : []);
  });

  const old = "2024-01-01T00:00:00.000Z";
  const young = "2026-10-01T00:00:00.000Z";
  test.each<[string, string | undefined, UserFacts["accessKeys"], string[]]>([
    ["a key that the report still has, by its time", old, known([aKey(old), aKey(young)]), ["AKIAOLD"]],
    ["a key that was rotated away", old, known([aKey(young)]), []],
    ["a key of a user who has none any more", old, known([]), []],
    ["a key that is there by its id", old, known([aKey(young, "AKIAOLD")]), ["AKIAOLD"]],
    ["a key that is not among the known ids", undefined, known([aKey(old, "AKIANEW")]), []],
    ["a key whose time nobody kept, beside one without id", undefined, known([aKey(old)]), ["AKIAOLD"]],
    ["keys that could not be read", old, unknownFact("the report is missing"), ["AKIAOLD"]],
  ])("%s", async (_name, createdAt, keys, expected) => {
    await store.put(keyFinding("bob", "AKIAOLD", createdAt));
    await resolveGone(store, aSnapshot([aUser("bob", keys)]), telling);
    expect(await openNames()).toEqual(expected);
  });

  test("resolves the keys of a user who is gone", async () => {
    await store.put(keyFinding("bob", "AKIAOLD", old));
    await resolveGone(store, aSnapshot([aUser("alice")]), telling);
    expect(await openNames()).toEqual([]);
  });

  test("leaves alone what opened after, or shortly before, the facts it is missing from", async () => {
    await store.put(findingAbout("after", { observedAt: "2026-11-04T04:00:01.000Z" }));
    await store.put(findingAbout("just-before", { observedAt: "2026-11-04T03:58:00.000Z" }));
    await store.put(findingAbout("long-before", { observedAt: "2026-11-04T03:50:00.000Z" }));
    await store.put({ ...keyFinding("bob", "AKIAOLD", old), observedAt: "2026-11-04T01:00:00.000Z" });
    const staleReport = { ...aUser("bob"), credentialsAsOf: new Date("2026-11-04T00:30:00.000Z") };
    await resolveGone(store, aSnapshot([staleReport]), telling);
    expect(await openNames()).toEqual(["AKIAOLD", "after", "just-before"]);
  });

  test("leaves alone what the sweep judged, root, the account, and other accounts", async () => {
    const judged = keyFinding("bob", "AKIAOLD", old);
    const rootFinding = aFinding({ subject: { kind: "root", name: "root", arn: "arn" } });
    const elsewhere = findingAbout("carol", { account: { id: "444455556666" } });
    for (const finding of [judged, rootFinding, elsewhere]) await store.put(finding);
    await resolveGone(store, aSnapshot([aUser("bob")]), { ...telling, judged: new Set([judged.id]) });
    expect(await openNames()).toEqual(["AKIAOLD", "root"]);
    expect(await store.listOpen("444455556666")).toHaveLength(1);
  });
});

describe("after an event about a subject that is not there", () => {
  const options = { now: readAt, asOf: readAt, delivery: "single" } as const;

  test("resolves all findings of a user and of the user's keys, with the reason and who did it", async () => {
    await store.put(findingAbout("bob"));
    await store.put(findingAbout("bob", { control: "unused-console-password" }));
    await store.put(findingAbout("bobby"));
    await store.put(keyFinding("bob", "AKIAOLD", undefined));
    const actor = { arn: "arn:carol", eventName: "DeleteUser", eventId: "e", at: readAt.toISOString() };
    const resolved = await resolveSubject(
      store,
      hubAccount.id,
      { kind: "user", name: "bob" },
      "User bob was deleted.",
      { ...options, actor },
    );
    expect(resolved).toHaveLength(3);
    expect(resolved[0]?.history.at(-1)).toMatchObject({
      what: "resolved",
      by: "arn:carol",
      reason: "User bob was deleted.",
    });
    expect(await openNames()).toEqual(["bobby"]);
  });

  test("resolves one key and not the other", async () => {
    await store.put(keyFinding("bob", "AKIAOLD", undefined));
    await store.put(keyFinding("bob", "AKIANEW", undefined));
    await resolveSubject(
      store,
      hubAccount.id,
      { kind: "accessKey", name: "bob", accessKeyId: "AKIAOLD" },
      "gone",
      options,
    );
    expect(await openNames()).toEqual(["AKIANEW"]);
  });

  test("leaves what was confirmed later, and what root did", async () => {
    await store.put(findingAbout("bob", { observedAt: "2026-11-04T04:00:01.000Z" }));
    const activity = { count: 1, episodes: ["one"], lastAt: readAt.toISOString(), eventIds: ["a"] };
    await store.put(aFinding({ subject: { kind: "root", name: "root", arn: "arn" }, activity }));
    await resolveSubject(store, hubAccount.id, { kind: "user", name: "bob" }, "gone", options);
    await resolveSubject(store, hubAccount.id, { kind: "root", name: "root" }, "gone", options);
    expect(await openNames()).toEqual(["bob", "root"]);
  });
});

test("a control that was turned off closes its findings in the digest, even critical ones", async () => {
  await store.put(findingAbout("alice", { severity: "critical" }));
  await store.put(findingAbout("alice", { control: "unused-console-password" }));
  const resolved = await resolveOff(store, hubAccount.id, (control) => control !== "console-user-without-mfa", {
    now: readAt,
    runId: "r1",
  });
  expect(resolved).toHaveLength(1);
  expect(resolved[0]?.outbox).toMatchObject([{ kind: "resolved", delivery: "digest", runId: "r1" }]);
  expect(resolved[0]?.outbox[0]?.reason).toContain("was not repaired");
  expect((await store.listOpen(hubAccount.id)).map(({ control }) => control)).toEqual(["unused-console-password"]);
});
