import { brotliDecompressSync } from "node:zlib";

export type AccessLevel = "List" | "Read" | "Write" | "Tagging" | "Permissions management";

/** One action of AWS's Service Authorization Reference. */
export interface KnownAction {
  /** `service:Operation`, as AWS spells it. */
  readonly id: string;
  /** The part before the colon, in lower case. */
  readonly service: string;
  readonly level: AccessLevel;
  /** Whether a statement can name resources for it. An action without is only ever asked of `*`. */
  readonly hasResources: boolean;
}

const letters: Readonly<Record<AccessLevel, string>> = {
  List: "L",
  Read: "R",
  Write: "W",
  Tagging: "T",
  "Permissions management": "P",
};
const levelOf = new Map(Object.entries(letters).map(([level, letter]) => [letter, level as AccessLevel]));

/** How the table writes a level: a capital where the action has resources. */
export const letterOf = (level: AccessLevel, hasResources: boolean): string =>
  hasResources ? letters[level] : letters[level].toLowerCase();

/**
 * Reads the table. A line is a service: `s3:Bucket=CreateW,ListL+;Object=GetR`. What stands before `=` is acted on; what
 * follows are the words before it, each with the letter of its level; `+` adds an s: `CreateBucket`, `ListBuckets`.
 */
export const decodeActions = (base64: string): readonly KnownAction[] =>
  brotliDecompressSync(Buffer.from(base64, "base64")).toString("utf8").split("\n").flatMap(readService);

const readService = (line: string): KnownAction[] => {
  const colon = line.indexOf(":");
  const service = line.slice(0, colon);
  return line
    .slice(colon + 1)
    .split(";")
    .flatMap((entry) => {
      const [noun = "", codes = ""] = entry.split("=");
      return codes.split(",").map((code) => readAction(service, noun, code));
    });
};

const readAction = (service: string, noun: string, code: string): KnownAction => {
  const isPlural = code.endsWith("+");
  const end = code.length - (isPlural ? 2 : 1);
  const letter = code.charAt(end);
  const level = levelOf.get(letter.toUpperCase());
  if (level === undefined) throw new RangeError(`the action table says "${code}" of ${service}:${noun}`);
  const id = `${service}:${code.slice(0, end)}${noun}${isPlural ? "s" : ""}`;
  return { id, service, level, hasResources: letter === letter.toUpperCase() };
};
