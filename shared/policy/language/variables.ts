import { literalPattern, type Pattern, wildcardPattern } from "../../wildcard.ts";

/** The values of condition keys in a request; a key that is not there is absent from the request. Keys in lower case. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

/** Condition keys are matched without regard to case. */
export const requestContext = (values: Readonly<Record<string, string | readonly string[]>>): RequestContext =>
  new Map(
    Object.entries(values).map(([key, value]) => [key.toLowerCase(), typeof value === "string" ? [value] : value]),
  );

const variable = /\$\{([^}]*)\}/g;

/**
 * A policy value as a pattern: `${key}` stands for the request's single value of that key (never a wildcard, whatever
 * it holds), `${key, 'default'}` for the default where the key is absent, `${*}`, `${?}` and `${$}` for the character.
 * `undefined` if a variable has no value, or several: then the value matches nothing.
 */
export const patternOf = (value: string, context: RequestContext): Pattern | undefined => {
  if (!value.includes("${")) return wildcardPattern(value);
  const parts: Pattern[] = [];
  let end = 0;
  for (const match of value.matchAll(variable)) {
    parts.push(wildcardPattern(value.slice(end, match.index)));
    const text = valueOfVariable(match[1] ?? "", context);
    if (text === undefined) return undefined;
    parts.push(literalPattern(text));
    end = match.index + match[0].length;
  }
  parts.push(wildcardPattern(value.slice(end)));
  return parts.flat();
};

const valueOfVariable = (expression: string, context: RequestContext): string | undefined => {
  if (expression === "*" || expression === "?" || expression === "$") return expression;
  const withDefault = /^\s*([^,\s]+)\s*,\s*'([^']*)'\s*$/.exec(expression);
  const key = (withDefault?.[1] ?? expression).trim().toLowerCase();
  const values = context.get(key);
  return values === undefined ? withDefault?.[2] : values.length === 1 ? values[0] : undefined;
};
