import { unknownScopes, unknownScopeWords } from "../../settings/unknown-scopes.ts";
import { type Check, problem } from "../check.ts";
import type { DoctorDependencies } from "../dependencies.ts";

/** An OU that was renamed or moved has another path, and what the settings say of the old one holds nowhere. */
export const scopes: Check<DoctorDependencies> = {
  id: "scopes",
  title: "the settings name no OU or account that is not there",
  severity: "medium",
  isWatching: false,
  look: async ({ settings, listAccounts }) =>
    unknownScopes(settings, await listAccounts()).map((one) =>
      problem(
        "the settings name an OU or account that is not there: what they say of it holds nowhere",
        "Correct the scope in the settings, or take it out.",
        { detail: unknownScopeWords(one) },
      ),
    ),
};
