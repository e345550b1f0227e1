import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import type * as z from "zod";
import { messageOf, SettingsError } from "../errors.ts";
import { noChoiceInChat } from "./chat-schema.ts";
import { keysOf, nearest, schemaAt, showPath, whatIs, whatWouldBeRight } from "./explain.ts";
import { settingsSchema } from "./schema.ts";
import { defaultSettings, type Settings, settingsJsonSchema, toSettings } from "./settings.ts";

/** In characters. AppConfig delivers at most 4 MB; a file that a person edits is far smaller. */
const maxLength = 1_000_000;

/**
 * What a decoder puts in the place of bytes that are not UTF-8, and what UTF-16 leaves between letters. An OU's name that is
 * read wrongly is no OU's: what the file turns off there would stay on.
 */
const undecodable = /[\0\uFFFD]/;

/** Each one has to be found in the file and explained: a file that is wrong all through is told by its first ones. */
const mostProblems = 100;

interface Problem {
  readonly offset: number;
  readonly text: string;
}

/**
 * Reads `warden.config.yaml`. A file without content stands for the defaults.
 * @throws SettingsError with a line for each problem, in the file's order: `file:line:column path: what is wrong; what would
 *   be right`
 */
export const parseSettings = (text: string, fileName: string): Settings => {
  const lines = new LineCounter();
  const fail = (problems: readonly Problem[], { cause, more = 0 }: { cause?: unknown; more?: number } = {}): never => {
    const inOrder = problems.toSorted((a, b) => a.offset - b.offset || (a.text < b.text ? -1 : 1));
    const shown = inOrder.map(({ offset, text }) => {
      const { line, col } = lines.linePos(offset);
      return `${fileName}:${Math.max(line, 1)}:${Math.max(col, 1)} ${text}`;
    });
    const rest = more > 0 ? [`${fileName}: and ${more} more problems; mend these first`] : [];
    throw new SettingsError([...new Set(shown), ...rest], { cause });
  };

  if (text.length > maxLength) {
    return fail([{ offset: 0, text: `the file: has ${text.length} characters; write at most ${maxLength}` }]);
  }
  const undecoded = text.search(undecodable);
  if (undecoded >= 0) {
    return fail([{ offset: 0, text: `the file: is not UTF-8 at character ${undecoded + 1}; save it in UTF-8` }]);
  }
  let document: Document.Parsed;
  let value: unknown;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
    const broken = [...document.errors, ...document.warnings];
    if (broken.length > 0)
      return fail(broken.slice(0, mostProblems).map(syntaxProblem), { more: broken.length - mostProblems });
    value = document.toJS();
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    // Nesting that exhausts the stack, or aliases that multiply beyond the reader's limit.
    return fail(
      [{ offset: 0, text: `the file: cannot be read (${messageOf(error)}); write plain YAML without deep nesting` }],
      { cause: error },
    );
  }
  if (value === null || value === undefined) return defaultSettings();

  let parsed: ReturnType<typeof settingsSchema.safeParse>;
  try {
    parsed = settingsSchema.safeParse(value);
  } catch (error) {
    // zod compares the length of whatever has one, before it says that it is no text.
    const text = "the file: has a mapping with a key length where text belongs; write text";
    return fail([{ offset: 0, text }], { cause: error });
  }
  if (parsed.success) return toSettings(parsed.data, value);
  const issues = parsed.error.issues.flatMap(oneByOne);
  const schema = settingsJsonSchema();
  const shown = issues.slice(0, mostProblems).flatMap((issue) => problemsOf(issue, document, schema));
  return fail(shown, { more: issues.length - mostProblems });
};

/** All unknown keys of a mapping are one issue. */
const oneByOne = (issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] =>
  issue.code === "unrecognized_keys" ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue];

const syntaxProblem = (error: YAMLError): Problem => {
  const offset = error.pos[0];
  if (error.code === "DUPLICATE_KEY")
    return { offset, text: "syntax: the same key stands here twice; keep one of them" };
  if (error.code === "TAB_AS_INDENT") return { offset, text: "syntax: a tab is used to indent; write spaces" };
  if (error.code === "MULTIPLE_DOCS") return { offset, text: "syntax: a second document begins here; write only one" };
  return { offset, text: `syntax: ${error.message.split("\n")[0]}; write plain YAML` };
};

const problemsOf = (
  issue: z.core.$ZodIssue,
  document: Document.Parsed,
  schema: z.core.JSONSchema.BaseSchema,
): readonly Problem[] => {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      offset: offsetOfKey(document, issue.path, key),
      text: `${showPath([...issue.path, key])}: ${unknownKey(issue.path, key, keysOf(schemaAt(schema, issue.path)))}`,
    }));
  }
  const at = schemaAt(schema, issue.path);
  const value = valueAt(document, issue.path);
  const path = showPath(issue.path);
  const offset = offsetOf(document, issue.path);
  if (issue.code === "custom") return [{ offset, text: `${path}: ${issue.message}` }];
  const right = whatWouldBeRight(at, issue.message);
  const beyond = beyondControl(issue.path, value);
  if (beyond !== undefined) return [{ offset, text: `${path}: is ${value}, ${beyond}; ${right}` }];
  if (issue.code === "invalid_key") {
    const reason = issue.issues[0]?.message ?? issue.message;
    return [{ offset, text: `${path}: is not a possible key; write ${reason}` }];
  }
  if (value === undefined) {
    return [{ offset, text: `${path}: is missing; ${path === "version" ? "write version: 1" : right}` }];
  }
  return [{ offset, text: `${path}: ${whatIs(value)}; ${right}` }];
};

/** Why a control cannot be set to something that others can. */
const beyondControl = (path: readonly PropertyKey[], value: unknown): string | undefined => {
  const key = path.at(-1);
  if (path[0] !== "controls" || (key !== "mode" && key !== "do")) return undefined;
  if (value === "remediate") return "but this control has no repair";
  return value === "finish" && key === "do" ? "but this control has no repair that a later step finishes" : undefined;
};

const unknownKey = (path: readonly PropertyKey[], key: string, known: readonly string[]): string => {
  if (path.at(-1) === "options") {
    return `no such option; ${known.length > 0 ? `write any of ${known.join(", ")}` : "this control has none, remove it"}`;
  }
  if (path[0] === "chat" && path.length > 1 && key === "only") return noChoiceInChat;
  const meant = nearest(key, known);
  const what = path.at(-1) === "controls" ? "no such control" : "no such setting";
  return `${what}; ${meant ? `did you mean ${meant}?` : `write any of ${known.join(", ")}`}`;
};

/** Keys are compared as text: an account id without quotes is a number to YAML. */
const nodeAt = (document: Document.Parsed, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((node, step) => {
    if (isSeq(node)) return node.items[Number(step)];
    return isMap(node) ? pairOf(node, String(step))?.value : undefined;
  }, document.contents);

const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);

const valueAt = (document: Document.Parsed, path: readonly PropertyKey[]): unknown => {
  const node = nodeAt(document, path);
  return isNode(node) ? node.toJS(document) : node;
};

/** Where the node at a path begins; for one that is missing, or stands behind an alias, its nearest ancestor. */
const offsetOf = (document: Document.Parsed, path: readonly PropertyKey[]): number => {
  const node = nodeAt(document, path);
  if (isNode(node) && node.range) return node.range[0];
  return path.length > 0 ? offsetOf(document, path.slice(0, -1)) : 0;
};

const offsetOfKey = (document: Document.Parsed, path: readonly PropertyKey[], key: string): number => {
  const map = nodeAt(document, path);
  const pair = isMap(map) ? pairOf(map, key) : undefined;
  return isNode(pair?.key) && pair.key.range ? pair.key.range[0] : offsetOf(document, path);
};
