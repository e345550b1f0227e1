import { isUnresolved } from "../../cloudformation/unresolved.ts";
import { type Fact, known } from "../../facts/facts.ts";
import { offsetsInString, parseJson } from "../../text/json.ts";
import { createPositions, type Positions, type Range } from "../../text/positions.ts";
import { SourceError } from "../../text/source-error.ts";
import { notYet } from "../unstated.ts";
import { parseYaml } from "./yaml.ts";

/** A text that was read, with where everything in it stands. */
export interface Source {
  readonly text: string;
  readonly value: unknown;
  readonly positions: Positions;
}

/** In characters. A plan of a large configuration has some tens of millions; a string cannot have more than half a billion. */
const longest = 200_000_000;

/**
 * Reads JSON or YAML: by the file's name, else by how the text begins.
 * @param fileName whose ending may tell the format
 * @throws SourceError that says where it is neither
 */
export const readSource = (text: string, fileName: string): Source => {
  if (text.length > longest)
    throw new SourceError(0, `the text has ${text.length} characters; at most ${longest} are read`);
  const undecoded = text.search(/[\0\uFFFD]/);
  if (undecoded >= 0) throw new SourceError(undecoded, "the text is not UTF-8 here; save it in UTF-8");
  if (text.trim() === "") throw new SourceError(0, "the text is empty");
  const positions = createPositions();
  const isJson = /\.json$/i.test(fileName) || (!/\.ya?ml$/i.test(fileName) && /^\uFEFF?\s*[[{]/.test(text));
  return { text, value: isJson ? parseJson(text, positions) : parseYaml(text, positions), positions };
};

/** The statements of a policy document, which may be one or a list; none of what has none. */
export const statementsIn = (document: unknown): readonly unknown[] =>
  typeof document === "object" && document !== null && "Statement" in document ? [document.Statement].flat() : [];

/** A policy document, and where it stands. */
export interface Document {
  /** Unknown where only a deployment can tell it, or it is not JSON. */
  readonly content: Fact<unknown>;
  readonly at: Range;
}

/**
 * What an object has under a key, as a policy document: itself, or JSON in a text. Each object of it has its place.
 * @param content what stands there, if it is made from what the text has
 * @throws SourceError where a text is no JSON
 */
export const documentAt = (
  source: Source,
  parent: object,
  key: string,
  content: unknown,
  fallback: Range,
): Document => {
  const { positions, text } = source;
  const at = positions.of(content) ?? positions.at(parent, key) ?? fallback;
  if (typeof content !== "string") return { content: unlessOpen(content), at };
  if (isUnresolved(content) && !content.trimStart().startsWith("{")) return { content: notYet(content), at };
  const outer = text[at.start] === '"' ? offsetsInString(text, at.start) : () => at.start;
  return { content: unlessOpen(parseJson(content, positions, outer)), at };
};

/** A document is as good as unknown where nobody can tell yet which statements it has, or what one is about. */
const unlessOpen = (content: unknown): Fact<unknown> => {
  const open = [statementOf(content), ...statementsIn(content).flatMap(decidingParts)].find(
    (part): part is string => typeof part === "string" && isUnresolved(part),
  );
  return open === undefined ? known(content) : notYet(open);
};

const statementOf = (document: unknown): unknown =>
  typeof document === "object" && document !== null && "Statement" in document ? document.Statement : document;

/** Without which nobody can tell what a statement does. An Allow of an unknown action allows no less than the others do. */
const decidingParts = (statement: unknown): readonly unknown[] => {
  if (typeof statement !== "object" || statement === null) return [statement];
  const { Effect, Action, NotAction, Principal, Condition } = statement as Readonly<Record<string, unknown>>;
  const operators = typeof Condition === "object" && Condition !== null ? Object.values(Condition) : [];
  const actions = [NotAction, ...(Effect === "Allow" ? [] : [Action])].flat();
  return [Effect, Principal, Condition, ...operators, ...actions];
};
