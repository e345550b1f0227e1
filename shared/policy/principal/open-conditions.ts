import { matchesWildcard } from "../../wildcard.ts";
import { whyPublic } from "../language/address-blocks.ts";
import { negations, parseOperator } from "../language/condition.ts";
import type { ConditionBlock } from "../language/document.ts";
import type { Answer } from "./answer.ts";
import { callersWord, fitsKey } from "./decided.ts";

// Of conditions on what an identity may do: those of a trust policy say who may come in, and are another matter (`confinement.ts`).

/**
 * What callers say of themselves as they like, what every call has, and what is always the same of a principal: where it is left open, a
 * condition on it keeps nobody out, or leaves an Allow that is none.
 */
const saysNothing: ReadonlySet<string> = new Set([
  "aws:calledviaawsmcp",
  "aws:ec2instancesourceprivateipv4",
  "aws:ec2instancesourcevpc",
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principalorgid",
  "aws:principalorgpaths",
  "aws:principaltype",
  "aws:referer",
  "aws:securetransport",
  "aws:sourceidentity",
  "aws:tokenissuetime",
  "aws:useragent",
  "aws:userid",
  "aws:viaawsmcpservice",
  "ec2:roledelivery",
  "s3:tlsversion",
]);

/** Every request has them, so that `IfExists` changes nothing. */
const alwaysThere: ReadonlySet<string> = new Set([
  "aws:currenttime",
  "aws:epochtime",
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principaltype",
  "aws:requestedregion",
]);

/** Whoever makes a stack has CloudFormation call what the stack says, with the maker's own permissions. */
const callsWhatOneLikes = "cloudformation.amazonaws.com";
const calledVia = /^aws:calledvia(?:first|last)?$/;

/** A policy or boundary that is none of these may be a small one. */
const wholePolicies = ["AdministratorAccess", "IAMFullAccess", "PowerUserAccess"];
const namesPolicy = /^iam:(?:policyarn|permissionsboundary)$/;

const allowsWholePolicy = (value: string): boolean =>
  wholePolicies.some((name) =>
    ["aws", "aws-cn", "aws-us-gov"].some((partition) =>
      matchesWildcard(value, `arn:${partition}:iam::aws:policy/${name}`),
    ),
  );

/** Whoever may make policies makes one that such a pattern allows. */
const allowsAnyOwn = (value: string): boolean => {
  const ofAny = value.replace(/^arn:[^:]*:/, "arn:*:").replace(/:(?:\d{12}|\$\{aws:\w+account\}):/i, ":*:");
  // No policy and no path is called so, and neither is what a pattern names.
  return (
    matchesWildcard(ofAny, "arn:aws:iam::111122223333:policy/ ") ||
    matchesWildcard(ofAny, "arn:aws:iam::111122223333:policy/ / ")
  );
};

/** As a pattern in which what the caller says of itself is whatever it likes. */
const asPattern = (value: string): string =>
  value.replaceAll(/\$\{([^},]*)[^}]*\}/g, (written, key: string) =>
    callersWord.test(key.trim().toLowerCase()) ? "*" : written,
  );

/** Nothing but wildcards, and what stands between the parts of names. */
const matchesAll = (pattern: string): boolean =>
  /^[^a-z0-9$]*[*?][^a-z0-9$]*$/i.test(pattern) || /^arn(?::\*){4,}$/.test(pattern);

const confines = (operator: string, key: string, written: readonly string[]): boolean => {
  const { set, name, ifExists } = parseOperator(operator);
  const lower = key.toLowerCase();
  const values = written.map(asPattern);
  if (name === "null") return lower === "aws:multifactorauthage" && values.every((value) => /^false$/i.test(value));
  if (Object.hasOwn(negations, name) && set !== "foranyvalue") return false;
  if ((ifExists || set === "forallvalues") && !alwaysThere.has(lower)) return false;
  if (saysNothing.has(lower)) return false;
  if (/^aws:(?:current|epoch)time$/.test(lower) && !fitsKey(operator, lower, written)) return false;
  if (lower === "aws:sourceip") return whyPublic(values) === undefined;
  if (calledVia.test(lower) && values.some((value) => matchesWildcard(value, callsWhatOneLikes))) return false;
  if (lower === "aws:viaawsservice") return values.every((value) => /^true$/i.test(value));
  if (lower === "aws:multifactorauthpresent") return values.every((value) => /^true$/i.test(value));
  if (lower === "aws:multifactorauthage" && name.startsWith("numericgreater")) return false;
  const arePatterns = name === "stringlike" || name.startsWith("arn");
  const allowsTooMuch = (value: string) => allowsWholePolicy(value) || (arePatterns && allowsAnyOwn(value));
  if (namesPolicy.test(lower) && values.some(allowsTooMuch)) return false;
  return !values.some((value, at) => (arePatterns || value !== written[at]) && matchesAll(value));
};

/**
 * Whether conditions of an Allow narrow what it gives: not those that leave out some values and let through all others, that are
 * true where their key is absent, that match whatever is there, or whose value the caller chooses.
 */
export const narrows = (conditions: ConditionBlock): boolean =>
  Object.entries(conditions).some(([operator, keys]) =>
    Object.entries(keys).some(([key, values]) => confines(operator, key, values)),
  );

/**
 * Whether something can be done by whoever just tries: the answer is yes, or conditional on nothing that narrows. In each layer one
 * statement has to let it through.
 */
export const isOpen = ({ decision, confinedBy }: Pick<Answer, "decision" | "confinedBy">): boolean => {
  if (decision !== "conditional") return decision === "yes";
  const layers = Map.groupBy(confinedBy, ({ layer, node }) => `${layer} ${node ?? ""}`);
  return (
    layers.size > 0 &&
    [...layers.values()].every((all) => all.some(({ conditions, isPartial }) => !isPartial && !narrows(conditions)))
  );
};
