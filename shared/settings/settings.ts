import { z } from "zod";
import type { AnyControl, RoleExclusions } from "../control.ts";
import { controls } from "../controls/catalogue.ts";
import type { BreakerLimits } from "../remediation/breaker.ts";
import type { ProtectedPrincipals } from "../remediation/not-protected.ts";

export const modes = ["off", "notify", "remediate"] as const;
export type Mode = (typeof modes)[number];

export interface ControlSettings {
  readonly mode: Mode;
  /** Parsed by the control's own schema: complete, with defaults. */
  readonly options: unknown;
}

/** Where an override holds: an OU with everything below it, by the names from the root down, or one account. */
export type Scope = { readonly ou: string } | { readonly account: string };

/** What a control is set to in a part of the organization; complete, like the control's own settings. */
export interface ScopedSettings extends ControlSettings {
  readonly scope: Scope;
}

/** What `warden.config.yaml` says, complete: every control has an entry. */
export interface Settings {
  readonly controls: Readonly<Record<string, ControlSettings & { readonly scopes?: readonly ScopedSettings[] }>>;
  readonly excludedRoles: RoleExclusions;
  readonly breaker: BreakerLimits;
  readonly protectedPrincipals: ProtectedPrincipals;
}

/** Nothing decides yet when a repair may run, so no control can be in mode remediate. */
const modesToWrite = ["off", "notify"] as const satisfies readonly Mode[];

const patterns = (regex: RegExp, error: string) => z.array(z.string({ error }).regex(regex, { error })).max(200);

const tagText = (min: number, max: number, error: string) =>
  z.string({ error }).min(min, { error }).max(max, { error });

const mode = z.enum(modesToWrite).describe("off: not judged; notify: findings are opened and told.");

const ouPath = "an OU path from the root down, such as Root/Workloads/Prod";
const accountId = "an account id of twelve digits, in quotes";

const scopeSchema = (control: AnyControl) =>
  z
    .strictObject({
      ou: z
        .string({ error: ouPath })
        .regex(/^[^/\s][^/]{0,127}(?:\/[^/\s][^/]{0,127}){0,6}$/, { error: ouPath })
        .optional()
        .describe("An OU with everything below it, by the names from the root down; a slash within a name is %2F."),
      account: z
        .string({ error: accountId })
        .regex(/^\d{12}$/, { error: accountId })
        .optional()
        .describe("One account, by id."),
      mode: mode.optional(),
      options: control.options.prefault({}).describe("Only the options that differ here."),
    })
    .check(({ value, issues }) => {
      if ((value.ou === undefined) !== (value.account === undefined)) return;
      issues.push({ code: "custom", input: value, message: "either ou or account" });
    });

const controlSettingsSchema = (control: AnyControl) =>
  z
    .strictObject({
      mode: mode.default("notify"),
      options: control.options.prefault({}),
      scopes: z
        .array(scopeSchema(control))
        .max(200)
        .default([])
        .check(({ value, issues }) => {
          for (const [index, { ou, account }] of value.entries()) {
            const first = value.findIndex((other) => other.ou === ou && other.account === account);
            if (first < index) {
              issues.push({
                code: "custom",
                path: [index],
                input: value[index],
                message: "each OU or account only once",
              });
            }
          }
        })
        .describe(
          "What differs in parts of the organization: an account's own entry decides, else that of the nearest OU.",
        ),
    })
    .prefault({})
    .describe(`${control.title} (${control.severity}).`);

const protectedNames = patterns(
  /^[A-Za-z0-9+=,.@_*-]{1,128}$/,
  "a name or a pattern such as break-glass-*, in the letters that IAM allows",
).default([]);

/** So that a window stays one small item of the findings table. */
const mostRepairsAnHour = 1000;

const breakerLimit = (count: number, percent: number) =>
  z
    .strictObject({
      count: z
        .int()
        .min(0)
        .max(mostRepairsAnHour)
        .default(count)
        .describe("Repairs in an hour; 0: nothing may be repaired."),
      percent: z
        .int()
        .min(0)
        .max(100)
        .default(percent)
        .describe(
          "Repairs in an hour, in percent of the users, keys, roles or root users that there are; rounded down, but at least one repair, unless it is 0: then nothing may be repaired.",
        ),
    })
    .prefault({});

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
        names: patterns(
          /^(?=.*[^*])[A-Za-z0-9+=,.@_*-]{1,128}$/,
          "a role name or a pattern such as legacy-* that does not stand for every role",
        )
          .default([])
          .describe("Role names, case and all; * stands for any characters."),
        paths: patterns(
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
    breaker: z
      .strictObject({
        perAccount: breakerLimit(10, 5).describe("In any one account."),
        organization: breakerLimit(50, 5).describe("In the whole organization."),
      })
      .prefault({})
      .describe(
        "The circuit breaker: one repair more in an hour of the clock, and everything there is held until the hour is over or an operator resumes.",
      ),
    protectedPrincipals: z
      .strictObject({
        users: protectedNames.describe("User names, in whatever case; * stands for any characters."),
        roles: protectedNames.describe("Role names, in whatever case; * stands for any characters."),
        paths: patterns(
          /^\/(?:[\x21-\x7e]{0,510}[/*])?$/,
          "a path or a pattern such as /break-glass/* that begins with / and ends with / or *",
        )
          .default([])
          .describe("Paths of users and roles, in whatever case, as a whole: /break-glass/ or /break-glass/*."),
      })
      .prefault({})
      .describe(
        "Users and roles that no repair touches, such as those to break the glass with, besides the built-in ones and excludedRoles. They are judged and told like all others.",
      ),
    trustTags: z
      .boolean()
      .default(false)
      .describe("Whether excludedRoles.tags counts. Whoever may tag a role can then excuse it."),
  })
  .describe("Settings of iam-warden, warden.config.yaml.");

/**
 * Completes what the schema read. An override starts from its control's own mode and options: `written` is the file's value,
 * which tells what an override says itself from what the schema filled in.
 */
export const toSettings = (parsed: z.infer<typeof settingsSchema>, written: unknown): Settings => ({
  controls: Object.fromEntries(
    controls.map((control) => {
      const { scopes = [], ...own } = parsed.controls[control.id] ?? { mode: "notify", options: {} };
      const writtenOwn = at(at(written, "controls"), control.id);
      const complete = scopes.map(({ ou, account, mode = own.mode }, index): ScopedSettings => {
        const options = {
          ...asRecord(at(writtenOwn, "options")),
          ...asRecord(at(at(at(writtenOwn, "scopes"), index), "options")),
        };
        const scope = account === undefined ? { ou: ou ?? "" } : { account };
        return { scope, mode, options: control.options.parse(options) };
      });
      return [control.id, complete.length > 0 ? { ...own, scopes: complete } : own];
    }),
  ),
  excludedRoles: { ...parsed.excludedRoles, trustTags: parsed.trustTags },
  breaker: parsed.breaker,
  protectedPrincipals: parsed.protectedPrincipals,
});

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const at = (value: unknown, key: string | number): unknown => asRecord(value)[key];

/** Every control in mode notify with its default options. */
export const defaultSettings = (): Settings => toSettings(settingsSchema.parse({ version: 1 }), {});

/** The schema of `warden.config.yaml` as JSON Schema (draft 7), for editors. */
export const settingsJsonSchema = (): z.core.JSONSchema.BaseSchema =>
  z.toJSONSchema(settingsSchema, { io: "input", target: "draft-7" });
