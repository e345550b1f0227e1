import { expect, test } from "vitest";
import { VersionConflictError } from "../../shared/errors.ts";
import { type AccountMarks, changeMarks, type MarkStore } from "../../shared/marks/mark-store.ts";

export const aMark = { nonce: "0123456789abcdef", markedAt: "2026-11-03T06:00:00.000Z" };

export const someMarks = (changes: Partial<AccountMarks> = {}): AccountMarks => ({
  accountId: "111122223333",
  waiting: [{ ...aMark, isSet: true }],
  version: 1,
  ...changes,
});

const everything = someMarks({
  waiting: [
    { ...aMark, isSet: true },
    { nonce: "fedcba", markedAt: "2026-11-03T07:00:00.000Z", isSet: false },
  ],
  arrived: {
    markedAt: "2026-11-02T06:00:00.000Z",
    recordedAt: "2026-11-02T06:00:00.000Z",
    at: "2026-11-02T06:00:40.000Z",
  },
  unset: { nonce: "fedcba", at: "2026-11-03T07:00:01.000Z", why: "AccessDenied" },
  toldBlind: { at: "2026-11-03T07:30:00.000Z", isSure: false },
});

/** What every store of marks has to do. */
export const describeMarkStore = (create: () => Promise<MarkStore>): void => {
  test("gives back what was put, the least and everything", async () => {
    const store = await create();
    expect(await store.get("111122223333")).toBeUndefined();
    await store.put(someMarks());
    expect(await store.get("111122223333")).toEqual(someMarks());
    await store.put({ ...everything, version: 2 });
    expect(await store.get("111122223333")).toEqual({ ...everything, version: 2 });
    expect(await store.get("111122223334")).toBeUndefined();
  });

  test("lists every account, by id", async () => {
    const store = await create();
    expect(await store.list()).toEqual([]);
    for (const accountId of ["444455556666", "111122223333", "222233334444"]) await store.put(someMarks({ accountId }));
    expect((await store.list()).map(({ accountId }) => accountId)).toEqual([
      "111122223333",
      "222233334444",
      "444455556666",
    ]);
  });

  test("takes only the version that follows", async () => {
    const store = await create();
    await expect(store.put(someMarks({ version: 2 }))).rejects.toThrow(VersionConflictError);
    await store.put(someMarks());
    for (const version of [1, 3]) await expect(store.put(someMarks({ version }))).rejects.toThrow(VersionConflictError);
    await store.put(someMarks({ version: 2 }));
  });

  test("loses no change of many at once", async () => {
    const store = await create();
    const nonces = Array.from({ length: 8 }, (_, index) => `n${index}`);
    await Promise.all(
      nonces.map((nonce) =>
        changeMarks(store, "111122223333", (marks) => ({
          ...marks,
          waiting: [...marks.waiting, { ...aMark, nonce, isSet: false }],
        })),
      ),
    );
    const { waiting = [], version } = (await store.get("111122223333")) ?? {};
    expect([waiting.map(({ nonce }) => nonce).toSorted(), version]).toEqual([nonces, 8]);
  });
};
