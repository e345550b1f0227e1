/** A text as a policy value that stands for it alone: in policies `*` and `?` are wildcards and `$` begins a variable. */
export const literalText = (text: string): string => text.replace(/[*?$]/g, (character) => `\${${character}}`);
