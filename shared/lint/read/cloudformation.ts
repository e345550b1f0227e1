import { createResolver, type Place, type Resolver } from "../../cloudformation/intrinsics.ts";
import { isUnresolved, unresolved } from "../../cloudformation/unresolved.ts";
import type { Range } from "../../text/positions.ts";
import { SourceError } from "../../text/source-error.ts";
import type { Declaration, Reading, Unread } from "../declarations.ts";
import { documentAt, type Source } from "../source/source.ts";
import { type CloudFormationNames, createNames } from "./cloudformation-names.ts";
import { readResource, templateTypes } from "./cloudformation-resources.ts";
import { createFields, isRecord, textOf } from "./fields.ts";

export interface TemplateContext {
  /** The account that the template is for. */
  readonly accountId: string;
  readonly stackName: string;
  /** Values for parameters; those without one have their default. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What addresses begin with, of a template within another. */
  readonly within?: string;
}

export const isTemplate = (value: unknown): value is Readonly<Record<string, unknown>> & { Resources: object } =>
  isRecord(value) && isRecord(value.Resources);

/** What a CloudFormation template declares, every function in it carried out as far as that can be done without an account. */
export const readTemplate = (source: Source, context: TemplateContext): Reading => {
  const { value, positions } = source;
  if (!isTemplate(value)) throw new SourceError(0, "a template needs Resources");
  const nested: Reading[] = [];
  const unread: Unread[] = [];
  const problems: { offset: number; message: string }[] = [];
  const declarations: Declaration[] = [];
  const { within: prefix = "" } = context;

  const resources: Record<string, Readonly<Record<string, unknown>>> = {};
  const whole = positions.of(value) ?? { start: 0, end: 0 };
  const placeOf = (id: string): Range => positions.entry(value.Resources, id) ?? whole;
  for (const [id, resource] of Object.entries(value.Resources)) {
    if (isRecord(resource) && typeof resource.Type === "string") resources[id] = resource;
    else if (id.startsWith("Fn::"))
      unread.push({
        address: `${prefix}${id}`,
        at: placeOf(id),
        why: `${id} is not expanded; lint the processed template`,
      });
    else problems.push({ offset: placeOf(id).start, message: `resource ${prefix}${id} needs a Type` });
  }
  const sections = { Resources: resources, Mappings: mapsOf(value.Mappings), Conditions: recordOf(value.Conditions) };
  const place: Place = {
    ...{ partition: "aws", accountId: context.accountId, region: "us-east-1", stackName: context.stackName },
    stackId: `arn:aws:cloudformation:us-east-1:${context.accountId}:stack/${context.stackName}/0`,
  };
  const names: CloudFormationNames = createNames(resources, place, (properties) => resolver.resolve(properties));
  const resolver: Resolver = createResolver(sections, place, {
    parameters: parametersOf(recordOf(value.Parameters), context.parameters),
    ref: names.ref,
    attribute: names.attribute,
    unresolved,
    hasMacro: hasMacro(value),
    traced: positions.copy,
  });

  for (const [id, { Type: type, Properties: written = {}, Condition: condition }] of Object.entries(resources)) {
    const at = placeOf(id);
    try {
      if (condition !== undefined && resolver.holds(String(condition)) === false) continue;
      if (String(type).startsWith("AWS::Serverless::") && isRecord(written) && "Policies" in written)
        unread.push({
          address: `${prefix}${id}`,
          at,
          why: `what ${type} makes is not in the template; lint what sam build makes of it`,
        });
      if (type === "AWS::CloudFormation::StackSet" && isRecord(written))
        nested.push(...bodyOf(id, written, resolver.resolve(written.Parameters), source, context));
      const properties = templateTypes.includes(String(type)) ? resolver.resolve(written) : {};
      if (!isRecord(properties)) throw new SourceError(at.start, "Properties must be an object");
      const fields = createFields(source, properties, positions.of(written) ?? at);
      declarations.push(...readResource({ type: String(type), id, address: `${prefix}${id}`, at, fields, names }));
    } catch (error) {
      const offset = error instanceof SourceError ? error.offset : at.start;
      problems.push({
        offset,
        message: `${prefix}${id} (${type}): ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }
  return { declarations, nested, unread, problems, parameters: Object.keys(recordOf(value.Parameters)) };
};

/** SAM makes roles and APIs, a loop makes what is in it: other parts of the template may name those. */
const hasMacro = ({
  Transform,
  Resources,
}: Readonly<Record<string, unknown>> & { readonly Resources: object }): boolean =>
  Transform !== undefined || Object.keys(Resources).some((id) => id.startsWith("Fn::"));

/** The template of a stack set, where it is written into this one. Its addresses begin with the stack set's. */
const bodyOf = (
  id: string,
  properties: Readonly<Record<string, unknown>>,
  parameters: unknown,
  source: Source,
  context: TemplateContext,
): readonly Reading[] => {
  const { TemplateBody: body, StackSetName: name } = properties;
  if (typeof body !== "string" || !body.trimStart().startsWith("{")) return [];
  const { content } = documentAt(source, properties, "TemplateBody", body, { start: 0, end: 0 });
  if (!content.known) return [];
  const given = (Array.isArray(parameters) ? parameters : []).flatMap((one) => {
    const value = isRecord(one) ? textOf(one.ParameterValue) : undefined;
    return value === undefined ? [] : [[String(one.ParameterKey), value] as const];
  });
  const stackName = typeof name === "string" ? name : id;
  const within = `${context.within ?? ""}${id}/`;
  const own = { parameters: Object.fromEntries(given), stackName, within };
  return [readTemplate({ ...source, value: content.value }, { ...context, ...own })];
};

const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

const mapsOf = (value: unknown): Record<string, Record<string, Record<string, unknown>>> =>
  Object.fromEntries(
    Object.entries(recordOf(value)).map(([name, map]) => [
      name,
      Object.fromEntries(Object.entries(recordOf(map)).map(([key, entry]) => [key, { ...recordOf(entry) }])),
    ]),
  );

/** As given, else the default. A default that names an SSM parameter is not its value. */
const parametersOf = (
  declared: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string | readonly string[]>> =>
  Object.fromEntries(
    Object.entries(declared).map(([name, parameter]) => {
      const { Type: type, Default: preset } = recordOf(parameter);
      const isStored = typeof type === "string" && type.startsWith("AWS::SSM::Parameter::");
      const value = Object.hasOwn(given, name) ? given[name] : isStored ? undefined : textOf(preset);
      const isList = typeof type === "string" && /List\b|^List</.test(type);
      const text = value ?? unresolved(name);
      return [name, isList && !isUnresolved(text) ? text.split(",").map((item) => item.trim()) : text];
    }),
  );
