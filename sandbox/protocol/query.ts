import XmlBuilder from "fast-xml-builder";
import type { Service } from "./service.ts";

type Tree = { [name: string]: Tree | string };

/**
 * The form fields of an AWS Query request as nested objects: `Tags.member.1.Key=a` becomes `{Tags: [{Key: "a"}]}`,
 * and `entry` lists of keys (or `Name`s) and values become objects.
 */
export const parseQuery = (body: string): Record<string, unknown> => {
  const root: Tree = Object.create(null);
  for (const [name, value] of new URLSearchParams(body)) {
    const parts = name.split(".");
    let node = root;
    for (const part of parts.slice(0, -1)) {
      const next = node[part];
      const child: Tree = typeof next === "object" ? next : Object.create(null);
      node[part] = child;
      node = child;
    }
    node[parts.at(-1) ?? name] = value;
  }
  return Object.fromEntries(Object.entries(root).map(([name, tree]) => [name, collapse(tree)]));
};

const collapse = (tree: Tree | string): unknown => {
  if (typeof tree === "string") return tree;
  const names = Object.keys(tree);
  const only = names.length === 1 ? tree[names[0] ?? ""] : undefined;
  if (typeof only === "object" && (names[0] === "member" || names[0] === "entry")) {
    const items = Object.keys(only)
      .sort((a, b) => Number(a) - Number(b))
      .map((index) => collapse(only[index] ?? ""));
    return names[0] === "member" ? items : Object.fromEntries(items.map(entryOf));
  }
  return Object.fromEntries(names.map((name) => [name, collapse(tree[name] ?? "")]));
};

const entryOf = (item: unknown): [string, unknown] => {
  const { key, Name, value, Value } = Object(item);
  return [String(key ?? Name), value ?? Value];
};

const builder = new XmlBuilder({ ignoreAttributes: false, suppressEmptyNode: true });

/** A carriage return has to be written as a reference, or whoever reads it makes it a line feed. */
const xml = (tree: object): string => builder.build(tree).replaceAll("\r", "&#xD;");

const xmlValue = (value: unknown): unknown => {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Date) return timestamp(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.length === 0 ? "" : { member: value.map(xmlValue) };
  if (value instanceof Map) return { entry: [...value].map(([key, item]) => ({ key, value: xmlValue(item) })) };
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, xmlValue(item)]));
  }
  return value;
};

/** ISO 8601 in whole seconds, as IAM writes it. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

type QueryProtocol = Extract<Service["protocol"], { type: "query" }>;

export const queryResponse = (
  protocol: QueryProtocol,
  operation: string,
  output: object | undefined,
  requestId: string,
): string =>
  xml({
    [`${operation}Response`]: {
      "@_xmlns": protocol.namespace,
      ...(output && { [`${operation}Result`]: xmlValue(output) }),
      ResponseMetadata: { RequestId: requestId },
    },
  });

export const queryError = (
  namespace: string,
  error: { code: string; message: string; status: number },
  requestId: string,
): string =>
  xml({
    ErrorResponse: {
      "@_xmlns": namespace,
      Error: { Type: error.status < 500 ? "Sender" : "Receiver", Code: error.code, Message: error.message },
      RequestId: requestId,
    },
  });
