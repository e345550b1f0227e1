import { type Check, problem } from "../check.ts";
import type { DoctorDependencies } from "../dependencies.ts";

/** With settings that cannot be used every control notifies by its defaults, and none repairs. */
export const settings: Check<DoctorDependencies> = {
  id: "settings",
  title: "the settings can be used",
  severity: "high",
  isWatching: false,
  look: async ({ settingsProblem }) =>
    settingsProblem === undefined
      ? []
      : [
          problem(
            "the settings cannot be used: every control notifies by its defaults",
            "Check the file with `warden settings check`, and deploy it again.",
            { detail: settingsProblem },
          ),
        ],
};
