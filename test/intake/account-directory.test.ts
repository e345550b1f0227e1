import { describe, expect, it } from "vitest";
import { createAccountDirectory } from "../../shared/intake/account-directory.ts";
import type { AccountRef } from "../../shared/subject.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";

const directory = (answers: (readonly AccountRef[] | Error)[], kept?: () => Promise<readonly AccountRef[]>) => {
  let minutes = 0;
  let listings = 0;
  const telemetry = recordedTelemetry();
  const { find, outdate } = createAccountDirectory({
    list: async () => {
      const answer = answers[Math.min(listings++, answers.length - 1)] ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    clock: () => new Date(minutes * 60_000),
    ...(kept && { kept }),
    telemetry,
  });
  return { find, outdate, telemetry, passMinutes: (more: number) => (minutes += more), listings: () => listings };
};

const one: AccountRef = { id: "111111111111", name: "one", ouPath: "Root" };
const two: AccountRef = { id: "222222222222", name: "two", ouPath: "Root/Workloads" };

describe("account directory", () => {
  it("lists once for many events, at the same time too, and again after an hour", async () => {
    const { find, listings, passMinutes } = directory([[one, two]]);
    expect(await Promise.all([find(one.id), find(two.id), find(one.id)])).toEqual([one, two, one]);
    passMinutes(59);
    await find(one.id);
    expect(listings()).toBe(1);
    passMinutes(1);
    await find(one.id);
    expect(listings()).toBe(2);
  });

  it("finds an account that joined later, without listing for every event about it", async () => {
    const { find, listings, passMinutes } = directory([[one], [one], [one, two]]);
    expect(await find(two.id)).toEqual({ id: two.id });
    expect(await find(two.id)).toEqual({ id: two.id });
    expect(listings()).toBe(1);
    passMinutes(5);
    expect(await find(two.id)).toEqual({ id: two.id });
    passMinutes(5);
    expect(await find(two.id)).toEqual(two);
    expect(listings()).toBe(3);
  });

  it("lists again soon after the organization changed, once for a burst of changes", async () => {
    const moved = { ...one, ouPath: "Root/Moved" };
    const { find, outdate, listings, passMinutes } = directory([[one], [moved]]);
    await find(one.id);
    outdate();
    outdate();
    expect(await find(one.id)).toEqual(one);
    passMinutes(1);
    expect(await find(one.id)).toEqual(moved);
    passMinutes(1);
    await find(one.id);
    expect(listings()).toBe(2);
  });

  it("waits once for a listing that takes long, does with the id alone, and has the names when it is done", async () => {
    const { promise, resolve } = Promise.withResolvers<readonly AccountRef[]>();
    let listings = 0;
    let waits = 0;
    const { find } = createAccountDirectory({
      list: () => {
        listings += 1;
        return promise;
      },
      clock: () => new Date(0),
      telemetry: recordedTelemetry(),
      patience: async () => {
        waits += 1;
      },
    });
    expect(await find(one.id)).toEqual({ id: one.id });
    expect(await Promise.all([find(one.id), find(two.id)])).toEqual([{ id: one.id }, { id: two.id }]);
    expect({ listings, waits }).toEqual({ listings: 1, waits: 1 });
    resolve([one]);
    await promise;
    await Promise.resolve();
    expect(await find(one.id)).toEqual(one);
    expect(listings).toBe(1);
  });

  it("does with what was kept when the listing fails, until one succeeds", async () => {
    const newer = { ...one, ouPath: "Root/Moved" };
    const { find, passMinutes } = directory([new Error("down"), [newer, two]], async () => [one]);
    expect(await find(one.id)).toEqual(one);
    expect(await find(two.id)).toEqual({ id: two.id });
    passMinutes(5);
    expect(await find(two.id)).toEqual(two);
    expect(await find(one.id)).toEqual(newer);
  });

  it("knows only the id where nothing that was kept can be read, and says so", async () => {
    const { find, telemetry } = directory([new Error("down")], async () => {
      throw new Error("down, too");
    });
    expect(await find(one.id)).toEqual({ id: one.id });
    expect(telemetry.lines.map(({ level, fields }) => [level, fields?.error])).toEqual([
      ["warn", new Error("down")],
      ["warn", new Error("down, too")],
    ]);
  });

  it("knows only the id when the listing fails, says so, and keeps names that it had", async () => {
    const { find, telemetry, passMinutes } = directory([new Error("denied"), [one], new Error("denied")]);
    expect(await find(one.id)).toEqual({ id: one.id });
    expect(telemetry.lines).toMatchObject([{ level: "warn", fields: { error: { message: "denied" } } }]);
    passMinutes(5);
    expect(await find(one.id)).toEqual(one);
    passMinutes(60);
    expect(await find(one.id)).toEqual(one);
    expect(telemetry.lines).toHaveLength(2);
  });
});
