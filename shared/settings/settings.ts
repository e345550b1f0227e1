import type { RoleExclusions } from "../control.ts";

export const modes = ["off", "notify", "remediate"] as const;
export type Mode = (typeof modes)[number];

export interface ControlSettings {
  readonly mode: Mode;
  /** Parsed by the control's own schema: complete, with defaults. */
  readonly options: unknown;
}

/** What `warden.config.yaml` says, complete: every control has an entry. */
export interface Settings {
  readonly controls: Readonly<Record<string, ControlSettings>>;
  readonly excludedRoles: RoleExclusions;
}
