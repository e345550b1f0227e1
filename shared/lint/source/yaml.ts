import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type YAMLError } from "yaml";
import { messageOf } from "../../errors.ts";
import type { Positions, Range } from "../../text/positions.ts";
import { SourceError } from "../../text/source-error.ts";

const deepest = 500;

/**
 * Reads YAML with the short forms of CloudFormation's functions (`!Sub x` is `{"Fn::Sub": "x"}`), and where each mapping and
 * list stands.
 * @throws SourceError for what is not YAML that CloudFormation reads: no aliases, no second document, no key twice
 */
export const parseYaml = (text: string, positions: Positions): unknown => {
  const document = (() => {
    try {
      return parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: false, logLevel: "error" });
    } catch (error) {
      throw new SourceError(0, `cannot be read as YAML (${messageOf(error)}); write it without deep nesting`);
    }
  })();
  const [broken] = document.errors;
  if (broken !== undefined) throw new SourceError(broken.pos[0], explain(broken));

  const rangeOf = (node: unknown): Range => {
    const [start, end] = (isNode(node) && node.range) || [0, 0];
    return { start, end };
  };
  const read = (node: unknown, depth: number): unknown => {
    const range = rangeOf(node);
    if (depth > deepest) throw new SourceError(range.start, `more than ${deepest} levels of nesting`);
    if (isAlias(node))
      throw new SourceError(range.start, `*${node.source} is an alias, which CloudFormation does not read; repeat it`);
    const value = plain(node, range, depth);
    const name = isNode(node) ? functionOf(node.tag) : undefined;
    if (name === undefined) return value;
    const made = { [name]: name === "Fn::GetAtt" && typeof value === "string" ? attributePath(value) : value };
    positions.place(made, { range, values: new Map([[name, range]]), keys: new Map() });
    return made;
  };
  const plain = (node: unknown, range: Range, depth: number): unknown => {
    const [values, keys] = [new Map<string, Range>(), new Map<string, number>()];
    if (isSeq(node)) {
      const list = node.items.map((item, index) => {
        values.set(String(index), rangeOf(item));
        return read(item, depth + 1);
      });
      positions.place(list, { range, values, keys });
      return list;
    }
    if (isMap(node)) {
      const pairs = node.items.map(({ key, value }): [string, unknown] => {
        if (!isScalar(key)) throw new SourceError(rangeOf(key).start, "a key that is no text; write a single word");
        keys.set(String(key.value), rangeOf(key).start);
        values.set(String(key.value), value === null ? rangeOf(key) : rangeOf(value));
        return [String(key.value), read(value, depth + 1)];
      });
      const object = Object.fromEntries(pairs);
      positions.place(object, { range, values, keys });
      return object;
    }
    if (!isScalar(node)) return null;
    // An account id without quotes keeps its leading zero.
    return typeof node.value === "number" && node.source !== undefined && String(node.value) !== node.source
      ? node.source
      : (node.value ?? null);
  };
  return read(document.contents, 0);
};

/** The function that a tag is short for; YAML's own tags begin with `tag:`. */
const functionOf = (tag: string | undefined): string | undefined => {
  const [, name] = /^!([A-Za-z0-9]+)$/.exec(tag ?? "") ?? [];
  if (name === undefined) return undefined;
  return name === "Ref" || name === "Condition" ? name : `Fn::${name}`;
};

/** `Queue.Arn`: what comes after the first dot is one attribute, whatever dots it has. */
const attributePath = (value: string): readonly string[] => {
  const dot = value.indexOf(".");
  return dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)];
};

const explain = (error: YAMLError): string => {
  if (error.code === "DUPLICATE_KEY") return "the same key stands here twice; keep one of them";
  if (error.code === "TAB_AS_INDENT") return "a tab is used to indent; write spaces";
  if (error.code === "MULTIPLE_DOCS") return "a second document begins here; write one for each file";
  if (error.message.includes("call stack")) return "too many levels of nesting";
  return `no YAML: ${error.message.split("\n")[0]}`;
};
