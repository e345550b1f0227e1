import { AwsError } from "../protocol/service.ts";

/** An attribute, e.g. `a.b[0]`: names and positions from the item down. */
export type Path = readonly (string | number)[];

export type Operand =
  | { readonly type: "path"; readonly path: Path }
  | { readonly type: "value"; readonly name: string }
  | { readonly type: "call"; readonly name: string; readonly args: readonly Operand[] };

export type Condition =
  | { readonly type: "and" | "or"; readonly parts: readonly Condition[] }
  | { readonly type: "not"; readonly part: Condition }
  | { readonly type: "compare"; readonly operator: string; readonly left: Operand; readonly right: Operand }
  | { readonly type: "between"; readonly of: Operand; readonly least: Operand; readonly most: Operand }
  | { readonly type: "in"; readonly of: Operand; readonly values: readonly Operand[] }
  | { readonly type: "call"; readonly name: string; readonly args: readonly Operand[] };

/** What an update puts into an attribute: one operand, or the sum or difference of two. */
export interface Assignment {
  readonly path: Path;
  readonly left: Operand;
  readonly operator?: "+" | "-";
  readonly right?: Operand;
}

export interface Update {
  readonly set: readonly Assignment[];
  readonly remove: readonly Path[];
  readonly add: readonly { readonly path: Path; readonly value: Operand }[];
  readonly delete: readonly { readonly path: Path; readonly value: Operand }[];
}

const tokenPattern = /\s*(?:(<>|<=|>=|[=<>(),.[\]+-])|([:#]?\w+))/y;

const tokensOf = (text: string): string[] => {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (text.slice(tokenPattern.lastIndex).trim() !== "") {
    const at = tokenPattern.lastIndex;
    const [, symbol, word] = tokenPattern.exec(text) ?? invalid(`Syntax error; near: "${text.slice(at, at + 20)}"`);
    tokens.push(symbol ?? word ?? "");
  }
  return tokens;
};

/** @throws AwsError `ValidationException` */
export const invalid = (message: string): never => {
  throw new AwsError("ValidationException", message);
};

const createReader = (text: string, names: Readonly<Record<string, string>>) => {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = (): string => tokens[at] ?? "";
  const is = (word: string): boolean => peek().toUpperCase() === word;
  const next = (): string => {
    const token = tokens[at] ?? invalid(`Syntax error; the expression ends too soon: ${text}`);
    at += 1;
    return token;
  };
  const take = (word: string): boolean => {
    const found = is(word);
    if (found) at += 1;
    return found;
  };
  const expect = (word: string): void => {
    if (!take(word)) invalid(`Syntax error; token: "${peek()}", ${word} was expected in: ${text}`);
  };
  const name = (): string => {
    const token = next();
    if (!token.startsWith("#"))
      return /^[A-Za-z_]\w*$/.test(token) ? token : invalid(`Syntax error; token: "${token}"`);
    return names[token] ?? invalid(`An expression attribute name used in the document path is not defined: ${token}`);
  };
  const path = (): Path => {
    const steps: (string | number)[] = [name()];
    for (;;) {
      if (take(".")) steps.push(name());
      else if (take("[")) {
        steps.push(Number(next()));
        expect("]");
      } else return steps;
    }
  };
  const list = <T>(item: () => T): T[] => {
    const found = [item()];
    while (take(",")) found.push(item());
    return found;
  };
  const operand = (): Operand => {
    if (peek().startsWith(":")) return { type: "value", name: next() };
    if (tokens[at + 1] === "(") return call();
    return { type: "path", path: path() };
  };
  const call = (): Operand & { readonly type: "call" } => {
    const called = next();
    expect("(");
    const args = list(operand);
    expect(")");
    return { type: "call", name: called, args };
  };
  const end = (): void => {
    if (at < tokens.length) invalid(`Syntax error; token: "${peek()}"`);
  };
  return { is, take, expect, path, list, operand, next, end };
};

type Reader = ReturnType<typeof createReader>;

const comparators = new Set(["=", "<>", "<", "<=", ">", ">="]);

const comparison = (reader: Reader): Condition => {
  const left = reader.operand();
  if (reader.take("BETWEEN")) {
    const least = reader.operand();
    reader.expect("AND");
    return { type: "between", of: left, least, most: reader.operand() };
  }
  if (reader.take("IN")) {
    reader.expect("(");
    const values = reader.list(reader.operand);
    reader.expect(")");
    return { type: "in", of: left, values };
  }
  if (left.type === "call" && left.name !== "size") return left;
  const operator = reader.next();
  if (!comparators.has(operator)) invalid(`Syntax error; token: "${operator}"`);
  return { type: "compare", operator, left, right: reader.operand() };
};

const negation = (reader: Reader): Condition => {
  if (reader.take("NOT")) return { type: "not", part: negation(reader) };
  if (!reader.take("(")) return comparison(reader);
  const inner = disjunction(reader);
  reader.expect(")");
  return inner;
};

const chain = (reader: Reader, word: "and" | "or", part: (reader: Reader) => Condition): Condition => {
  const first = part(reader);
  const parts = [first];
  while (reader.take(word.toUpperCase())) parts.push(part(reader));
  return parts.length === 1 ? first : { type: word, parts };
};

const disjunction = (reader: Reader): Condition => chain(reader, "or", (of) => chain(of, "and", negation));

/** Reads a condition, filter or key condition. @throws AwsError `ValidationException` */
export const parseCondition = (text: string, names: Readonly<Record<string, string>>): Condition => {
  const reader = createReader(text, names);
  const condition = disjunction(reader);
  reader.end();
  return condition;
};

/** Reads an update expression. @throws AwsError `ValidationException` */
export const parseUpdate = (text: string, names: Readonly<Record<string, string>>): Update => {
  const reader = createReader(text, names);
  const update = {
    set: [] as Assignment[],
    remove: [] as Path[],
    add: [] as Update["add"][number][],
    delete: [] as Update["delete"][number][],
  };
  const assignment = (): Assignment => {
    const path = reader.path();
    reader.expect("=");
    const left = reader.operand();
    const operator = reader.take("+") ? "+" : reader.take("-") ? "-" : undefined;
    return { path, left, ...(operator && { operator, right: reader.operand() }) };
  };
  const change = () => ({ path: reader.path(), value: reader.operand() });
  const seen = new Set<string>();
  do {
    const clause = reader.next().toUpperCase();
    if (seen.has(clause)) invalid(`The "${clause}" section can only be used once in an update expression`);
    seen.add(clause);
    if (clause === "SET") update.set.push(...reader.list(assignment));
    else if (clause === "REMOVE") update.remove.push(...reader.list(reader.path));
    else if (clause === "ADD") update.add.push(...reader.list(change));
    else if (clause === "DELETE") update.delete.push(...reader.list(change));
    else invalid(`Syntax error; token: "${clause}"`);
  } while (["SET", "REMOVE", "ADD", "DELETE"].some(reader.is));
  reader.end();
  return update;
};
