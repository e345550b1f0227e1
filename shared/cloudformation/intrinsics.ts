import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { negations, parseOperator } from "../policy/language/condition.ts";
import { all, any, not, type Ternary } from "../policy/language/ternary.ts";
import { firstUnresolved, isUnresolved, withoutMarks } from "./unresolved.ts";

/** Where and as what a template is deployed. */
export interface Place {
  readonly partition: string;
  readonly accountId: string;
  readonly region: string;
  readonly stackId: string;
  readonly stackName: string;
}

/** The parts of a template that its functions refer to. */
export interface Referable {
  readonly Resources: Readonly<Record<string, unknown>>;
  readonly Mappings: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
}

export interface References {
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
  /** What `Ref` answers of a resource. */
  ref(logicalId: string): string;
  /** What `Fn::GetAtt` answers. */
  attribute(logicalId: string, name: string): string;
  /**
   * What stands for that which only a deployment can tell: another stack's export, or a choice by a parameter without a value.
   * Absent: there is nothing of the kind, and a function that is not known here is an error.
   */
  unresolved?(what: string): string;
  /** A macro makes more resources than the template has: a name that it lacks may be one of theirs. */
  readonly hasMacro?: boolean;
  /** Told of each object and list, and what was made of it. */
  traced?(source: object, made: object): void;
}

/** Carries out a template's functions and conditions. */
export interface Resolver {
  /** A value with every function in it carried out; what is `AWS::NoValue` is left out. */
  resolve(value: unknown): unknown;
  /** `unknown`: by values that only a deployment can tell. @throws Error if the template has no such condition */
  holds(condition: string): Ternary;
}

const absent = Symbol("AWS::NoValue");
/** CloudFormation compares text: `true` is "true". */
const isSame = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(one, other) ||
  (typeof one !== "object" && typeof other !== "object" && String(one) === String(other));

/** Both sides of a choice that depends on what only a deployment can tell. */
class Either {
  readonly condition: string;
  readonly sides: readonly unknown[];
  constructor(condition: string, sides: readonly unknown[]) {
    this.condition = condition;
    this.sides = sides;
  }
}
/** Elements of policies that hold one text or a list of several, of which the request has to match one. */
const listsOfTexts: ReadonlySet<string> = new Set(["Action", "Resource", "AWS", "Service", "Federated"]);

/** Where a value stands in a template. */
interface At {
  /** What it stands under. */
  readonly key: string;
  /** Of a policy, where more values allow less: what a Deny denies, and what an Allow leaves out. */
  readonly narrows: boolean;
}
const anywhere: At = { key: "", narrows: false };

const isNegated = (key: string): boolean =>
  /^Not(?:Action|Principal|Resource)$/.test(key) || Object.hasOwn(negations, parseOperator(key).name);

const isDenial = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "Effect" in value && value.Effect === "Deny";

/** As in a list, what both sides have; a denial only if each has it. */
const both = (sides: readonly unknown[]): readonly unknown[] => {
  const has = (side: unknown, denial: unknown) => [side].flat().some((each) => isDeepStrictEqual(each, denial));
  return sides.flat().filter((each) => each !== absent && (!isDenial(each) || sides.every((side) => has(side, each))));
};

/** Both sides of lists, and of texts where a list of them may stand. `undefined`: they make no list. */
const together = ({ sides }: Either, { key, narrows }: At): readonly unknown[] | undefined => {
  const present = sides.filter((side) => side !== absent);
  const isList = (side: unknown): boolean => Array.isArray(side) || (listsOfTexts.has(key) && typeof side === "string");
  return !narrows && present.length > 0 && present.every(isList) ? both(sides) : undefined;
};
const string = z.string();
const strings = z.array(string);
const stringPair = z.tuple([string, string]);
const items = z.array(z.unknown());
const one = z.tuple([z.unknown()]);
const pair = z.tuple([z.unknown(), z.unknown()]);
const substitution = z.tuple([string, z.record(string, z.unknown())]);
const choice = z.tuple([string, z.unknown(), z.unknown()]);
/** What a template's own functions come to; a mapping may be looked up with a default. */
const lookUp = z.tuple([z.string(), z.string(), z.string()]).rest(z.looseObject({ DefaultValue: z.unknown() }));
const ternary = z.union([z.boolean(), z.literal("unknown")]);

/** @throws Error for a function that is not one, or does not fit its arguments */
export const createResolver = (template: Referable, place: Place, references: References): Resolver => {
  const pseudo: Readonly<Record<string, string>> = {
    "AWS::AccountId": place.accountId,
    "AWS::Partition": place.partition,
    "AWS::Region": place.region,
    "AWS::StackId": place.stackId,
    "AWS::StackName": place.stackName,
    "AWS::URLSuffix": place.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com",
  };
  const isOpen = (value: unknown): boolean => references.unresolved !== undefined && isUnresolved(value);
  const notFound = (name: string, message: string): string => {
    if (references.hasMacro !== true || references.unresolved === undefined) throw new Error(message);
    return references.unresolved(name);
  };
  const refer = (name: string): unknown => {
    if (name === "AWS::NoValue") return absent;
    if (Object.hasOwn(pseudo, name)) return pseudo[name];
    if (Object.hasOwn(references.parameters, name)) return references.parameters[name];
    if (Object.hasOwn(template.Resources, name)) return references.ref(name);
    return notFound(name, `Ref names ${name}, which is neither parameter nor resource`);
  };
  const getAtt = (argument: unknown): string => {
    const [id = "", ...rest] = typeof argument === "string" ? argument.split(".") : strings.parse(argument);
    if (!Object.hasOwn(template.Resources, id))
      return notFound([id, ...rest].join("."), `Fn::GetAtt names ${id}, which is no resource`);
    return references.attribute(id, rest.join("."));
  };
  /** `{{resolve:ssm:/team/boundary}}` is looked up when it is deployed. */
  const withoutLookUps = (text: string): string => {
    const { unresolved } = references;
    if (unresolved === undefined) return text;
    return text.replace(/\{\{(resolve:[^}]*)\}\}/g, (_, what: string) =>
      unresolved(withoutMarks(what).replaceAll(":", " ")),
    );
  };
  const substitute = (argument: unknown): string => {
    const [text, own] = typeof argument === "string" ? [argument, {}] : substitution.parse(argument);
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal !== "") return `\${${name}}`;
      if (Object.hasOwn(own, name)) return String(resolve(own[name]));
      return String(name.includes(".") ? getAtt(name) : refer(name));
    });
  };
  const findInMap = (argument: unknown): unknown => {
    const [map, first, second, otherwise] = lookUp.parse(resolve(argument));
    const found = template.Mappings[map]?.[first]?.[second] ?? otherwise?.DefaultValue;
    if (found === undefined) throw new Error(`Fn::FindInMap finds no ${map}.${first}.${second}`);
    return found;
  };
  const deciding: string[] = [];
  const holds = (name: string): Ternary => {
    if (!Object.hasOwn(template.Conditions, name)) throw new Error(`the template has no condition ${name}`);
    if (deciding.includes(name)) throw new Error(`condition ${name} depends on itself`);
    deciding.push(name);
    try {
      return truth(template.Conditions[name]);
    } finally {
      deciding.pop();
    }
  };
  const truth = (value: unknown): Ternary => {
    const resolved = resolve(value);
    return isOpen(resolved) ? "unknown" : ternary.parse(resolved);
  };

  const functions: Readonly<Record<string, (argument: unknown, at: At) => unknown>> = {
    Ref: (argument) => refer(string.parse(argument)),
    Condition: (argument) => holds(string.parse(argument)),
    "Fn::GetAtt": getAtt,
    "Fn::Sub": substitute,
    "Fn::FindInMap": findInMap,
    "Fn::Join": (argument) => {
      const [delimiter, parts] = pair.parse(resolve(argument));
      return items.parse(parts).join(string.parse(delimiter));
    },
    "Fn::Split": (argument) => {
      const [delimiter, text] = stringPair.parse(resolve(argument));
      return text.split(delimiter);
    },
    "Fn::Select": (argument) => {
      const [index, from] = pair.parse(resolve(argument));
      const list = items.parse(from);
      const at = Number(index);
      if (!(at in list)) throw new Error(`Fn::Select finds no item ${index} among ${list.length}`);
      return list[at];
    },
    "Fn::If": (argument, at) => {
      const [condition, yes, no] = choice.parse(argument);
      const held = holds(condition);
      if (held !== "unknown") return resolve(held ? yes : no, at);
      const either = [resolve(yes, at), resolve(no, at)];
      return isDeepStrictEqual(either[0], either[1]) ? either[0] : new Either(condition, either);
    },
    "Fn::Equals": (argument) => {
      const [one, other] = pair.parse(resolve(argument));
      return isSame(one, other) || (isOpen(one) || isOpen(other) ? "unknown" : false);
    },
    "Fn::Not": (argument) => not(truth(one.parse(argument)[0])),
    "Fn::And": (argument) => all(items.parse(argument).map(truth)),
    "Fn::Or": (argument) => any(items.parse(argument).map(truth)),
  };

  const carryOut = (name: string, argument: unknown, at: At): unknown => {
    const { unresolved } = references;
    const own = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (own === undefined) {
      if (unresolved === undefined) throw new Error(`nothing here knows ${name}`);
      return unresolved(name);
    }
    try {
      return own(argument, at);
    } catch (error) {
      // What a function does not take may be what only a deployment can tell.
      const open =
        unresolved !== undefined && name !== "Ref" && name !== "Fn::If" && firstUnresolved(resolve(argument));
      if (open) return unresolved(`${name} of ${open}`);
      if (!(error instanceof z.ZodError)) throw error;
      throw new Error(`${name} does not take its argument: ${z.prettifyError(error)}`, { cause: error });
    }
  };

  const traced = (source: object, made: object): object => {
    references.traced?.(source, made);
    return made;
  };

  const openly = ({ condition }: Either): string | undefined => references.unresolved?.(`Fn::If ${condition}`);

  const resolve = (value: unknown, at = anywhere): unknown => {
    const found = find(value, at);
    if (!(found instanceof Either)) return found;
    const all = together(found, at);
    return all === undefined ? openly(found) : traced(Object(value), all);
  };

  const find = (value: unknown, at: At): unknown => {
    if (Array.isArray(value)) {
      // Of a choice that nobody can make here, a list has both sides.
      const sidesOf = (either: Either) => (at.narrows ? [openly(either)] : both(either.sides));
      const made = value
        .map((item) => find(item, at))
        .flatMap((item) => (item instanceof Either ? sidesOf(item) : [item]));
      return traced(
        value,
        made.filter((item) => item !== absent),
      );
    }
    if (typeof value === "string") return withoutLookUps(value);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? ["", undefined];
    if (entries.length === 1 && (name === "Ref" || name.startsWith("Fn::") || isCondition(name, argument))) {
      const made = carryOut(name, argument, at);
      return typeof made === "string" ? withoutLookUps(made) : made;
    }
    const narrows = at.narrows !== ("Effect" in value && resolve(value.Effect) === "Deny");
    const resolved = entries.map(
      ([key, item]) => [key, resolve(item, { key, narrows: narrows !== isNegated(key) })] as const,
    );
    return traced(value, Object.fromEntries(resolved.filter(([, item]) => item !== absent)));
  };
  /** A condition's name, not the block of a policy's statement. */
  const isCondition = (name: string, argument: unknown): boolean =>
    name === "Condition" && typeof argument === "string" && Object.hasOwn(template.Conditions, argument);

  return {
    resolve: (value) => {
      const resolved = resolve(value);
      return resolved === absent ? undefined : resolved;
    },
    holds,
  };
};
