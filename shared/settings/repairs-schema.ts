import * as z from "zod";
import { duration } from "./durations.ts";
import { accountIdKey, tagKey } from "./schema-parts.ts";

const boundaryNamePattern = /^(?:(?:\/[A-Za-z0-9.,+@=_-]+)*\/)?[A-Za-z0-9+=,.@_-]{1,128}$/;

/** For an ARN, the name that it ends in; else what a name looks like. */
const boundaryNameError = ({ input }: { readonly input?: unknown }): string => {
  const [, path = "", name = ""] =
    /^arn:[a-z-]+:iam::(?:\d{12}|aws):policy(\/(?:.+\/)?)(.+)$/.exec(typeof input === "string" ? input : "") ?? [];
  return name === "" || !boundaryNamePattern.test(path + name)
    ? "the name of a policy, with its path if it has one, such as iam-warden-boundary or /team/boundary"
    : `its name alone, ${path === "/" ? name : path + name}: each account has a policy of its own of that name`;
};

const boundaryName = z
  .string({ error: boundaryNameError })
  .max(640, { error: boundaryNameError })
  .regex(boundaryNamePattern, { error: boundaryNameError });

/** What bounds and accompanies repairs wherever they are switched on. */
export const repairsSchema = z
  .strictObject({
    paused: z
      .boolean()
      .default(false)
      .describe(
        "The emergency switch: true holds every repair, everywhere, whatever a control's mode says and whoever approved it. Undos are still made, and everything is judged and told.",
      ),
    inUseDays: z
      .int()
      .min(0)
      .max(400)
      .default(30)
      .describe(
        "What was used within so many days is in use: its repair is held and told. 0: nothing is in use, and what works today may be taken away.",
      ),
    autoUndo: z
      .boolean()
      .default(false)
      .describe(
        "Whether a repair is undone at once when it denies its principal something within 24 hours; false: that is told, with the command that undoes it.",
      ),
    remindBefore: duration
      .prefault("1d")
      .describe(
        "How long before each step of a ladder that repairs or finishes a reminder is sent, such as 12h or 1d.",
      ),
    permissionsBoundary: boundaryName
      .nullable()
      .default(null)
      .describe(
        "The managed policy that is attached as permissions boundary: its name, with its path if it has one (/team/boundary). Each account has its own policy of that name.",
      ),
    boundaries: z
      .record(accountIdKey, boundaryName)
      .default({})
      .describe("Accounts whose boundary has another name: account id, in quotes, and name."),
    centralRootAccess: z
      .boolean()
      .default(false)
      .describe(
        "Whether the organization has central root access switched on: without it root's credentials cannot be deleted from outside.",
      ),
  })
  .prefault({});

/** Where it stands who is told of a finding besides the subscribers. */
export const ownersSchema = z
  .strictObject({
    principalTag: tagKey.exactOptional().describe("The tag of a user or role that names its owner, e.g. owner."),
    accountTag: tagKey.exactOptional().describe("The tag of an account that names its owner, e.g. team."),
  })
  .prefault({});
