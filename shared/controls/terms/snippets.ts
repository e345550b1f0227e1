/** A part of a policy, as snippets write it: a text, a list of texts, or what has names. */
export type SnippetValue = string | readonly string[] | SnippetElements;
export interface SnippetElements {
  readonly [name: string]: SnippetValue;
}

/** Text in quotes, for a comment or a value: no line can end within it, and no chat takes it as calling for everybody. */
export const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll(/@(?=(?:channel|here|everyone|all|group)\b)/gi, "\\u0040");

/** The same in HCL, where `${` and `%{` begin an expression. */
export const quotedHcl = (text: string): string => quoted(text).replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);

/** YAML and HCL take names that are not plain in quotes. */
const named = (text: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? text : quoted(text));

/** A value on one line. */
const inLine = (
  quote: (text: string) => string,
  nameOf: (text: string) => string,
  between: string,
): ((value: SnippetValue) => string) => {
  const write = (value: SnippetValue): string => {
    if (typeof value === "string") return quote(value);
    if (isList(value)) return `[${value.map(quote).join(", ")}]`;
    return `{ ${Object.entries(value)
      .map(([name, each]) => `${nameOf(name)}${between}${write(each)}`)
      .join(", ")} }`;
  };
  return write;
};

const isList = (value: readonly string[] | SnippetElements): value is readonly string[] => Array.isArray(value);

const jsonValue = inLine(quoted, quoted, ": ");
const yamlValue = inLine(quoted, named, ": ");
const hclValue = inLine(quotedHcl, named, " = ");

/** An object, its elements a line each. */
export const jsonObject = (elements: SnippetElements, indent: string): string =>
  `${indent}{\n${Object.entries(elements)
    .map(([name, value]) => `${indent}  ${quoted(name)}: ${jsonValue(value)}`)
    .join(",\n")}\n${indent}}`;

/** An item of a list, its elements a line each. */
export const yamlItem = (elements: SnippetElements, indent: string): string =>
  Object.entries(elements)
    .map(([name, value], index) => `${indent}${index === 0 ? "-" : " "} ${name}: ${yamlValue(value)}`)
    .join("\n");

/** The attributes of an object, a line each; `terraform fmt` aligns the equals signs of lines that follow each other. */
export const hclAttributes = (elements: SnippetElements, indent: string): string => {
  const entries = Object.entries(elements);
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${indent}${name.padEnd(width)} = ${hclValue(value)}`).join("\n");
};
