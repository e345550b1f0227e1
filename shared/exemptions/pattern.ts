import { quote } from "../settings/explain.ts";
import type { SubjectKind, SubjectRef } from "../subject.ts";
import { matchesStars } from "../wildcard.ts";
import type { SubjectPattern } from "./exemption.ts";

/** Names that IAM can have given; a policy's is with its path, an OIDC provider's is a URL. A resource's is its ARN. */
const iamName = /^[A-Za-z0-9+=,.@_-]{1,128}$/;
const withPath = /^[A-Za-z0-9+=,.@_/-]{1,640}$/;
const url = /^[A-Za-z0-9._:/~%-]{1,255}$/;
const arn = /^[A-Za-z0-9+=,.@_:/!$-]{1,2048}$/;
const nameOf = (kind: SubjectKind): RegExp => {
  switch (kind) {
    case "policy":
      return withPath;
    case "oidcProvider":
      return url;
    case "resource":
      return arn;
    default:
      return iamName;
  }
};
const longestPatternOf = (kind: SubjectKind): number => (kind === "resource" ? 512 : 128);
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
  const longest = longestPatternOf(kind);
  if (characters.length === 0 || characters.length > longest)
    return `has ${characters.length} characters; write 1 to ${longest}`;
  const foreign = characters.findIndex((character) => character !== "*" && !nameOf(kind).test(character));
  if (foreign >= 0) {
    const character = characters[foreign] ?? "";
    return `has ${quote(character)} (${codePoint(character)}) as character ${foreign + 1}, which no ${kind === "resource" ? "resource's ARN" : "name in IAM"} has; write ${written(kind)} and * for any characters`;
  }
  if (kind === "resource" && !/^arn:[^:*]+:[^:*]+:[^:]*:[^:]*:/.test(pattern))
    return `is ${quote(pattern)}; write an ARN whose first parts are fixed, such as arn:aws:s3:::public-*`;
  if (!pattern.includes("*")) return undefined;
  // What an ARN begins with, all of a service's resources have.
  const own = kind === "resource" ? pattern.split(":").slice(5).join(":") : pattern;
  const longestRun = Math.max(...own.split("*").map(({ length }) => length));
  if (longestRun >= fewestLiterals) return undefined;
  return `is ${quote(pattern)}, which matches too much; write at least ${fewestLiterals} characters in a row besides *, such as ${kind === "resource" ? "arn:aws:s3:::public-*" : "ci-*"}`;
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

const written = (kind: SubjectKind): string => {
  if (kind === "oidcProvider") return "A-Z a-z 0-9 . _ : / ~ % -";
  if (kind === "resource") return "A-Z a-z 0-9 + = , . @ _ : / ! $ -";
  return `A-Z a-z 0-9 + = , . @ _ -${kind === "policy" ? " /" : ""}`;
};

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
