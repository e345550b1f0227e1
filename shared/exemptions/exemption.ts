import { createHash } from "node:crypto";
import { MalformedInputError } from "../errors.ts";
import type { SubjectKind } from "../subject.ts";
import { visibleLength } from "../visible-text.ts";

/** Where an exemption holds: everywhere, in an OU with everything below it (its names from the root down), in an account. */
export type ExemptionScope = { readonly organization: true } | { readonly ou: string } | { readonly account: string };

/**
 * Whom an exemption excuses, by kind and name, case and all; `*` stands for any characters. For access keys it is the name
 * of the user, whose every key is then excused, or the id of one key. Tags excuse nobody.
 */
export interface SubjectPattern {
  readonly kind: SubjectKind;
  readonly pattern: string;
}

/** Somebody's decision to leave subjects alone until a date. All times are ISO 8601 in UTC. */
export interface Exemption {
  readonly id: string;
  /** Ids, ordered. */
  readonly controls: readonly string[] | "all";
  readonly scope: ExemptionScope;
  /** Absent: every subject in the scope that the controls judge. */
  readonly subject?: SubjectPattern;
  readonly reason: string;
  /** Who asked for it, as AWS authenticated them. */
  readonly by: string;
  readonly createdAt: string;
  /** From then on it excuses nobody. */
  readonly until: string;
  /** Ended before its time. */
  readonly endedAt?: string;
  readonly endedBy?: string;
  /** When people were told that it is about to expire. */
  readonly announcedAt?: string;
  /** Grows by one with each write. */
  readonly version: number;
}

/** What an exemption is about, without its life. */
export type ExemptedWhat = Pick<Exemption, "controls" | "scope" | "subject">;

/** Who acts, as AWS authenticated them, and when. */
export interface Acting {
  readonly by: string;
  readonly now: Date;
}

/** How long before its end an exemption is announced. */
export const announcedBeforeMs = 7 * 24 * 3_600_000;

/**
 * The id of an exemption: sixteen hexadecimal digits over all that it says and when it was made, so that the same can be
 * made again after it ended. Were two ever to share one, the store refuses the second.
 */
export const exemptionId = (
  exemption: ExemptedWhat & Pick<Exemption, "reason" | "by" | "createdAt" | "until">,
): string => {
  const { controls, scope, subject, reason, by, createdAt, until } = exemption;
  const parts = [controls, Object.entries(scope), subject?.kind, subject?.pattern, reason, by, createdAt, until];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
};

/**
 * An exemption that somebody ends before its time; the very same one if it is over already.
 * @throws MalformedInputError if nobody is named
 */
export const endExemption = (exemption: Exemption, { by, now }: Acting): Exemption => {
  const endedBy = callerOf(by);
  if (isOver(exemption, now)) return exemption;
  return { ...exemption, endedAt: now.toISOString(), endedBy, version: exemption.version + 1 };
};

/** An exemption that people were told the end of; the very same one if they had been. */
export const announced = (exemption: Exemption, now: Date): Exemption =>
  exemption.announcedAt !== undefined
    ? exemption
    : { ...exemption, announcedAt: now.toISOString(), version: exemption.version + 1 };

/** Whether it excuses nobody any more. Once ended it stays so, whatever the reader's clock says. */
export const isOver = ({ endedAt, until }: Exemption, now: Date): boolean =>
  endedAt !== undefined || !(now.getTime() < Date.parse(until));

/** Whether its end within seven days has still to be announced. */
export const isExpiring = (exemption: Exemption, now: Date): boolean =>
  !isOver(exemption, now) &&
  exemption.announcedAt === undefined &&
  Date.parse(exemption.until) - now.getTime() <= announcedBeforeMs;

/** Longer than any ARN. */
const longestCaller = 2_048;

/**
 * Who acts, if anybody is named.
 * @throws MalformedInputError
 */
export const callerOf = (by: string): string => {
  if (visibleLength(by) > 0 && by.length <= longestCaller) return by;
  throw new MalformedInputError(
    `by: names nobody, or in more than ${longestCaller} characters; pass the ARN of the authenticated caller`,
  );
};
