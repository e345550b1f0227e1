import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
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

  it("knows an OU's name however its letters are composed", () => {
    const composed = "Root/Z\u00fcrich";
    const decomposed = "Root/Zu\u0308rich";
    const off = (ou: string) =>
      parseSettings(`version: 1\ncontrols: { stale-access-key: { scopes: [{ ou: "${ou}", mode: off }] } }\n`, "f");
    for (const [ou, ouPath] of [
      [composed, decomposed],
      [decomposed, composed],
    ] as const) {
      expect(resolve(off(ou), "stale-access-key", { id: some, ouPath: `${ouPath}/Core` })?.mode).toBe("off");
    }
    expect(() =>
      parseSettings(
        `version: 1\ncontrols: { stale-access-key: { scopes: [{ ou: "${composed}" }, { ou: "${decomposed}" }] } }\n`,
        "f",
      ),
    ).toThrow("write each OU or account only once");
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

  const repairing = parseSettings(
    `version: 1
controls:
  stale-access-key:
    ladder: [{ after: 30d, do: remediate }]
    scopes:
      - { ou: Root/Work, mode: remediate, ladder: [{ after: 20d, do: remediate }] }
      - { ou: Root/Work/Prod, mode: notify }
      - { ou: Root/Work/Prod/Cards, mode: remediate, ladder: [{ after: 10d, do: remediate }] }
      - { account: "111122223333", mode: remediate }
      - { account: "444455556666", mode: remediate, ladder: [{ after: 5d, do: remediate }] }
  unused-access-key:
    scopes: [{ account: "111122223333", mode: remediate }, { ou: Root/Work, mode: off }]
  console-user-without-mfa:
    mode: remediate
    scopes: [{ account: "444455556666", mode: off }]
`,
    "warden.config.yaml",
  );

  it.each<[string, string, { id: string; ouPath?: string }, string, number]>([
    ["the root: the control's own", "stale-access-key", { id: some, ouPath: "Root" }, "notify", 30],
    ["an OU that gives one", "stale-access-key", { id: some, ouPath: "Root/Work" }, "remediate", 20],
    ["an OU below it", "stale-access-key", { id: some, ouPath: "Root/Work/Dev" }, "remediate", 20],
    [
      "an OU that gives none: the next above it",
      "stale-access-key",
      { id: some, ouPath: "Root/Work/Prod" },
      "notify",
      20,
    ],
    ["three deep, the nearest", "stale-access-key", { id: some, ouPath: "Root/Work/Prod/Cards/A" }, "remediate", 10],
    ["an account that gives one", "stale-access-key", { id: "444455556666", ouPath: "Root/Work" }, "remediate", 5],
    [
      "an account that gives none: its OU's",
      "stale-access-key",
      { id: "111122223333", ouPath: "Root/Work/Prod/Cards" },
      "remediate",
      10,
    ],
    [
      "the same account after it moved",
      "stale-access-key",
      { id: "111122223333", ouPath: "Root/Work/Prod" },
      "remediate",
      20,
    ],
    [
      "the same account outside of all of them",
      "stale-access-key",
      { id: "111122223333", ouPath: "Root/Lab" },
      "remediate",
      30,
    ],
    ["an unknown OU: not repaired", "stale-access-key", { id: some }, "notify", 30],
    ["an unknown OU, an account with a ladder of its own", "stale-access-key", { id: "444455556666" }, "remediate", 5],
    ["an unknown OU whose ladder might hold: not repaired", "stale-access-key", { id: "111122223333" }, "notify", 30],
    ["an unknown OU, where no OU has a ladder", "unused-access-key", { id: "111122223333" }, "remediate", 7],
    ["an unknown OU, on everywhere", "console-user-without-mfa", { id: some }, "notify", 7],
    ["an account that is left out", "console-user-without-mfa", { id: "444455556666", ouPath: "Root" }, "off", 7],
  ])("gives a ladder and a mode: %s", (_, control, account, mode, days) => {
    const resolved = resolve(repairing, control, account);
    const repair = resolved?.ladder.find((step) => step.do === "remediate");
    expect({ mode: resolved?.mode, days: (repair?.afterHours ?? 0) / 24 }).toEqual({ mode, days });
  });

  const mode = fc.constantFrom("off", "notify", "remediate");
  const ladder = fc.option(
    fc.nat({ max: 3 }).map((afterHours) => [{ afterHours, do: "remediate" } as const]),
    { nil: undefined },
  );
  const ouScope = fc.constantFrom("Root", "Root/A", "Root/A/B", "Root/A/B/C", "Root/D").map((ou) => ({ ou }));
  const accountScope = fc.constantFrom(some, "111122223333").map((account) => ({ account }));
  const scopes = fc.uniqueArray(
    fc
      .record({ scope: fc.oneof(ouScope, accountScope), mode, ladder })
      .map(({ ladder: own, ...one }) => ({ ...one, options: {}, ...(own && { ladder: own }) })),
    { maxLength: 7, selector: ({ scope }) => JSON.stringify(scope) },
  );
  const control = fc.record({
    mode,
    scopes,
    options: fc.constant({}),
    ladder: fc.constant([{ afterHours: 9, do: "remediate" } as const]),
  });

  it("with an unknown OU repairs only what the account's own entry says, and what every place would", () => {
    const places = ["Root", "Root/A", "Root/A/B", "Root/A/B/C", "Root/D", "Root/E"];
    fc.assert(
      fc.property(control, (x) => {
        const all = { ...settings, controls: { x } };
        const unknown = resolve(all, "x", { id: some });
        const known = places.map((ouPath) => resolve(all, "x", { id: some, ouPath }));
        if (unknown?.mode === "remediate") {
          const own = x.scopes.find(({ scope }) => "account" in scope && scope.account === some);
          expect(own?.mode).toBe("remediate");
          for (const one of known) expect(one).toEqual(unknown);
        }
        if (unknown?.mode === "off") for (const one of known) expect(one?.mode).toBe("off");
      }),
      { numRuns: 2_000 },
    );
  });
});
