/** What paths are looked up in: a state's input (`$`) and the context object (`$$`). */
export interface Scope {
  readonly input: unknown;
  readonly context: unknown;
}

/** An error as a state machine names it, e.g. `States.ParameterPathFailure`. */
export class StatesError extends Error {
  override readonly name: string;
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

const stepPattern = /\.([A-Za-z_][\w-]*)|\['([^']*)'\]|\[(\d+)\]/y;

/** The steps of a reference path. @throws Error for a path that the sandbox does not know, such as one with a filter */
export const parsePath = (
  path: string,
): { readonly root: "input" | "context"; readonly steps: readonly (string | number)[] } => {
  const [root = ""] = /^\$\$?/.exec(path) ?? [];
  const steps: (string | number)[] = [];
  stepPattern.lastIndex = root.length;
  while (root !== "" && stepPattern.lastIndex < path.length) {
    const [, name, quoted, index] = stepPattern.exec(path) ?? [];
    if (name === undefined && quoted === undefined && index === undefined) break;
    steps.push(index === undefined ? (name ?? quoted ?? "") : Number(index));
    if (stepPattern.lastIndex === path.length) return { root: root === "$" ? "input" : "context", steps };
  }
  if (root === path && root !== "") return { root: root === "$" ? "input" : "context", steps };
  throw new Error(`the sandbox does not know the path ${path}`);
};

const step = (value: unknown, by: string | number): unknown => {
  if (typeof by === "number") return Array.isArray(value) ? value[by] : undefined;
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, by)
    ? Reflect.get(value, by)
    : undefined;
};

/** What stands at a path; undefined if nothing does. */
export const find = (path: string, scope: Scope): unknown => {
  const { root, steps } = parsePath(path);
  return steps.reduce(step, scope[root]);
};

/** @throws StatesError `States.ParameterPathFailure` if nothing stands there */
export const read = (path: string, scope: Scope): unknown => {
  const found = find(path, scope);
  if (found === undefined)
    throw new StatesError("States.ParameterPathFailure", `The JSONPath '${path}' could not be found in the input`);
  return found;
};

/** A payload template with its paths read: of a field `name.$` the value stands under `name`. */
export const fill = (template: unknown, scope: Scope): unknown => {
  if (Array.isArray(template)) return template.map((item) => fill(item, scope));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => {
      if (!name.endsWith(".$")) return [name, fill(value, scope)];
      if (typeof value !== "string" || !value.startsWith("$"))
        throw new Error(`the sandbox does not know ${name}: ${JSON.stringify(value)}`);
      return [name.slice(0, -2), read(value, scope)];
    }),
  );
};

/** The input with a result put where a path says. @throws StatesError `States.ResultPathMatchFailure` where it cannot be put */
export const place = (path: string, input: unknown, result: unknown): unknown => {
  const { root, steps } = parsePath(path);
  if (root === "context") throw new Error(`a result cannot be put at ${path}`);
  return placeAt(steps, input, result);
};

const placeAt = (steps: readonly (string | number)[], into: unknown, result: unknown): unknown => {
  const [first, ...rest] = steps;
  if (first === undefined) return result;
  if (typeof first === "number" || typeof into !== "object" || into === null || Array.isArray(into))
    throw new StatesError("States.ResultPathMatchFailure", "The result cannot be put into the input at the ResultPath");
  return { ...into, [first]: placeAt(rest, step(into, first) ?? {}, result) };
};
