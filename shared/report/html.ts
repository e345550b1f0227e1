import { visibleText } from "../visible-text.ts";

/** Text that is HTML already: nothing else gets into a page unescaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Part = string | number | Html | readonly Part[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const render = (part: Part): string => {
  if (part instanceof Html) return part.text;
  if (typeof part === "string") return visibleText(part).replace(/[&<>"']/g, (character) => entities[character] ?? "");
  return typeof part === "number" ? part.toLocaleString("en-US") : part.map(render).join("");
};

/**
 * HTML with values in it: text is escaped, with everything unseen in it made visible, and HTML stays as it is. Values are
 * content, or attributes in quotes; never a tag's or attribute's name, a style or a URL.
 */
export const html = (template: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(String.raw({ raw: template }, ...parts.map(render)));
