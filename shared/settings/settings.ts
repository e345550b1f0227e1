import * as z from "zod";
import type { AnyControl, RoleExclusions } from "../control.ts";
import { controls } from "../controls/catalogue.ts";
import type { BreakerLimits } from "../remediation/breaker.ts";
import type { ProtectedPrincipals } from "../remediation/not-protected.ts";
import type { SlackChannel, TeamsChannel } from "./chat-schema.ts";
import type { Mode } from "./control-schema.ts";
import type { deploymentSchema } from "./deployment-schema.ts";
import { defaultLadderOf, type Ladder } from "./ladder-schema.ts";
import { settingsSchema } from "./schema.ts";
import type { Subscriber } from "./subscribers-schema.ts";

export type { Mode } from "./control-schema.ts";
export type { Ladder, LadderAction } from "./ladder-schema.ts";
export type { Subscriber } from "./subscribers-schema.ts";

export interface ControlSettings {
  readonly mode: Mode;
  /** Parsed by the control's own schema: complete, with defaults. */
  readonly options: unknown;
  readonly ladder: Ladder;
}

/** Where an override holds: an OU with everything below it, by the names from the root down, or one account. */
export type Scope = { readonly ou: string } | { readonly account: string };

/** What a control is set to in a part of the organization: complete but for the ladder, which may be another scope's. */
export interface ScopedSettings extends Omit<ControlSettings, "ladder"> {
  readonly scope: Scope;
  /** Absent: that of the nearest scope around it that gives one, else the control's own. */
  readonly ladder?: Ladder;
}

/** What bounds and accompanies repairs wherever they are switched on. */
export interface RepairSettings {
  /** Why no repair is made anywhere for now, as a sentence: they are paused, or what the settings are now is not known. */
  readonly held?: string;
  /** What was used within so many days is in use. */
  readonly inUseDays: number;
  /** Whether a repair that denies its principal something within 24 hours is undone at once. */
  readonly autoUndo: boolean;
  /** How long before a step of a ladder a reminder is sent. */
  readonly remindBeforeHours: number;
  /** The name, with its path, of the managed policy in each account that is its permissions boundary; `null`: none is named. */
  readonly permissionsBoundary: string | null;
  /** By account id, where an account's boundary has another name. */
  readonly boundaries: Readonly<Record<string, string>>;
  readonly centralRootAccess: boolean;
}

/** How long what is over is kept. */
export interface HistorySettings {
  /** So many days after the last that happened to it, a resolved finding is forgotten. Absent: never. */
  readonly keepResolvedDays?: number;
}

/** What `warden.config.yaml` says, complete: every control has an entry. */
export interface Settings {
  readonly controls: Readonly<Record<string, ControlSettings & { readonly scopes?: readonly ScopedSettings[] }>>;
  readonly excludedRoles: RoleExclusions;
  readonly breaker: BreakerLimits;
  readonly protectedPrincipals: ProtectedPrincipals;
  readonly repairs: RepairSettings;
  /** The tags that name who owns a principal, and an account. */
  readonly owners: { readonly principalTag?: string; readonly accountTag?: string };
  readonly subscribers: readonly Subscriber[];
  readonly history: HistorySettings;
  readonly deployment: DeploymentSettings;
  /** The channels that are told everything. */
  readonly chat: { readonly slack: readonly SlackChannel[]; readonly teams: readonly TeamsChannel[] };
}

/** Where iam-warden is deployed, as far as the file says so. */
export type DeploymentSettings = Readonly<z.infer<typeof deploymentSchema>>;

/**
 * Completes what the schema read. An override starts from its control's own mode and options: `written` is the file's value,
 * which tells what an override says itself from what the schema filled in.
 */
export const toSettings = (parsed: z.infer<typeof settingsSchema>, written: unknown): Settings => ({
  controls: Object.fromEntries(
    controls.map((control) => [
      control.id,
      controlSettings(control, parsed.controls[control.id], at(at(written, "controls"), control.id)),
    ]),
  ),
  excludedRoles: { ...parsed.excludedRoles, trustTags: parsed.trustTags },
  breaker: parsed.breaker,
  protectedPrincipals: parsed.protectedPrincipals,
  repairs: toRepairs(parsed.repairs),
  owners: parsed.owners,
  subscribers: parsed.subscribers,
  history: parsed.history,
  deployment: parsed.deployment,
  chat: parsed.chat,
});

const defaultModeOf = ({ isOffByDefault }: AnyControl): Mode => (isOffByDefault ? "off" : "notify");

type Parsed = z.infer<typeof settingsSchema>;

const controlSettings = (
  control: AnyControl,
  parsed: Parsed["controls"][string] | undefined,
  written: unknown,
): Settings["controls"][string] => {
  const {
    scopes = [],
    mode = defaultModeOf(control),
    ladder = defaultLadderOf(control),
    options = control.options.parse({}),
  } = parsed ?? {};
  const own = { mode, options, ladder };
  const complete = scopes.map(({ ou, account, mode: scoped = mode, ladder: ofScope }, index): ScopedSettings => {
    const scopedOptions = {
      ...asRecord(at(written, "options")),
      ...asRecord(at(at(at(written, "scopes"), index), "options")),
    };
    return {
      scope: account === undefined ? { ou: ou ?? "" } : { account },
      mode: scoped,
      options: control.options.parse(scopedOptions),
      ...(ofScope && { ladder: ofScope }),
    };
  });
  return complete.length > 0 ? { ...own, scopes: complete } : own;
};

/** Why nothing is repaired where the settings say so themselves. */
export const pausedWhy = "The settings pause all repairs (repairs.paused).";

/** Why settings are not known, or not known to hold still; `undefined` if they are. */
export const whyNotKnown = ({ repairs: { held } }: Pick<Settings, "repairs">): string | undefined =>
  held === pausedWhy ? undefined : held;

const toRepairs = ({ remindBefore, paused, ...repairs }: Parsed["repairs"]): RepairSettings => ({
  ...repairs,
  remindBeforeHours: remindBefore,
  ...(paused && { held: pausedWhy }),
});

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const at = (value: unknown, key: string | number): unknown => asRecord(value)[key];

/** Every control in mode notify, but for those that are off by default, with its default options. */
export const defaultSettings = (): Settings => toSettings(settingsSchema.parse({ version: 1 }), {});

/**
 * The schema of `warden.config.yaml` as JSON Schema, for editors: draft 4 is what AppConfig validates with. It
 * says all that one value or entry must be; what entries must be to each other, the order of a ladder, only the reader knows.
 */
export const settingsJsonSchema = (): z.core.JSONSchema.BaseSchema => {
  const schema = z.toJSONSchema(settingsSchema, {
    io: "input",
    target: "draft-4",
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type !== "record") return;
      // Draft 4 has no propertyNames.
      const { pattern } = z.toJSONSchema(def.keyType);
      if (pattern === undefined) throw new Error("the keys of a record need a pattern");
      jsonSchema.patternProperties = { [pattern]: jsonSchema.additionalProperties ?? {} };
      jsonSchema.additionalProperties = false;
    },
  });
  // A reference says by itself what one in an allOf of its own says.
  return JSON.parse(JSON.stringify(schema), (_, value: unknown) => {
    const [only, ...more] = Object.entries(asRecord(value));
    const [reference, ...others] = only?.[0] === "allOf" && Array.isArray(only[1]) ? only[1] : [];
    return more.length === 0 && others.length === 0 && "$ref" in asRecord(reference) ? reference : value;
  });
};

/** The same as AppConfig is given it, which takes 32 KB: without the words and defaults that only editors show. */
export const settingsValidatorSchema = (): z.core.JSONSchema.BaseSchema =>
  JSON.parse(
    JSON.stringify(settingsJsonSchema(), (_key, value: unknown) => {
      const { description, default: _default, ...rest } = asRecord(value);
      // Else it maps names to schemas, and one of the names may be one of these words.
      const isSchema =
        typeof description === "string" ||
        typeof rest.type === "string" ||
        typeof rest.$ref === "string" ||
        [rest.allOf, rest.anyOf, rest.enum].some(Array.isArray);
      return isSchema ? rest : value;
    }),
  );
