import * as z from "zod";
import { controls } from "../controls/catalogue.ts";
import { chatSchema, subscribedByAmazonQ } from "./chat-schema.ts";
import { controlSettingsSchema } from "./control-schema.ts";
import { deploymentSchema } from "./deployment-schema.ts";
import { historySchema } from "./history-schema.ts";
import { ownersSchema, repairsSchema } from "./repairs-schema.ts";
import { patterns, tagKey, tagText } from "./schema-parts.ts";
import { subscribersSchema } from "./subscribers-schema.ts";
import { whatRepairsLack } from "./what-repairs-lack.ts";

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
      .describe(
        "What is judged and how; a control that is not named here, or has no mode, is in mode notify, or off if it is off by default.",
      ),
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
          .record(tagKey, tagText(0, 256, "a tag value in quotes, or a pattern such as '*'"))
          .default({})
          .describe("Tag keys and the values that excuse a role, where * stands for any characters; one suffices."),
      })
      .prefault({})
      .describe(
        "Roles that neither the controls on permissions boundaries nor unused-role judge, besides the built-in ones.",
      ),
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
    repairs: repairsSchema.describe("What holds for repairs wherever they are switched on."),
    owners: ownersSchema.describe(
      "The tags that name an owner, told as message attribute owner: subscribers can choose by it.",
    ),
    subscribers: subscribersSchema.describe("Who is told, and of what."),
    chat: chatSchema.describe(
      "Slack and Microsoft Teams channels that are told everything, through Amazon Q Developer; only in AWS's commercial partition.",
    ),
    history: historySchema.describe("How long what is over is kept in the findings table."),
    deployment: deploymentSchema.describe(
      "Where iam-warden is deployed, for the stacks alone: what does not stand here is a parameter of theirs.",
    ),
    trustTags: z
      .boolean()
      .default(false)
      .describe("Whether excludedRoles.tags counts. Whoever may tag a role can then excuse it."),
  })
  .check(({ value, issues }) => {
    issues.push(...whatRepairsLack(value), ...subscribedByAmazonQ(value));
  })
  .describe("Settings of iam-warden, warden.config.yaml.");
