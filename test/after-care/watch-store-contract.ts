import { expect, test } from "vitest";
import type { Watch, WatchedPrincipal, WatchStore } from "../../shared/after-care/watch-store.ts";

const app: WatchedPrincipal = { accountId: "111122223333", kind: "role", name: "app" };
const at = (hour: number): Date => new Date(Date.UTC(2026, 10, 3, hour));

export const aWatch = (changes: Partial<Watch> = {}): Watch => ({
  principal: app,
  findingId: "f1",
  remediationId: "f1-0001",
  until: at(10).toISOString(),
  ...changes,
});

/** What every store of watches has to do. */
export const describeWatchStore = (create: () => Promise<WatchStore>): void => {
  test("gives a principal's watches until they are over", async () => {
    const store = await create();
    await store.put(aWatch());
    await store.put(aWatch({ findingId: "f2", remediationId: "f2-0001", until: at(12).toISOString() }));
    expect(await store.of(app, at(9))).toEqual([
      aWatch(),
      aWatch({ findingId: "f2", remediationId: "f2-0001", until: at(12).toISOString() }),
    ]);
    expect((await store.of(app, at(10))).map(({ findingId }) => findingId)).toEqual(["f2"]);
    expect(await store.of(app, at(12))).toEqual([]);
  });

  test("keeps one watch of a remediation, the latest", async () => {
    const store = await create();
    await store.put(aWatch());
    await store.put(aWatch({ until: at(20).toISOString() }));
    expect(await store.of(app, at(9))).toEqual([aWatch({ until: at(20).toISOString() })]);
  });

  test("takes no principal for another", async () => {
    const store = await create();
    await store.put(aWatch());
    const others: WatchedPrincipal[] = [
      { ...app, accountId: "444455556666" },
      { ...app, kind: "user" },
      { ...app, name: "ap" },
      { ...app, name: "app2" },
      { ...app, name: "App" },
      { ...app, name: "__proto__" },
    ];
    for (const other of others) expect(await store.of(other, at(9))).toEqual([]);
  });
};
