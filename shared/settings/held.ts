import type { Settings } from "./settings.ts";

/**
 * The same settings, by which nothing is repaired and nothing is forgotten: what the settings are now is not known, and they
 * may say by now to keep it. `why` is what people read, a sentence. What is judged and told stays.
 */
export const holding = (settings: Settings, why: string): Settings => ({
  ...settings,
  history: {},
  repairs: { ...settings.repairs, held: why },
});

/** The same settings with every `remediate` lowered to `notify`, but for the controls that may repair. */
export const repairingOnly = (settings: Settings, mayRepair: (controlId: string) => boolean): Settings => ({
  ...settings,
  controls: Object.fromEntries(
    Object.entries(settings.controls).map(([id, { scopes, ...own }]) => {
      const lowered = <T extends { readonly mode: typeof own.mode }>(one: T): T =>
        one.mode === "remediate" && !mayRepair(id) ? { ...one, mode: "notify" } : one;
      return [id, { ...lowered(own), ...(scopes && { scopes: scopes.map(lowered) }) }];
    }),
  ),
});
