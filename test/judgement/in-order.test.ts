import { expect, test } from "vitest";
import { inOrder } from "../../shared/judgement/in-order.ts";

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/** Work whose end the test decides. */
const deferred = () => {
  const ends = new Map<number, { resolve: (value: string) => void; reject: (error: Error) => void }>();
  const work = (item: number) => new Promise<string>((resolve, reject) => ends.set(item, { resolve, reject }));
  return { ends, work };
};

test("results come in the order of the items, whichever is done first", async () => {
  const { ends, work } = deferred();
  const all = collect(inOrder([1, 2, 3], 3, work));
  await Promise.resolve();
  for (const item of [3, 1, 2]) ends.get(item)?.resolve(`done ${item}`);
  expect(await all).toEqual(["done 1", "done 2", "done 3"]);
});

test("no more than the limit is worked on at once", async () => {
  let active = 0;
  let most = 0;
  const work = async (item: number) => {
    active += 1;
    most = Math.max(most, active);
    for (let turn = 0; turn < (item % 5) + 1; turn += 1) await Promise.resolve();
    active -= 1;
    return item;
  };
  const items = Array.from({ length: 50 }, (_, index) => index);
  expect(await collect(inOrder(items, 4, work))).toEqual(items);
  expect(most).toBe(4);
});

test("an error ends it in its turn, and nothing else fails unseen", async () => {
  const { ends, work } = deferred();
  const seen: string[] = [];
  const all = (async () => {
    for await (const item of inOrder([1, 2, 3], 3, work)) seen.push(item);
  })();
  await Promise.resolve();
  ends.get(3)?.reject(new Error("third"));
  ends.get(2)?.reject(new Error("second"));
  ends.get(1)?.resolve("first");
  await expect(all).rejects.toThrow("second");
  expect(seen).toEqual(["first"]);
});

test("who stops early waits for what is under way", async () => {
  const { ends, work } = deferred();
  let finished = false;
  const all = (async () => {
    for await (const _ of inOrder([1, 2, 3], 2, work)) break;
    finished = true;
  })();
  await Promise.resolve();
  ends.get(1)?.resolve("first");
  await new Promise((resolve) => setImmediate(resolve));
  expect(finished).toBe(false);
  ends.get(2)?.resolve("second");
  await all;
  expect(ends.has(3)).toBe(false);
});
