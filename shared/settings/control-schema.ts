import * as z from "zod";
import { type AnyControl, noOptions } from "../control.ts";
import { ladderSchema } from "./ladder-schema.ts";
import { accountId, ouPath } from "./schema-parts.ts";

export const modes = ["off", "notify", "remediate"] as const;
export type Mode = (typeof modes)[number];

const withoutRepair: readonly Mode[] = ["off", "notify"];

const mode = {
  told: z
    .enum(withoutRepair)
    .meta({ id: "notifyMode", description: "off: not judged; notify: findings are opened and told." }),
  repaired: z.enum(modes).meta({
    id: "repairMode",
    description:
      "off: not judged; notify: findings are opened and told; remediate: also repaired, as the ladder says, if no interlock holds it.",
  }),
};

const modeSchema = (control: AnyControl) =>
  control.type === "state" && control.repair !== undefined ? mode.repaired : mode.told;

type OptionsSchema = AnyControl["options"];

const scopeSchema = (control: AnyControl, options: OptionsSchema) =>
  z
    .strictObject({
      ou: ouPath.optional(),
      account: accountId.optional(),
      mode: modeSchema(control).optional(),
      ladder: ladderSchema(control).optional(),
      options: options.prefault({}),
    })
    .check(({ value, issues }) => {
      if ((value.ou === undefined) !== (value.account === undefined)) return;
      issues.push({ code: "custom", input: value, message: "names its scope wrongly; write either ou or account" });
    })
    .meta({ oneOf: [{ required: ["ou"] }, { required: ["account"] }] });

const bodySchema = (control: AnyControl, options: OptionsSchema) =>
  z.strictObject({
    mode: modeSchema(control).optional(),
    ladder: ladderSchema(control).optional(),
    options: options.prefault({}),
    scopes: z
      .array(scopeSchema(control, options))
      .max(200)
      .default([])
      .check(({ value, issues }) => {
        for (const [index, { ou, account }] of value.entries()) {
          const first = value.findIndex(
            (other) => other.ou?.normalize() === ou?.normalize() && other.account === account,
          );
          if (first < index) {
            issues.push({
              code: "custom",
              path: [index],
              input: value[index],
              message: "names its scope wrongly; write each OU or account only once",
            });
          }
        }
      })
      .describe(
        "What differs in an account or OU: an account's own entry decides, else the nearest OU's; of a ladder, the nearest that gives one; of options, only what differs.",
      ),
  });

/** Controls without options are set alike if they are repaired alike: the JSON Schema, which has to be short, says it once. */
const bodiesWithoutOptions = new Map<string, ReturnType<typeof bodySchema>>();

const bodyOf = (control: AnyControl): ReturnType<typeof bodySchema> => {
  if (control.options !== noOptions) return bodySchema(control, control.options.meta({ id: `${control.id}-options` }));
  const repair = control.type === "state" ? control.repair : undefined;
  const id = `${repair === undefined ? "told" : repair.finalPlan === undefined ? "repaired" : "finished"}Control`;
  const body = bodiesWithoutOptions.get(id) ?? bodySchema(control, noOptions).meta({ id });
  bodiesWithoutOptions.set(id, body);
  return body;
};

/** What may be written of one control. */
export const controlSettingsSchema = (control: AnyControl) =>
  bodyOf(control)
    .prefault({})
    .describe(`${control.title} (${control.severity}${control.isOffByDefault ? ", off by default" : ""}).`);
