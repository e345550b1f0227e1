import * as z from "zod";

const parameter = z.looseObject({
  Type: z.string(),
  Default: z.string().optional(),
  AllowedPattern: z.string().optional(),
});
const resource = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Condition: z.string().optional(),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
});
const templateSchema = z.strictObject({
  Description: z.string().optional(),
  Parameters: z.record(z.string(), parameter).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown() })).default({}),
  /** Assertions on parameters before anything is made; what CDK asserts there is about its own bootstrap. */
  Rules: z.unknown().optional(),
  Metadata: z.unknown().optional(),
});

/** A CloudFormation template as JSON, as synthesized. */
export type Template = z.input<typeof templateSchema>;
export type ReadTemplate = z.output<typeof templateSchema>;

/** @throws Error that says where a template is not one */
export const readTemplate = (template: unknown): ReadTemplate => {
  const read = templateSchema.safeParse(template);
  if (!read.success) throw new Error(`not a CloudFormation template: ${z.prettifyError(read.error)}`);
  return read.data;
};

/** What a template's parameters are given: text, or the items of a `CommaDelimitedList`. */
export type ParameterValues = Readonly<Record<string, string | readonly string[]>>;

const list = "CommaDelimitedList";

/**
 * The value of every parameter: as given, else its default.
 * @throws Error that names each that is missing, unknown, or not what the template allows
 */
export const parameterValues = (
  { Parameters }: ReadTemplate,
  given: ParameterValues,
): Readonly<Record<string, string | readonly string[]>> => {
  const problems = Object.keys(given)
    .filter((name) => !Object.hasOwn(Parameters, name))
    .map((name) => `the template has no parameter ${name}`);
  const values = Object.entries(Parameters).map(([name, { Type, Default, AllowedPattern }]) => {
    const value = given[name] ?? Default;
    if (value === undefined) {
      problems.push(`parameter ${name} has no value`);
      return [name, ""] as const;
    }
    const items = typeof value === "string" ? (Type === list ? value.split(",") : [value]) : value;
    if (AllowedPattern !== undefined)
      for (const item of items)
        if (!new RegExp(AllowedPattern).test(item))
          problems.push(`parameter ${name} is ${JSON.stringify(item)}, which ${AllowedPattern} does not match`);
    return [name, Type === list ? items : String(value)] as const;
  });
  if (problems.length > 0) throw new Error(problems.join("; "));
  return Object.fromEntries(values);
};
