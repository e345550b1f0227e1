import type { AccessKeyFacts } from "../../facts/facts.ts";
import { deactivateAccessKey, deleteAccessKey, type Plan } from "../../remediation/step.ts";

/**
 * An access key as a sentence names it. A bulk read knows no key ids; the user and the time of creation tell a user's two
 * keys apart as well.
 */
export const keyName = (key: AccessKeyFacts): string =>
  key.id.known
    ? `Access key ${key.id.value} of ${key.userName}`
    : `The access key of ${key.userName} made at ${isoOrUnknown(key.createdAt)}`;

const isoOrUnknown = (date: Date): string =>
  Number.isFinite(date.getTime()) ? date.toISOString() : "an unreadable time";

const noId = (key: AccessKeyFacts, why: string): { readonly held: string } => ({
  held: `${keyName(key)} has no known id to name it by (${why}).`,
});

/** The repair of keys that should not be in use any more: inactive first, which undoes at once, deleted only later. */
export const retireKey = {
  writes: ["DeleteAccessKey", "UpdateAccessKey"],
  plan: (key: AccessKeyFacts): Plan<"UpdateAccessKey"> =>
    key.id.known ? { steps: [deactivateAccessKey(key.userName, key.id.value)] } : noId(key, key.id.why),
  finalPlan: (key: AccessKeyFacts): Plan<"DeleteAccessKey"> => {
    if (!key.id.known) return noId(key, key.id.why);
    if (key.active) return { held: `${keyName(key)} is active; only an inactive key is deleted.` };
    return { steps: [deleteAccessKey(key.userName, key.id.value)] };
  },
  notes: [
    "The key is set inactive; setting it active again undoes that at once.",
    "Deleting it is a plan of its own for later. It is for inactive keys only, a person has to approve it, and nothing undoes it.",
  ],
} as const;
