import { isRecord } from "./fields.ts";

/** The resource, or data source, that a value comes from: each instance that it may be. */
export interface Reference {
  readonly addresses: readonly string[];
  /** Which attribute of it, where one is named: `arn`. */
  readonly attribute?: string;
}

/** What a plan's configuration says of where values come from. */
export interface References {
  /** What an attribute of a resource comes from. */
  of(address: string, attribute: string): Reference | undefined;
  /**
   * What an argument within blocks comes from: each attribute of a resource that its expression names.
   * @param path of names and positions: `statement`, 0, `principals`
   * @param values of the resource: where it has other blocks than the configuration, nobody can tell which is which
   */
  within(address: string, path: readonly (string | number)[], values: unknown): readonly Reference[];
  /** Whether the configuration gives an attribute a value, whatever that will be. */
  isConfigured(address: string, attribute: string): boolean;
}

/** One step of an address: `module.app["eu"]` is a name and a key. */
interface Step {
  readonly name: string;
  /** As written: `["eu"]`, `[0]`; empty where there is none. */
  readonly key: string;
}

const step = /([\w-]+)((?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?)(?:\.|$)/y;

/** `undefined` for a text that is no address. */
const stepsOf = (address: string): readonly Step[] | undefined => {
  const steps: Step[] = [];
  step.lastIndex = 0;
  while (step.lastIndex < address.length) {
    const [, name, key = ""] = step.exec(address) ?? [];
    if (name === undefined) return undefined;
    steps.push({ name, key });
  }
  return steps;
};

/** An address as the modules that it goes through, and the rest: `data.TYPE.NAME` or `TYPE.NAME`. */
interface Split {
  readonly modules: readonly Step[];
  readonly rest: readonly Step[];
}

const split = (address: string): Split | undefined => {
  const steps = stepsOf(address);
  if (steps === undefined) return undefined;
  let at = 0;
  while (steps[at]?.name === "module" && at + 1 < steps.length) at += 2;
  return { modules: steps.slice(0, at).filter((_, index) => index % 2 === 1), rest: steps.slice(at) };
};

const prefixOf = (modules: readonly Step[]): string => modules.map(({ name, key }) => `module.${name}${key}.`).join("");

type Configured = Readonly<Record<string, unknown>>;
const childOf = (value: unknown, key: string): Configured =>
  isRecord(value) && Object.hasOwn(value, key) && isRecord(value[key]) ? value[key] : {};

const calledBy = (module: Configured, name: string): Configured => childOf(module.module_calls, name);

/** The module's own part of a plan's configuration. */
const configured = (root: unknown, modules: readonly Step[]): Configured =>
  modules.reduce<Configured>(
    (module, { name }) => childOf(calledBy(module, name), "module"),
    isRecord(root) ? root : {},
  );

const referencesOf = (expression: unknown): readonly string[] =>
  isRecord(expression) && Array.isArray(expression.references)
    ? expression.references.filter((one) => typeof one === "string")
    : [];

/** A chain of variables and outputs longer than any real one. */
const longestChain = 20;

/**
 * Finds which resource an attribute of another comes from, through variables and outputs of modules.
 * @param configuration of the plan
 * @param addresses of all resources and data sources that there are
 */
export const createReferences = (configuration: unknown, addresses: readonly string[]): References => {
  const root = isRecord(configuration) ? configuration.root_module : undefined;
  const instances = Map.groupBy(new Set(addresses), withoutLastKey);

  const find = (
    names: readonly string[],
    modules: readonly Step[],
    key: string,
    left: number,
  ): Reference | undefined => {
    if (left === 0) return undefined;
    for (const name of names) {
      const found = findOne(name, modules, key, left);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const findOne = (name: string, modules: readonly Step[], key: string, left: number): Reference | undefined => {
    const [first, second, third, fourth] = stepsOf(name) ?? [];
    if (first === undefined || second === undefined) return undefined;
    if (first.name === "var") {
      const caller = modules.slice(0, -1);
      const call = calledBy(configured(root, caller), modules.at(-1)?.name ?? "");
      return find(referencesOf(childOf(call.expressions, second.name)), caller, key, left - 1);
    }
    if (first.name === "module") {
      if (third === undefined) return undefined;
      const within = [...modules, second];
      const output = childOf(configured(root, within).outputs, third.name);
      return find(referencesOf(output.expression), within, key, left - 1);
    }
    const [own, attribute] = first.name === "data" ? [third, fourth] : [second, third];
    const path = first.name === "data" ? `data.${second.name}.${third?.name}` : `${first.name}.${second.name}`;
    const all = instances.get(`${prefixOf(modules)}${path}`) ?? [];
    // `aws_iam_role.this[each.key]` is written down without its key: it is the one of the same key.
    const same = all.filter((one) => one.endsWith(`${path}${own?.key || key}`));
    if (all.length === 0) return undefined;
    return { addresses: same.length > 0 ? same : all, ...(attribute && { attribute: attribute.name }) };
  };

  const placeOf = (address: string) => {
    const { modules, rest } = split(address) ?? { modules: [], rest: [] };
    const [type, name] = rest[0]?.name === "data" ? rest.slice(1) : rest;
    const resources = configured(root, modules).resources;
    const own = (Array.isArray(resources) ? resources : []).find(
      (one) => isRecord(one) && one.type === type?.name && one.name === name?.name,
    );
    const { expressions, for_each_expression: each } = isRecord(own) ? own : {};
    return { modules, key: name?.key ?? "", expressions, each: referencesOf(each) };
  };
  /** `each.value.id` is the `id` of what `for_each` goes over, where that is a resource. */
  const named = (names: readonly string[], [over]: readonly string[]): readonly string[] =>
    names.map((name) => (over === undefined ? name : name.replace(/^each\.value\b/, () => over)));

  return {
    of: (address, attribute) => {
      const { modules, key, expressions, each } = placeOf(address);
      return find(named(referencesOf(childOf(expressions, attribute)), each), modules, key, longestChain);
    },
    within: (address, path, values) => {
      const { modules, key, expressions, each } = placeOf(address);
      const all = named(referencesOf(expressionAt(expressions, path, values)), each).flatMap(
        (name) => findOne(name, modules, key, longestChain) ?? [],
      );
      const attributes = all.filter(({ attribute }) => attribute !== undefined);
      return [...new Map(attributes.map((one) => [JSON.stringify(one), one])).values()];
    },
    isConfigured: (address, attribute) => {
      const { expressions } = placeOf(address);
      return isRecord(expressions) && Object.hasOwn(expressions, attribute);
    },
  };
};

/** Blocks that `dynamic` makes are not in the configuration: then there are others than the values have. */
const expressionAt = (expressions: unknown, path: readonly (string | number)[], values: unknown): unknown => {
  let [expression, value] = [expressions, values];
  for (const step of path) {
    if (typeof step === "number") {
      if (!Array.isArray(expression) || !Array.isArray(value) || expression.length !== value.length) return undefined;
      [expression, value] = [expression[step], value[step]];
    } else {
      if (!isRecord(expression) || !isRecord(value)) return undefined;
      [expression, value] = [expression[step], value[step]];
    }
  }
  return expression;
};

const withoutLastKey = (address: string): string => address.replace(/\[(?:"(?:[^"\\]|\\.)*"|\d+)\]$/, "");
