import { z } from "zod";
import type { AnyControl, RoleExclusions } from "../control.ts";
import { controls } from "../controls/catalogue.ts";

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

/** No control has a repair, so none can be in mode remediate. */
const modesWithoutRepair = ["off", "notify"] as const satisfies readonly Mode[];

const rolePatterns = (regex: RegExp, error: string) => z.array(z.string({ error }).regex(regex, { error })).max(200);

const tagText = (min: number, max: number, error: string) =>
  z.string({ error }).min(min, { error }).max(max, { error });

const controlSettingsSchema = (control: AnyControl) =>
  z
    .strictObject({
      mode: z
        .enum(modesWithoutRepair)
        .default("notify")
        .describe("off: not judged; notify: findings are opened and told."),
      options: control.options.prefault({}),
    })
    .prefault({})
    .describe(`${control.title} (${control.severity}).`);

/**
 * What an operator may write, before defaults: the schema of `warden.config.yaml`. A string's error message says what
 * would be right, as a noun phrase.
 */
export const settingsSchema = z
  .strictObject({
    version: z.literal(1).describe("The version of this format."),
    controls: z
      .strictObject(Object.fromEntries(controls.map((control) => [control.id, controlSettingsSchema(control)])))
      .prefault({})
      .describe("What is judged and how; a control that is not named here is in mode notify with its default options."),
    excludedRoles: z
      .strictObject({
        names: rolePatterns(
          /^(?=.*[^*])[A-Za-z0-9+=,.@_*-]{1,128}$/,
          "a role name or a pattern such as legacy-* that does not stand for every role",
        )
          .default([])
          .describe("Role names, case and all; * stands for any characters."),
        paths: rolePatterns(
          /^(?=.*[^*/])\/(?:[\x21-\x7e]{0,510}[/*])$/,
          "a path or a pattern such as /vendor/* that begins with / and does not stand for every path",
        )
          .default([])
          .describe("Role paths, case and all, as a whole: /vendor/ or, with everything under it, /vendor/*."),
        tags: z
          .record(
            tagText(1, 128, "a tag key of 1 to 128 characters"),
            tagText(0, 256, "a tag value in quotes, or a pattern such as '*'"),
          )
          .default({})
          .describe("Tag keys and the values that excuse a role, where * stands for any characters; one suffices."),
      })
      .prefault({})
      .describe("Roles that no control on permissions boundaries judges, besides the built-in ones."),
    trustTags: z
      .boolean()
      .default(false)
      .describe("Whether excludedRoles.tags counts. Whoever may tag a role can then excuse it."),
  })
  .describe("Settings of iam-warden, warden.config.yaml.");

/** Completes what the schema read. */
export const toSettings = (parsed: z.infer<typeof settingsSchema>): Settings => ({
  controls: parsed.controls,
  excludedRoles: { ...parsed.excludedRoles, trustTags: parsed.trustTags },
});

/** Every control in mode notify with its default options. */
export const defaultSettings = (): Settings => toSettings(settingsSchema.parse({ version: 1 }));

/** The schema of `warden.config.yaml` as JSON Schema (draft 7), for editors. */
export const settingsJsonSchema = (): z.core.JSONSchema.BaseSchema =>
  z.toJSONSchema(settingsSchema, { io: "input", target: "draft-7" });
