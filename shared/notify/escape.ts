import { visibleText } from "../visible-text.ts";

/**
 * A piece of a message. A plain string is ours; what came from AWS (names, ARNs, reasons with names in them, error messages)
 * is marked, and each channel shows it so that it cannot act: `name` for what stands for itself, `prose` for a sentence.
 */
export type Span = string | { readonly name: string } | { readonly prose: string };
export type Text = Span | readonly Span[];

/** At most these many characters of a name or a sentence are shown. */
const limits = { name: 200, prose: 1_000 };

/** Start and end of a text that is longer than the limit, and how long it is where there is room to say so. */
export const shorten = (text: string, limit: number): string => {
  const characters = text.length <= limit ? [] : [...text];
  if (characters.length <= limit) return text;
  const note = limit < 40 ? "" : ` (${characters.length} characters)`;
  const room = limit - note.length - 1;
  const head = Math.ceil(room * 0.7);
  return `${characters.slice(0, head).join("")}…${characters.slice(characters.length - (room - head)).join("")}${note}`;
};

/** No scheme and no `www.` is left for a mail client or chat to make a link of: `https[:]//`, as the field writes it. */
const withoutLinks = (text: string): string =>
  text
    .replaceAll("://", "[:]//")
    .replace(/(?<![a-z0-9])(www)\./gi, "$1[.]")
    .replace(/(?<![a-z0-9])(mailto|javascript|data|tel):/gi, "$1[:]");

const shown = (text: string, limit: number): string => withoutLinks(visibleText(shorten(text, limit)));

const joined = (text: Text, one: (span: Span) => string): string =>
  typeof text === "string" || !isList(text) ? one(text) : text.map(one).join("");

const isList = (text: Text): text is readonly Span[] => Array.isArray(text);

/** As plain text, for email: nothing invisible, no line break, no link. */
export const plain = (text: Text): string =>
  joined(text, (span) => {
    if (typeof span === "string") return span;
    return "name" in span ? shown(span.name, limits.name) : shown(span.prose, limits.prose);
  });

/** As an email subject for SNS: ASCII on one line. */
export const ascii = (text: Text): string =>
  plain(text)
    .replaceAll("…", "...")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\x20-\x7e]/gu, "?");

/** `&`, `<` and `>` as entities: no tag, no `<!channel>`, `<@U…>` or `<url|text>`. */
const withoutAngles = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** `@channel` and its like, which some clients honour even without brackets. An address keeps its sign. */
const withoutMentions = (text: string): string =>
  text.replace(/(?<![\p{L}\p{N}._-])@|@(?=(?:channel|here|everyone|all|group)\b)/giu, "＠");

/** Neither Slack nor Teams has an escape that the other understands, so what they read as markup becomes its look-alike. */
const withoutMarkup = (text: string): string =>
  text
    .replaceAll("*", "∗")
    .replaceAll("`", "ˋ")
    .replaceAll("~", "∼")
    .replaceAll("](", "] (")
    .replaceAll("![", "! [")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "＿");

/** As chat markdown for Slack and Teams: a name is a code span, a sentence is text without markup of its own. */
export const chat = (text: Text): string =>
  joined(text, (span) => {
    if (typeof span === "string") return span;
    if ("prose" in span) return withoutAngles(withoutMentions(withoutMarkup(shown(span.prose, limits.prose))));
    const name = withoutMentions(shown(span.name, limits.name)).replaceAll("`", "ˋ");
    return name === "" ? "" : `\`${withoutAngles(name)}\``;
  });

/** A text rendered in at most so many characters: what came from AWS is shortened, evenly, until it fits. */
export const within = (limit: number, text: Text, render: (text: Text) => string): string => {
  const spans = isList(text) ? text : [text];
  for (let keep = limits.prose; keep >= 8; keep = Math.floor(keep / 1.4)) {
    const rendered = render(
      spans.map((span) => {
        if (typeof span === "string") return span;
        return "name" in span ? { name: shorten(span.name, keep) } : { prose: shorten(span.prose, keep) };
      }),
    );
    if (rendered.length <= limit) return rendered;
  }
  return shorten(render(spans.filter((span) => typeof span === "string")), limit);
};

/**
 * A value as one word of a shell's command line. What IAM allows in a name stands as it is, unless it begins with what an
 * option, a file or (`=ls` in zsh) a command's path does; anything else goes into `$'…'` with escapes, so that nothing in it
 * acts, in the shell or in the channel that shows it.
 */
export const shellQuote = (value: string): string => {
  if (/^(?![-@=])[A-Za-z0-9_+=,.@:/-]+$/.test(value) && !/@(?:channel|here|everyone|all|group)\b/i.test(value))
    return value;
  const escaped = [...value]
    .map((character) => {
      if (/[A-Za-z0-9 +=,.-]/.test(character)) return character;
      const code = character.codePointAt(0) ?? 0;
      const hex = code.toString(16);
      if (code < 0x80) return `\\x${hex.padStart(2, "0")}`;
      return code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
    })
    .join("");
  return `$'${escaped}'`;
};
