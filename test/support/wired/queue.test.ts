import { expect, test } from "vitest";
import { createClock } from "../../../sandbox/clock.ts";
import type { Message } from "../../../shared/intake/receive.ts";
import { createQueue, type QueueSettings } from "./queue.ts";

const settings: QueueSettings = {
  batchSize: 2,
  deliveryDelaySeconds: 20,
  visibilityTimeoutSeconds: 60,
  maxReceiveCount: 2,
};

const started = (fails: (body: string) => boolean = () => false) => {
  const clock = createClock(new Date(Date.UTC(2026, 10, 3, 8)));
  const batches: string[][] = [];
  const queue = createQueue(clock, settings, async ({ Records }: { Records: readonly Message[] }) => {
    batches.push(Records.map(({ body, attributes }) => `${body} ${attributes.ApproximateReceiveCount}`));
    if (Records.some(({ body }) => body === "throws")) throw new Error("no answer");
    return {
      batchItemFailures: Records.filter(({ body }) => fails(body)).map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    };
  });
  return { clock, queue, batches };
};

test("messages are delivered after their delay, in order, in batches", async () => {
  const { clock, queue, batches } = started();
  for (const body of ["a", "b", "c"]) queue.send(body);
  clock.advance(19_999);
  await queue.deliver();
  expect(batches).toEqual([]);
  expect(queue.nextAt).toBe(clock.now().getTime() + 1);
  clock.advance(1);
  await queue.deliver();
  expect(batches).toEqual([["a 1", "b 1"], ["c 1"]]);
  expect([queue.waiting, queue.nextAt]).toEqual([0, undefined]);
});

test("what failed comes again alone, once it is visible, and lies aside after its last try", async () => {
  const { clock, queue, batches } = started((body) => body === "bad");
  queue.send("good");
  queue.send("bad");
  for (const seconds of [20, 59, 1, 60]) {
    clock.advance(seconds * 1000);
    await queue.deliver();
  }
  expect(batches).toEqual([["good 1", "bad 1"], ["bad 2"]]);
  expect(queue.deadLetters).toMatchObject([{ body: "bad", receiveCount: 2 }]);
  expect(queue.waiting).toBe(0);
});

test("a function that throws fails its whole batch, and that is noted", async () => {
  const { clock, queue } = started();
  queue.send("throws");
  queue.send("good");
  clock.advance(20_000);
  await queue.deliver();
  expect(queue.waiting).toBe(2);
  expect(queue.functionErrors).toEqual(["Error: no answer"]);
});

test("what a function sends while it works is delivered when its time has come", async () => {
  const clock = createClock(new Date(0));
  const seen: string[] = [];
  const queue = createQueue(clock, { ...settings, deliveryDelaySeconds: 0 }, async ({ Records }) => {
    for (const { body } of Records) {
      seen.push(body);
      if (body === "first") queue.send("second");
    }
    return { batchItemFailures: [] };
  });
  queue.send("first");
  await queue.deliver();
  expect(seen).toEqual(["first", "second"]);
  expect(queue.waiting).toBe(0);
});
