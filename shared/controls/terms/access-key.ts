import type { AccessKeyFacts } from "../../facts/facts.ts";

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
