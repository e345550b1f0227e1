import { describe, expect, it } from "vitest";
import { controls } from "../../shared/controls/catalogue.ts";
import { staleAccessKey } from "../../shared/controls/stale-access-key.ts";
import { contextFor } from "../../shared/settings/context.ts";
import { defaultSettings, type Settings } from "../../shared/settings/settings.ts";

const account = { id: "111122223333", ouPath: "Root" };
const now = new Date("2026-11-20T08:00:00Z");

describe("contextFor", () => {
  it("gives the options of the settings, the exclusions and the time", () => {
    const settings: Settings = {
      ...defaultSettings(),
      controls: { "stale-access-key": { mode: "notify", options: { maxAgeDays: 30 }, ladder: [] } },
      excludedRoles: { names: ["legacy-*"], paths: [], tags: {}, trustTags: false },
    };
    expect(contextFor(settings, staleAccessKey, account, now)).toEqual({
      now,
      options: { maxAgeDays: 30 },
      excludedRoles: settings.excludedRoles,
    });
  });

  it("gives nothing for a control that is off", () => {
    const settings = {
      ...defaultSettings(),
      controls: { "stale-access-key": { mode: "off", options: {}, ladder: [] } },
    } as const;
    expect(contextFor(settings, staleAccessKey, account, now)).toBeUndefined();
  });

  it("judges by its defaults a control that older settings do not know", () => {
    const settings = { ...defaultSettings(), controls: {} };
    for (const control of controls) {
      expect(contextFor(settings, control, account, now)).toEqual(contextFor(defaultSettings(), control, account, now));
    }
  });
});
