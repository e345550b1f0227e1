import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSettings } from "../../shared/settings/parse.ts";
import { resolve } from "../../shared/settings/resolve.ts";

const settings = parseSettings(
  `version: 1
controls:
  stale-access-key:
    mode: notify
    options: { maxAgeDays: 120 }
    scopes:
      - { ou: Root/Workloads, options: { maxAgeDays: 90 } }
      - { ou: Root/Workloads/Prod, options: { maxAgeDays: 60 } }
      - { ou: Root/Workloads/Prod/Cards, mode: off }
      - { account: "111122223333", options: { maxAgeDays: 7 } }
      - { account: "444455556666", mode: off }
  unused-access-key:
    mode: off
    scopes:
      - { ou: Root/Workloads, mode: notify, options: { maxUnusedDays: 30 } }
  two-active-access-keys:
    mode: off
  role-without-boundary:
    scopes: [{ ou: Root, mode: off }]
  unused-console-password:
    options: { maxUnusedDays: 60 }
    scopes: [{ ou: Root/Sandbox, mode: off }]
`,
  "warden.config.yaml",
);

const some = "999900001111";

describe("resolve", () => {
  it.each<[string, string, { id: string; ouPath?: string }, unknown]>([
    [
      "the organization's root",
      "stale-access-key",
      { id: some, ouPath: "Root" },
      { mode: "notify", options: { maxAgeDays: 120 } },
    ],
    [
      "an OU of its own",
      "stale-access-key",
      { id: some, ouPath: "Root/Workloads" },
      { mode: "notify", options: { maxAgeDays: 90 } },
    ],
    [
      "an OU below one",
      "stale-access-key",
      { id: some, ouPath: "Root/Workloads/Dev" },
      { mode: "notify", options: { maxAgeDays: 90 } },
    ],
    [
      "the nearest of two",
      "stale-access-key",
      { id: some, ouPath: "Root/Workloads/Prod" },
      { mode: "notify", options: { maxAgeDays: 60 } },
    ],
    [
      "three deep",
      "stale-access-key",
      { id: some, ouPath: "Root/Workloads/Prod/Cards/Core" },
      { mode: "off", options: { maxAgeDays: 120 } },
    ],
    [
      "an OU whose name only begins alike",
      "stale-access-key",
      { id: some, ouPath: "Root/Workloads/Production" },
      { mode: "notify", options: { maxAgeDays: 90 } },
    ],
    [
      "an OU of that name elsewhere",
      "stale-access-key",
      { id: some, ouPath: "Root/Sandbox/Workloads" },
      { mode: "notify", options: { maxAgeDays: 120 } },
    ],
    [
      "case counts",
      "stale-access-key",
      { id: some, ouPath: "Root/workloads" },
      { mode: "notify", options: { maxAgeDays: 120 } },
    ],
    [
      "the account before its OU",
      "stale-access-key",
      { id: "111122223333", ouPath: "Root/Workloads/Prod/Cards" },
      { mode: "notify", options: { maxAgeDays: 7 } },
    ],
    [
      "the account wherever it moved",
      "stale-access-key",
      { id: "444455556666", ouPath: "Root/New" },
      { mode: "off", options: { maxAgeDays: 120 } },
    ],
    [
      "an account that moved: the OU it is in now",
      "unused-access-key",
      { id: some, ouPath: "Root/Workloads" },
      { mode: "notify", options: { maxUnusedDays: 30 } },
    ],
    [
      "on in an OU only",
      "unused-access-key",
      { id: some, ouPath: "Root/Sandbox" },
      { mode: "off", options: { maxUnusedDays: 45 } },
    ],
    [
      "off from the root down",
      "role-without-boundary",
      { id: some, ouPath: "Root/Workloads/Prod" },
      { mode: "off", options: {} },
    ],
    ["an unknown OU: on where an OU is off", "role-without-boundary", { id: some }, { mode: "notify", options: {} }],
    [
      "an unknown OU: on where an OU may be on",
      "unused-access-key",
      { id: some },
      { mode: "notify", options: { maxUnusedDays: 45 } },
    ],
    [
      "an unknown OU: off where it is off everywhere",
      "two-active-access-keys",
      { id: some },
      { mode: "off", options: {} },
    ],
    [
      "an unknown OU: the account's own still counts",
      "stale-access-key",
      { id: "444455556666" },
      { mode: "off", options: { maxAgeDays: 120 } },
    ],
    ["no control of that name", "constructor", { id: some }, undefined],
  ])("%s", (_, control, account, expected) => {
    const resolved = resolve(settings, control, account);
    expect(resolved && { mode: resolved.mode, options: resolved.options }).toEqual(expected);
  });

  it("never repairs where the OU is unknown, unless the account itself is named", () => {
    const repairing = (scope: { ou: string } | { account: string }) => ({
      ...settings,
      controls: {
        x: { mode: "remediate", options: {}, ladder: [], scopes: [{ scope, mode: "remediate", options: {} }] },
      } as const,
    });
    expect(resolve(repairing({ ou: "Root" }), "x", { id: some })?.mode).toBe("notify");
    expect(resolve(repairing({ account: some }), "x", { id: some })?.mode).toBe("remediate");
    expect(resolve(repairing({ ou: "Root/A" }), "x", { id: some, ouPath: "Root/B" })?.mode).toBe("remediate");
  });

  it("does not depend on the order in which scopes are written", () => {
    const names = fc.constantFrom("A", "B", "AB");
    const path = fc.array(names, { maxLength: 4 }).map((parts) => ["Root", ...parts].join("/"));
    const scopes = fc
      .uniqueArray(path, { maxLength: 6 })
      .map((paths) => paths.map((ou, index) => ({ scope: { ou }, mode: "notify", options: index }) as const));
    fc.assert(
      fc.property(scopes, path, (all, ouPath) => {
        const of = (list: typeof all) =>
          resolve({ ...settings, controls: { x: { mode: "off", options: -1, ladder: [], scopes: list } } }, "x", {
            id: some,
            ouPath,
          });
        expect(of(all.toReversed())).toEqual(of(all));
        const above = all.filter(({ scope }) => `${ouPath}/`.startsWith(`${scope.ou}/`));
        expect(of(all)?.mode).toBe(above.length > 0 ? "notify" : "off");
      }),
    );
  });
});
