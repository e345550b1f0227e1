import { expect, test } from "vitest";
import { MalformedInputError, VersionConflictError } from "../../shared/errors.ts";
import { announced, type Exemption, endExemption, exemptionId } from "../../shared/exemptions/exemption.ts";
import { exemptionFor } from "../../shared/exemptions/match.ts";
import type { ExemptionStore } from "../../shared/exemptions/store.ts";
import { hostileNames } from "../support/findings.ts";
import { anExemption, caller, days, now } from "./exemptions.ts";

/** What each kind of exemption there is looks like. */
const oneOfEach = (): readonly Exemption[] => [
  anExemption(),
  anExemption({ scope: { organization: true }, subject: { kind: "accessKey", pattern: "AKIAIOSFODNN7EXAMPLE" } }),
  anExemption({ controls: "all", scope: { account: "111122223333" }, subject: { kind: "user", pattern: "alice" } }),
  anExemption({
    controls: ["root-activity", "root-without-mfa"],
    scope: { account: "111122223333" },
    subject: undefined,
  }),
  endExemption(announced(anExemption({ reason: "Told of, and then ended by hand" }), now), {
    by: caller,
    now: days(1),
  }),
];

/** Of the many ways in which a stored exemption can be none, those that would excuse too much if they were read. */
const unreadable: Readonly<Record<string, (exemption: Exemption) => unknown>> = {
  "without an end": ({ until: _until, ...rest }) => rest,
  "with an end that is no time": (exemption) => ({ ...exemption, until: "whenever" }),
  "that lasts two years": (exemption) => ({ ...exemption, until: days(731).toISOString() }),
  "of the whole organization": ({ subject: _subject, ...rest }) => ({ ...rest, scope: { organization: true } }),
  "of everybody's name": (exemption) => ({ ...exemption, subject: { kind: "accessKey", pattern: "*" } }),
  "of an empty OU path": (exemption) => ({ ...exemption, scope: { ou: "" } }),
  "narrowed by a field of a later version": (exemption) => ({ ...exemption, onlyWeekdays: true }),
  "with a subject narrowed likewise": (exemption) => ({
    ...exemption,
    subject: { kind: "accessKey", pattern: "ci-*", path: "/ops/" },
  }),
};

/** What every `ExemptionStore` does. `create` gives an empty one. */
export const describeExemptionStore = (create: () => Promise<ExemptionStore>): void => {
  test("gives back exactly what was put, with every field", async () => {
    const store = await create();
    const all = oneOfEach();
    for (const exemption of all) {
      for (let version = 1; version <= exemption.version; version++) await store.put({ ...exemption, version });
      expect(await store.get(exemption.id)).toStrictEqual(exemption);
    }
    expect(await store.list()).toStrictEqual(all.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  });

  test("keeps what people wrote as it is", async () => {
    const store = await create();
    for (const [name, text] of Object.entries(hostileNames)) {
      const exemption = anExemption({ reason: `Because of ${name}: ${text.slice(0, 400)}` });
      await store.put(exemption);
      expect(await store.get(exemption.id)).toStrictEqual(exemption);
    }
  });

  test("knows nothing of what was not put, whatever it is asked for", async () => {
    const store = await create();
    expect(await store.list()).toEqual([]);
    await store.put(anExemption());
    const asked = ["", "__proto__", anExemption().id.slice(0, -1), exemptionId({ ...anExemption(), by: "bob" })];
    for (const id of [...asked, ...Object.values(hostileNames)]) expect(await store.get(id)).toBeUndefined();
  });

  test.each([
    ["a first version of what exists", 1, 1],
    ["a version that was written already", 2, 2],
    ["a version that leaves one out", 1, 3],
    ["a second version of what does not exist", 0, 2],
  ])("refuses %s", async (_name, stored, version) => {
    const store = await create();
    for (let at = 1; at <= stored; at++) await store.put({ ...anExemption(), version: at });
    await expect(store.put({ ...anExemption(), version, by: "late" })).rejects.toThrow(VersionConflictError);
    expect((await store.get(anExemption().id))?.by).not.toBe("late");
  });

  test("lets one of many writers of a version win", async () => {
    const store = await create();
    await store.put(anExemption());
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, writer) => store.put(endExemption(anExemption(), { by: `writer ${writer}`, now }))),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(VersionConflictError);
  });

  test("shares no object with its callers", async () => {
    const store = await create();
    const controls = ["stale-access-key"];
    const exemption = { ...anExemption(), controls };
    await store.put(exemption);
    controls.push("unused-access-key");
    expect((await store.get(exemption.id))?.controls).toEqual(["stale-access-key"]);
  });

  test.each(Object.entries(unreadable))(
    "an exemption %s excuses nobody, is reported and hides no other",
    async (_name, broken) => {
      const store = await create();
      const [bad, ...good] = [
        anExemption(),
        anExemption({ scope: { account: "111122223333" } }),
        anExemption({}, days(1)),
      ];
      await store.put(broken(bad as Exemption) as Exemption);
      for (const exemption of good) await store.put(exemption);
      const reported: [string, unknown][] = [];
      const readable = await store.list({ unreadable: (...report) => reported.push(report) });
      expect(readable.map(({ id }) => id)).toEqual(good.map(({ id }) => id).sort());
      expect(reported).toEqual([[bad?.id, expect.any(MalformedInputError)]]);
      expect(String(reported[0]?.[1])).toContain(bad?.id);
      const who = {
        control: "stale-access-key",
        account: { id: "999900001111", ouPath: "Root/Workloads/Dev" },
        subject: { kind: "accessKey", name: "ci-build", accessKeyId: "AKIAIOSFODNN7EXAMPLE" },
      } as const;
      expect(exemptionFor(readable, who, now)).toBeUndefined();
      await expect(store.list()).rejects.toThrow(MalformedInputError);
      await expect(store.get(bad?.id ?? "")).rejects.toThrow(MalformedInputError);
    },
  );

  test("lists 1,500 exemptions, more than a page of the table", async () => {
    const store = await create();
    const many = Array.from({ length: 1_500 }, (_, index) => anExemption({ reason: `${index} ${"r".repeat(490)}` }));
    for (let start = 0; start < many.length; start += 100)
      await Promise.all(many.slice(start, start + 100).map((exemption) => store.put(exemption)));
    expect((await store.list()).map(({ id }) => id)).toEqual(many.map(({ id }) => id).sort());
  }, 60_000);
};
