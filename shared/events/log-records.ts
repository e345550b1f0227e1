import { MalformedInputError, messageOf } from "../errors.ts";
import { isObject } from "./record.ts";

/** One record of a log, not yet read as one, and the line where the JSON document that holds it begins. */
export interface LogRecord {
  readonly value: unknown;
  readonly line: number;
}

/** A stretch of a log that holds no record, and the line where it begins; the first line is 1. */
export interface UnreadableText {
  readonly error: string;
  readonly line: number;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

/** In characters: well over the largest log file that CloudTrail writes, which is one line. */
const longestDocument = 128 * 1024 * 1024;

/**
 * The records of a log while it streams by: JSON Lines, JSON documents printed over many lines, or CloudTrail's
 * `{"Records": […]}` and lists of records on one line or many. Holds one document at a time. A line that is no JSON is
 * told and costs no other; of a document over many lines that does not parse, the lines that are objects by themselves
 * are still read. Text that ends in a MalformedInputError is used up to there, and the error told.
 */
export async function* logRecords(
  chunks: AsyncIterable<string>,
  longest = longestDocument,
): AsyncGenerator<LogRecord | UnreadableText> {
  let printed: Line[] = [];
  let length = 0;
  for await (const line of linesOf(chunks, longest)) {
    if ("error" in line) {
      yield* apart(printed);
      printed = [];
      yield line;
      continue;
    }
    if (printed.length === 0) {
      if (line.text.trim() === "") continue;
      const document = parse(line.text);
      if ("value" in document) yield* recordsIn(document.value, line.number);
      else if (goesOn(line)) printed = [line];
      else yield { error: document.error, line: line.number };
      length = line.text.length;
      continue;
    }
    printed.push(line);
    length += line.text.length;
    const document = closes(line, printed) ? parse(textOf(printed)) : undefined;
    if (document !== undefined && "value" in document) {
      yield* recordsIn(document.value, printed[0]?.number ?? line.number);
      printed = [];
    } else if (length > longest) {
      yield* apart(printed);
      printed = [];
    }
  }
  yield* apart(printed);
}

/** Whether a line may be the first of a document printed over many. */
const goesOn = ({ text }: Line): boolean => /^\s*[[{]/.test(text) && /[[{,]\s*$/.test(text);

/** Whether a line begins with a bracket that can close what the first of the lines opened. */
const closes = (line: Line, [first]: readonly Line[]): boolean =>
  /^\s*[\]}]/.test(line.text) && indentOf(line) <= (first === undefined ? 0 : indentOf(first));

const indentOf = ({ text }: Line): number => text.length - text.trimStart().length;

const textOf = (lines: readonly Line[]): string => lines.map(({ text }) => text).join("\n");

/** What can be read of lines that do not make a document together. Lines further in belong to the one before them. */
function* apart(lines: readonly Line[]): Generator<LogRecord | UnreadableText> {
  const [first] = lines;
  for (const line of lines) {
    const document = parse(line.text);
    if ("value" in document && isObject(document.value)) yield* recordsIn(document.value, line.number);
    else if (line === first || (first && indentOf(line) <= indentOf(first) && /^\s*[^\s\]}]/.test(line.text))) {
      yield { error: "value" in document ? "not a JSON object" : document.error, line: line.number };
    }
  }
}

const parse = (text: string): { readonly value: unknown } | { readonly error: string } => {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: `not JSON: ${messageOf(error)}` };
  }
};

/** The elements of a list, of a log file's `Records`, or the value itself. */
function* recordsIn(document: unknown, line: number): Generator<LogRecord> {
  const list = isObject(document) ? document.Records : document;
  for (const value of Array.isArray(list) ? list : [document]) yield { value, line };
}

async function* linesOf(chunks: AsyncIterable<string>, longest: number): AsyncGenerator<Line | UnreadableText> {
  let number = 1;
  let pieces: string[] = [];
  let length = 0;
  const take = (): Line | UnreadableText => {
    const line = number++;
    const text = pieces.join("");
    const tooLong = length > longest;
    pieces = [];
    length = 0;
    return tooLong ? { error: `a line of more than ${longest} characters`, line } : { text, number: line };
  };
  const add = (piece: string) => {
    length += piece.length;
    if (length <= longest) pieces.push(piece);
  };
  try {
    for await (const chunk of chunks) {
      let from = 0;
      for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", from)) {
        add(chunk.slice(from, end));
        yield take();
        from = end + 1;
      }
      add(chunk.slice(from));
    }
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
    const line = number;
    yield take();
    yield { error: error.message, line };
    return;
  }
  yield take();
}
