import { quote } from "../settings/explain.ts";
import type { SubjectKind, SubjectRef } from "../subject.ts";
import { matchesStars } from "../wildcard.ts";
import type { SubjectPattern } from "./exemption.ts";

/** Names that IAM can have given; a policy's is with its path, an OIDC provider's is a URL. */
const iamName = /^[A-Za-z0-9+=,.@_-]{1,128}$/;
const withPath = /^[A-Za-z0-9+=,.@_/-]{1,640}$/;
const url = /^[A-Za-z0-9._:/~%-]{1,255}$/;
const nameOf = (kind: SubjectKind): RegExp => (kind === "policy" ? withPath : kind === "oidcProvider" ? url : iamName);
const longestPattern = 128;
/** Fewer in a row say hardly more than `*` alone does. */
const fewestLiterals = 3;
/** Such a pattern is the id of one key and never a name: whoever may name users could else be excused by a key's exemption. */
const accessKeyId = /^AKIA[A-Z0-9]{12,124}$/;
/** The root user and the sessions of central root access. */
const rootPatterns = ["root", "root-session", "root*"];

/** What is wrong with a pattern and what would be right, as the end of a line; `undefined` if it may stand. */
export const patternProblem = ({ kind, pattern }: SubjectPattern): string | undefined => {
  if (kind === "account")
    return /^\d{12}$/.test(pattern) ? undefined : `is ${quote(pattern)}; write an account id of twelve digits`;
  if (kind === "root")
    return rootPatterns.includes(pattern) ? undefined : `is ${quote(pattern)}; write ${rootPatterns.join(" or ")}`;
  const characters = Array.from(pattern);
  if (characters.length === 0 || characters.length > longestPattern)
    return `has ${characters.length} characters; write 1 to ${longestPattern}`;
  const foreign = characters.findIndex((character) => character !== "*" && !nameOf(kind).test(character));
  if (foreign >= 0) {
    const character = characters[foreign] ?? "";
    return `has ${quote(character)} (${codePoint(character)}) as character ${foreign + 1}, which no name in IAM has; write ${written(kind)} and * for any characters`;
  }
  if (!pattern.includes("*")) return undefined;
  const longestRun = Math.max(...pattern.split("*").map(({ length }) => length));
  if (longestRun >= fewestLiterals) return undefined;
  return `is ${quote(pattern)}, which matches too much; write at least ${fewestLiterals} characters in a row besides *, such as ci-*`;
};

/**
 * Whether a subject is meant. A name that IAM cannot have given, such as one with a line break in it, is nobody's: no
 * pattern excuses it.
 */
export const matchesSubject = ({ kind, pattern }: SubjectPattern, subject: SubjectRef): boolean => {
  if (kind !== subject.kind || !nameOf(kind).test(subject.name)) return false;
  if (kind === "accessKey" && accessKeyId.test(pattern)) return subject.accessKeyId === pattern;
  return matchesStars(pattern, subject.name);
};

const written = (kind: SubjectKind): string =>
  kind === "oidcProvider" ? "A-Z a-z 0-9 . _ : / ~ % -" : `A-Z a-z 0-9 + = , . @ _ -${kind === "policy" ? " /" : ""}`;

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
