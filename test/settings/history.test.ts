import { describe, expect, it } from "vitest";
import { SettingsError } from "../../shared/errors.ts";
import { holding } from "../../shared/settings/held.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";

const read = (history: string) => parseSettings(`version: 1\nhistory: ${history}\n`, "f");

const problems = (history: string): readonly string[] => {
  try {
    read(history);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
};

describe("what is kept of what is over", () => {
  it("is kept for ever unless the settings say otherwise", () => {
    expect(defaultSettings().history).toEqual({});
    expect(read("{}").history).toEqual({});
  });

  it("is kept for a whole number of days, from 30 days to ten years", () => {
    for (const days of [30, 400, 3650])
      expect(read(`{ keepResolvedDays: ${days} }`).history).toEqual({ keepResolvedDays: days });
  });

  it.each(["29", "0", "-30", "3651", "45.5", "forever", "90d", "null", "'90'"])(
    "is not kept for %s, which says what would be right",
    (days) => {
      expect(problems(`{ keepResolvedDays: ${days} }`)).toEqual([
        expect.stringMatching(/^f:2:\d+ history\.keepResolvedDays: .*a whole number from 30 to 3650/),
      ]);
    },
  );

  it("has no other setting", () => {
    expect(problems("{ keepDays: 90 }")).toEqual([expect.stringContaining("keepResolvedDays")]);
  });

  // What is forgotten by settings that were taken back meanwhile never comes back.
  it("is kept where nobody knows what the settings are now", () => {
    const settings = read("{ keepResolvedDays: 30 }");
    expect(holding(settings, "AppConfig does not answer.").history).toEqual({});
  });
});
