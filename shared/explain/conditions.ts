import { conditionHolds, parseOperator } from "../policy/language/condition.ts";
import type { ConditionBlock, Statement } from "../policy/language/document.ts";
import type { Ternary } from "../policy/language/ternary.ts";
import type { RequestContext } from "../policy/language/variables.ts";

/** One line of a condition block, held against a request. */
export interface JudgedCondition {
  /** As the policy spells them. */
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
  /** The request's values, none if it does not have the key; absent if nobody knows. */
  readonly actual?: readonly string[];
  readonly holds: Ternary;
}

export const judgeConditions = (conditions: ConditionBlock, context: RequestContext): readonly JudgedCondition[] =>
  Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, wanted]): JudgedCondition => {
      const actual = context.get(key.toLowerCase());
      const holds = conditionHolds({ [operator]: { [key]: wanted } }, context);
      return { operator, key, wanted, ...(actual && { actual }), holds };
    }),
  );

const variableKeys = (text: string): readonly string[] =>
  [...text.matchAll(/\$\{\s*([^},\s]+)[^}]*\}/g)].flatMap(([, key = ""]) => (/^[*?$]$/.test(key) ? [] : [key]));

/** The condition keys that a statement reads, in its conditions and by variables, of which a request's values are not known. */
export const unknownKeys = (
  { conditions, resources = [], notResources = [] }: Statement,
  context: RequestContext,
): readonly string[] => {
  const read = [
    ...Object.values(conditions).flatMap((keys) =>
      Object.entries(keys).flatMap(([key, wanted]) => [key, ...wanted.flatMap(variableKeys)]),
    ),
    ...[...resources, ...notResources].flatMap(variableKeys),
  ];
  return [...new Set(read)].filter((key) => !context.has(key.toLowerCase()));
};

/** What a person can do about a key's value: by the key, or what it begins with. */
const ways: readonly (readonly [key: string, how: string])[] = [
  [
    "aws:multifactorauth",
    "make the call in a session with MFA: sign in with it, or take credentials of `aws sts get-session-token --serial-number … --token-code …`",
  ],
  ["sts:externalid", "pass the ExternalId that the trust policy asks for"],
  ["sts:rolesessionname", "use a session name that the trust policy takes"],
  ["sts:sourceidentity", "set the source identity that the trust policy takes"],
  ["aws:requestedregion", "make the call in a Region that the policy takes"],
  ["aws:sourceip", "make the call from a network that the policy takes"],
  ["aws:sourcevpc", "make the call through a VPC endpoint that the policy takes"],
  ["aws:vpcsourceip", "make the call from a network that the policy takes"],
  ["aws:securetransport", "make the call over HTTPS"],
  ["aws:requesttag/", "pass the tag that the policy asks for"],
  ["aws:tagkeys", "pass only tags that the policy takes"],
  ["iam:permissionsboundary", "pass the permissions boundary that the policy asks for"],
  ["aws:currenttime", "make the call at a time that the policy takes"],
  ["aws:epochtime", "make the call at a time that the policy takes"],
];

/** How whoever makes a request could give a condition key another value; `undefined` if it is not theirs to choose. */
export const wayToMeet = (key: string): string | undefined => {
  if (/:aud$/i.test(key)) return "ask the identity provider for a token of the audience that the trust policy takes";
  return ways.find(([start]) => key.toLowerCase().startsWith(start))?.[1];
};

/** Whether the operator asks that the values match, as opposed to that they do not, or that they are absent. */
export const isPositive = (operator: string): boolean => {
  const { name } = parseOperator(operator);
  return name !== "null" && !name.includes("not");
};
