import { MalformedInputError } from "../errors.ts";

/** The text of one JSON object of a log, not yet parsed. */
export interface JsonObjectText {
  readonly text: string;
  /** Where it begins; the first line is 1. */
  readonly line: number;
}

/** A stretch of a log that holds no JSON object. */
export interface UnreadableText {
  readonly error: string;
  readonly line: number;
}

/** In characters: several times the largest record. What is longer is a file that lost its closing brackets. */
const longestObject = 4 * 1024 * 1024;

/** Enough of the text ahead to tell how a line begins. */
const lookahead = 64;

const structural = /["{}[\]\n]/g;
const inString = /["\\\n]/g;
const wholeString = /"(?:[^"\\\n]|\\.)*"/y;

/** How the next log file's record begins, wherever the one before it went wrong. */
const nextRecord = /,[ \t]*(?=\{"eventVersion")/g;

type Mode = "between" | "object" | "string" | "after" | "lost";

/**
 * Cuts a log into its JSON objects while it streams by, holding no more than one of them: objects one a line (JSON
 * Lines) or printed over many, the elements of a list, and those of the `Records` of a CloudTrail log file, on one line
 * or many. Brackets are matched, the rest is left to the JSON parser; where they do not match, or a string is not
 * closed, that object is reported and reading goes on at the next: the next line, the next line indented like the
 * broken object's first, or within `Records` the next record. Text that ends in a MalformedInputError is used up to
 * there, and the error told.
 */
export async function* jsonObjects(chunks: AsyncIterable<string>): AsyncGenerator<JsonObjectText | UnreadableText> {
  const cutter = createCutter();
  let problem: string | undefined;
  try {
    for await (const chunk of chunks) yield* cutter.take(chunk);
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
    problem = error.message;
  }
  yield* cutter.end(problem);
}

/** Takes chunks and gives the objects that are complete by then. */
const createCutter = () => {
  let text = "";
  let at = 0;
  let line = 1;
  let indent: string | undefined = "";
  let mode: Mode = "between";
  let list: { readonly kind: "array" | "records"; readonly line: number } | undefined;
  let start = { at: 0, line: 1, indent: "" };
  /** The object being read begins with a bracket alone on its line, as printers have it. */
  let printed = false;
  let open: string[] = [];
  const out: (JsonObjectText | UnreadableText)[] = [];

  const newline = (): void => {
    line += 1;
    at += 1;
    indent = "";
  };

  /** Reports the object being read and goes back to just after its beginning to look for the next one. */
  const lose = (error: string): void => {
    out.push({ error, line: start.line });
    printed = /^\{[ \t]*\r?\n/.test(text.slice(start.at, start.at + lookahead));
    at = start.at + 1;
    line = start.line;
    mode = "lost";
  };

  const find = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.index ?? -1;
  };

  const between = (): void => {
    const char = text.charAt(at);
    if (char === "\n") {
      newline();
    } else if (char === " " || char === "\t") {
      indent = indent === undefined ? undefined : indent + char;
      at += 1;
    } else {
      beginning(char);
      indent = undefined;
    }
  };

  /** What is neither blank nor within an object: brackets of a list, commas, the next object, or nothing of use. */
  const beginning = (char: string): void => {
    if (char === "[" && list === undefined) {
      list = { kind: "array", line };
    } else if (char === "]" && list !== undefined) {
      mode = list.kind === "records" ? "after" : "between";
      open = ["{"];
      list = undefined;
    } else if (char !== "," && char !== "\r") {
      start = { at, line, indent: indent ?? start.indent };
      if (char !== "{") {
        if (list?.kind === "array" && list.line === line) list = undefined;
        lose("expected a JSON object here");
        return;
      }
      open = ["{"];
      mode = "object";
    }
    at += 1;
  };

  const object = (atEnd: boolean): boolean => {
    const found = find(structural);
    at = found === -1 ? text.length : found;
    if (at - start.at > longestObject) {
      lose(`a JSON object of more than ${longestObject} characters`);
      return true;
    }
    if (found === -1) return false;
    const char = text.charAt(at);
    if (char === "\n") {
      if (!atEnd && text.length - at < lookahead) return false;
      // An object that begins a line is the next one of JSON Lines; no printer puts a nested one there.
      if (/^\{[ \t]*"/.test(text.slice(at + 1, at + lookahead))) lose("a JSON object that is cut short");
      else newline();
    } else if (char === '"') {
      mode = "string";
      at += 1;
    } else if (char === "{" || char === "[") {
      if (char === "[" && beginsRecords()) return true;
      open.push(char);
      at += 1;
    } else if (open.pop() !== (char === "}" ? "{" : "[")) {
      lose("a JSON object whose brackets do not match");
    } else {
      at += 1;
      if (open.length === 0) {
        out.push({ text: text.slice(start.at, at), line: start.line });
        mode = "between";
      }
    }
    return true;
  };

  /** The list of a CloudTrail log file: its elements are what is looked for, not the object around them. */
  const beginsRecords = (): boolean => {
    if (list !== undefined || open.length > 1) return false;
    if (!/"Records"\s*:\s*$/.test(text.slice(Math.max(start.at, at - lookahead), at))) return false;
    list = { kind: "records", line };
    mode = "between";
    at += 1;
    return true;
  };

  const string = (): boolean => {
    const found = find(inString);
    at = found === -1 ? text.length : found;
    if (at - start.at > longestObject) {
      lose(`a JSON object of more than ${longestObject} characters`);
      return true;
    }
    const char = text.charAt(at);
    if (found === -1 || (char === "\\" && at + 1 >= text.length)) return false;
    if (char === "\n") {
      lose("a JSON string that is not closed");
      return true;
    }
    if (char === '"') mode = "object";
    at += char === "\\" ? 2 : 1;
    return true;
  };

  /** What follows `Records` in its object: nothing that is of use, up to the closing bracket. */
  const after = (atEnd: boolean): boolean => {
    const found = find(structural);
    at = found === -1 ? text.length : found;
    if (found === -1) return false;
    const char = text.charAt(at);
    if (char === "\n") {
      if (!atEnd && text.length - at < lookahead) return false;
      newline();
      if (text.startsWith("{", at)) mode = "between";
    } else if (char === '"') {
      wholeString.lastIndex = at;
      const string = wholeString.exec(text)?.[0];
      if (string === undefined && !atEnd) return false;
      at += string?.length ?? 1;
    } else {
      if (char === "{" || char === "[") open.push(char);
      else open.pop();
      at += 1;
      if (open.length === 0) mode = "between";
    }
    return true;
  };

  const lost = (atEnd: boolean): boolean => {
    const end = text.indexOf("\n", at);
    const next = list ? find(nextRecord) : -1;
    if (next !== -1 && (end === -1 || next < end)) {
      at = next;
      mode = "between";
      return true;
    }
    if (end === -1) {
      // The beginning of a record may be cut in two by the chunk's end.
      at = atEnd ? text.length : Math.max(at, text.length - lookahead);
      return false;
    }
    const ahead = start.indent.length + lookahead;
    if (!atEnd && text.length - end < ahead) {
      at = end;
      return false;
    }
    // A broken line of JSON Lines ends with the line, an object printed over many lines where the next one begins.
    at = end;
    newline();
    if (!printed || text.startsWith(`${start.indent}{`, at)) mode = "between";
    return true;
  };

  const step = (atEnd: boolean): boolean => {
    switch (mode) {
      case "between":
        between();
        return true;
      case "object":
        return object(atEnd);
      case "string":
        return string();
      case "after":
        return after(atEnd);
      case "lost":
        return lost(atEnd);
    }
  };

  const flush = (): (JsonObjectText | UnreadableText)[] => {
    const keepFrom = mode === "object" || mode === "string" ? start.at : at;
    text = text.slice(keepFrom);
    at -= keepFrom;
    start = { ...start, at: start.at - keepFrom };
    return out.splice(0);
  };

  return {
    take: (chunk: string) => {
      text += chunk;
      while (at < text.length && step(false)) {}
      return flush();
    },
    /** What is left; `problem` is what the log's end is due to, if it is not the end of the file. */
    end: (problem?: string) => {
      for (;;) {
        while (at < text.length && step(true)) {}
        if (mode !== "object" && mode !== "string") break;
        lose("a JSON object that is cut short");
      }
      const error = problem ?? (list && "the log ends within its list of records");
      if (error !== undefined) out.push({ error, line });
      return flush();
    },
  };
};
