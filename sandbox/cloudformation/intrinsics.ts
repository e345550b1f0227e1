import * as z from "zod";
import type { ReadTemplate } from "./template.ts";

/** Where and as what a template is deployed. */
export interface Place {
  readonly partition: string;
  readonly accountId: string;
  readonly region: string;
  readonly stackId: string;
  readonly stackName: string;
}

export interface References {
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
  /** What `Ref` answers of a resource. */
  ref(logicalId: string): string;
  /** What `Fn::GetAtt` answers. */
  attribute(logicalId: string, name: string): string;
}

/** Carries out a template's functions and conditions. */
export interface Resolver {
  /** A value with every function in it carried out; what is `AWS::NoValue` is left out. */
  resolve(value: unknown): unknown;
  /** @throws Error if the template has no such condition */
  holds(condition: string): boolean;
}

const absent = Symbol("AWS::NoValue");
const items = z.array(z.unknown());
const pair = z.tuple([z.unknown(), z.unknown()]);

/** @throws Error for a function that is not one, or does not fit its arguments */
export const createResolver = (template: ReadTemplate, place: Place, references: References): Resolver => {
  const pseudo: Readonly<Record<string, string>> = {
    "AWS::AccountId": place.accountId,
    "AWS::Partition": place.partition,
    "AWS::Region": place.region,
    "AWS::StackId": place.stackId,
    "AWS::StackName": place.stackName,
    "AWS::URLSuffix": place.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com",
  };
  const refer = (name: string): unknown => {
    if (name === "AWS::NoValue") return absent;
    if (Object.hasOwn(pseudo, name)) return pseudo[name];
    if (Object.hasOwn(references.parameters, name)) return references.parameters[name];
    if (Object.hasOwn(template.Resources, name)) return references.ref(name);
    throw new Error(`Ref names ${name}, which is neither parameter nor resource`);
  };
  const getAtt = (argument: unknown): string => {
    const [id = "", ...rest] = typeof argument === "string" ? argument.split(".") : z.array(z.string()).parse(argument);
    if (!Object.hasOwn(template.Resources, id)) throw new Error(`Fn::GetAtt names ${id}, which is no resource`);
    return references.attribute(id, rest.join("."));
  };
  const substitute = (argument: unknown): string => {
    const [text, own] =
      typeof argument === "string"
        ? [argument, {}]
        : z.tuple([z.string(), z.record(z.string(), z.unknown())]).parse(argument);
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal !== "") return `\${${name}}`;
      if (Object.hasOwn(own, name)) return String(resolve(own[name]));
      return String(name.includes(".") ? getAtt(name) : refer(name));
    });
  };
  const findInMap = (argument: unknown): unknown => {
    const keys = z.tuple([z.string(), z.string(), z.string()]).parse(resolve(argument));
    const found = template.Mappings[keys[0]]?.[keys[1]]?.[keys[2]];
    if (found === undefined) throw new Error(`Fn::FindInMap finds no ${keys.join(".")}`);
    return found;
  };
  const holds = (name: string): boolean => {
    if (!Object.hasOwn(template.Conditions, name)) throw new Error(`the template has no condition ${name}`);
    return truth(template.Conditions[name]);
  };
  const truth = (value: unknown): boolean => z.boolean().parse(resolve(value));

  const functions: Readonly<Record<string, (argument: unknown) => unknown>> = {
    Ref: (argument) => refer(z.string().parse(argument)),
    Condition: (argument) => holds(z.string().parse(argument)),
    "Fn::GetAtt": getAtt,
    "Fn::Sub": substitute,
    "Fn::FindInMap": findInMap,
    "Fn::Join": (argument) => {
      const [delimiter, parts] = pair.parse(resolve(argument));
      return items.parse(parts).join(z.string().parse(delimiter));
    },
    "Fn::Split": (argument) => {
      const [delimiter, text] = z.tuple([z.string(), z.string()]).parse(resolve(argument));
      return text.split(delimiter);
    },
    "Fn::Select": (argument) => {
      const [index, from] = pair.parse(resolve(argument));
      const list = items.parse(from);
      const at = Number(index);
      if (!(at in list)) throw new Error(`Fn::Select finds no item ${index} among ${list.length}`);
      return list[at];
    },
    "Fn::If": (argument) => {
      const [condition, yes, no] = z.tuple([z.string(), z.unknown(), z.unknown()]).parse(argument);
      return resolve(holds(condition) ? yes : no);
    },
    "Fn::Equals": (argument) => {
      const [one, other] = pair.parse(resolve(argument));
      return one === other;
    },
    "Fn::Not": (argument) => !truth(z.tuple([z.unknown()]).parse(argument)[0]),
    "Fn::And": (argument) => items.parse(argument).every(truth),
    "Fn::Or": (argument) => items.parse(argument).some(truth),
  };

  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== absent);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? ["", undefined];
    if (entries.length === 1 && (name === "Ref" || name.startsWith("Fn::") || isCondition(name, argument))) {
      const carryOut = functions[name];
      if (carryOut === undefined) throw new Error(`the sandbox does not know ${name}`);
      return carryOut(argument);
    }
    return Object.fromEntries(
      entries.map(([key, item]) => [key, resolve(item)] as const).filter(([, item]) => item !== absent),
    );
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
