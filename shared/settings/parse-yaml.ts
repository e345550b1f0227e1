import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { messageOf } from "../errors.ts";
import type { Problem, Written } from "./problems.ts";
import { readSettingsText, type Unreadable } from "./read-text.ts";
import type { Settings } from "./settings.ts";

/**
 * Reads `warden.config.yaml`, as people write it; functions read it as JSON (`parse-json.ts`), without a reader of YAML. A file
 * without content stands for the defaults.
 * @throws SettingsError with a line for each problem, in the file's order: `file:line:column path: what is wrong; what would
 *   be right`
 */
export const parseSettings = (text: string, fileName: string): Settings => readSettingsText(text, fileName, readYaml);

const readYaml = (text: string): Written | Unreadable => {
  try {
    const document = parseDocument(text, { prettyErrors: false, logLevel: "error" });
    const broken = [...document.errors, ...document.warnings];
    if (broken.length > 0) return { unreadable: broken.map(syntaxProblem) };
    return {
      value: document.toJS() ?? { version: 1 },
      offsetOf: (path) => offsetOf(document, path),
      offsetOfKey: (path, key) => offsetOfKey(document, path, key),
    };
  } catch (cause) {
    // Nesting that exhausts the stack, or aliases that multiply beyond the reader's limit.
    const problem = `the file: cannot be read (${messageOf(cause)}); write plain YAML without deep nesting`;
    return { unreadable: [{ offset: 0, text: problem }], cause };
  }
};

const syntaxProblem = (error: YAMLError): Problem => {
  const offset = error.pos[0];
  if (error.code === "DUPLICATE_KEY")
    return { offset, text: "syntax: the same key stands here twice; keep one of them" };
  if (error.code === "TAB_AS_INDENT") return { offset, text: "syntax: a tab is used to indent; write spaces" };
  if (error.code === "MULTIPLE_DOCS") return { offset, text: "syntax: a second document begins here; write only one" };
  return { offset, text: `syntax: ${error.message.split("\n")[0]}; write plain YAML` };
};

/** Keys are compared as text: an account id without quotes is a number to YAML. */
const nodeAt = (document: Document.Parsed, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((node, step) => {
    if (isSeq(node)) return node.items[Number(step)];
    return isMap(node) ? pairOf(node, String(step))?.value : undefined;
  }, document.contents);

const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);

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
