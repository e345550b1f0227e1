import type { EventPattern, Json } from "../control.ts";
import { MalformedInputError } from "../errors.ts";
import { byCodeUnit } from "../order.ts";
import { isLeaf, type Leaf, malformed, operatorNames, operatorTest, show, type Test } from "./pattern-operators.ts";
import { isObject } from "./record.ts";

/** One list of a pattern: a leaf that passes a test matches it; with `absent`, so does having no leaf there. */
interface Condition {
  readonly path: string;
  readonly tests: readonly Test[];
  readonly absent: boolean;
}

/** A pattern without its `$or`s: it matches if every condition of one branch does. */
interface CompiledPattern {
  readonly branches: readonly (readonly Condition[])[];
  /** Every path of the pattern and every prefix of one: what else an event holds is never looked at. */
  readonly steps: ReadonlySet<string>;
}

/** The elements of arrays (numbered as met) that a leaf lies in, from the innermost out. */
interface Membership {
  readonly array: number;
  readonly element: number;
  readonly outer: Membership | undefined;
}
interface Field {
  readonly value: Leaf;
  readonly membership: Membership | undefined;
}
/** The element that was chosen of each array so far. */
type Choice = ReadonlyMap<number, number>;

const compileList = (values: readonly unknown[], path: string): Condition => {
  if (values.length === 0) malformed(path, "an empty list matches nothing");
  const tests = values.map((value, at): Test | "absent" => {
    const where = `${path}[${at}]`;
    if (isLeaf(value)) return (candidate) => candidate === value;
    return isObject(value) ? operatorTest(value, where) : malformed(where, "a list cannot hold a list");
  });
  return { path, tests: tests.filter((test) => test !== "absent"), absent: tests.includes("absent") };
};

/** The branches of a pattern: the conditions of its fields, joined with every combination of its `$or`s. */
const compileObject = (pattern: unknown, path: string, inOr: boolean): readonly (readonly Condition[])[] => {
  if (!isObject(pattern)) return malformed(path, `expected an object of fields, not ${show(pattern)}`);
  if (Object.keys(pattern).length === 0) malformed(path, "an empty object matches nothing");
  let branches: readonly (readonly Condition[])[] = [[]];
  const and = (alternatives: readonly (readonly Condition[])[]) => {
    branches = branches.flatMap((branch) => alternatives.map((alternative) => [...branch, ...alternative]));
  };
  for (const [field, value] of Object.entries(pattern)) {
    const where = path === "" ? field : `${path}.${field}`;
    if (field === "$or") {
      if (!Array.isArray(value) || value.length < 2) malformed(where, "$or takes a list of at least two objects");
      and((value as readonly unknown[]).flatMap((one) => compileObject(one, path, true)));
    } else if (inOr && operatorNames.has(field)) {
      malformed(where, `${field} is an operator, and $or takes objects of fields`);
    } else if (Array.isArray(value)) {
      and([[compileList(value, where)]]);
    } else if (isObject(value)) {
      and(compileObject(value, where, inOr));
    } else {
      malformed(where, `expected an object or a list, not ${show(value)}`);
    }
  }
  return branches;
};

const compile = (pattern: EventPattern): CompiledPattern => {
  const branches = compileObject(pattern, "", false).map((branch) =>
    // By name, as EventBridge visits them: which elements of an array an absence is asked of depends on it.
    branch.toSorted((a, b) => byCodeUnit(a.path, b.path)),
  );
  const steps = new Set<string>();
  for (const { path } of branches.flat()) {
    const parts = path.split(".");
    parts.forEach((_, at) => {
      steps.add(parts.slice(0, at + 1).join("."));
    });
  }
  return { branches, steps };
};

/** The leaves of an event by path, as far as a pattern asks for them. Iterative: events may be nested without bound. */
const flatten = (event: unknown, steps: ReadonlySet<string>): ReadonlyMap<string, readonly Field[]> => {
  const fields = new Map<string, Field[]>();
  const pending: { value: unknown; path: string; membership: Membership | undefined }[] = [
    { value: event, path: "", membership: undefined },
  ];
  let arrays = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, path, membership } = next;
    if (Array.isArray(value)) {
      const array = arrays++;
      value.forEach((element, at) => {
        const inside = isLeaf(element) ? membership : { array, element: at, outer: membership };
        pending.push({ value: element, path, membership: inside });
      });
    } else if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) {
        const innerPath = path === "" ? key : `${path}.${key}`;
        if (steps.has(innerPath)) pending.push({ value: inner, path: innerPath, membership });
      }
    } else if (isLeaf(value)) {
      const at = fields.get(path);
      if (at === undefined) fields.set(path, [{ value, membership }]);
      else at.push({ value, membership });
    }
  }
  return fields;
};

/** The choice with a leaf's elements added, or `undefined` if it had chosen another element of one of the arrays. */
const choose = (choice: Choice, membership: Membership | undefined): Choice | undefined => {
  if (membership === undefined) return choice;
  const chosen = new Map(choice);
  for (let at: Membership | undefined = membership; at !== undefined; at = at.outer) {
    if ((chosen.get(at.array) ?? at.element) !== at.element) return undefined;
    chosen.set(at.array, at.element);
  }
  return chosen;
};

const matchesBranch = (
  conditions: readonly Condition[],
  fields: ReadonlyMap<string, readonly Field[]>,
  at = 0,
  choice: Choice = new Map(),
): boolean => {
  const condition = conditions[at];
  if (condition === undefined) return true;
  const candidates = fields.get(condition.path) ?? [];
  for (const { value, membership } of candidates) {
    if (!condition.tests.some((test) => test(value))) continue;
    const chosen = choose(choice, membership);
    if (chosen !== undefined && matchesBranch(conditions, fields, at + 1, chosen)) return true;
  }
  return (
    condition.absent &&
    !candidates.some(({ membership }) => choose(choice, membership) !== undefined) &&
    matchesBranch(conditions, fields, at + 1, choice)
  );
};

const compiled = new WeakMap<EventPattern, CompiledPattern>();

/**
 * Whether EventBridge would deliver `event` to a rule with this pattern. The semantics are those of AWS's own
 * matcher (github.com/aws/event-ruler): fields are ANDed, values of a list ORed, an array in the event matches if one of
 * its elements does, fields of objects in one array must match in the same element, `exists` looks at leaves only.
 * Numbers are compared as numbers: `300` and `3.0e2` are one, since a parsed event no longer tells them apart.
 * A pattern must not be changed after its first use: it is compiled once.
 * @throws MalformedInputError where EventBridge would refuse the pattern; the message says where and why
 */
export const matches = (pattern: EventPattern, event: unknown): boolean => {
  let ready = compiled.get(pattern);
  if (ready === undefined) {
    ready = compile(pattern);
    compiled.set(pattern, ready);
  }
  const fields = flatten(event, ready.steps);
  return ready.branches.some((branch) => matchesBranch(branch, fields));
};

/** @throws MalformedInputError where EventBridge would refuse the pattern */
export const checkPattern = (pattern: unknown): void => {
  compileObject(pattern, "", false);
};

/** Reads a pattern from its JSON text, e.g. an SNS filter policy. @throws MalformedInputError */
export const parsePattern = (json: string): EventPattern => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new MalformedInputError(`event pattern: not JSON: ${String(error)}`, { cause: error });
  }
  checkPattern(value);
  return value as { readonly [field: string]: readonly Json[] };
};
