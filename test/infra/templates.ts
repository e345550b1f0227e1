import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import * as z from "zod";
import { createResolver } from "../../shared/cloudformation/intrinsics.ts";
import { readTemplate } from "../../shared/cloudformation/template.ts";
import { unresolved } from "../../shared/cloudformation/unresolved.ts";

/** A template, without bundling any function. */
export const templateOf = (make: (app: App) => Stack): Template =>
  Template.fromStack(make(new App({ context: { "aws:cdk:bundling-stacks": [] } })));

export const settingsFileOf = (text: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), "iam-warden-settings-")), "warden.config.yaml");
  writeFileSync(file, text);
  return file;
};

/** Every control that has a repair, switched on in one account alone. */
export const everythingRepairs = `version: 1
controls:
  console-user-without-mfa: { mode: remediate }
  role-without-boundary: { scopes: [{ account: "111122223333", mode: remediate }] }
  role-with-unapproved-boundary: { mode: remediate, options: { approvedBoundaries: [iam-warden-boundary] } }
  root-access-key-exists: { mode: remediate }
  stale-access-key: { scopes: [{ ou: Root/Prod, mode: remediate }] }
  unused-access-key: { mode: remediate }
  unused-role: { scopes: [{ ou: Root/Dev, mode: remediate }] }
  trust-open-to-anyone: { scopes: [{ ou: Root/Dev, mode: remediate }] }
  weak-password-policy: { mode: remediate }
repairs: { permissionsBoundary: iam-warden-boundary, centralRootAccess: true }
owners: { accountTag: team }
`;

export type Resource = { readonly Properties: Readonly<Record<string, unknown>>; readonly [key: string]: unknown };

export const resourcesOf = (template: Template, type: string): [id: string, resource: Resource][] =>
  Object.entries(template.findResources(type)).map(([id, resource]) => [id, resource as Resource]);

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const statementSchema = z.object({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: z.unknown(),
  Condition: z.unknown().optional(),
});
const documentSchema = z.object({ Statement: z.array(statementSchema) });
export type PolicyStatement = z.output<typeof statementSchema>;

const policySchema = z.object({ PolicyDocument: documentSchema, Roles: z.array(z.object({ Ref: z.string() })) });
const roleSchema = z.object({
  Policies: z.array(z.object({ PolicyDocument: documentSchema })).default([]),
});

/** The statements of each role's own policies, by the role's logical id. */
export const statementsByRole = (template: Template): ReadonlyMap<string, readonly PolicyStatement[]> => {
  const byRole = new Map<string, PolicyStatement[]>();
  for (const [id, { Properties }] of resourcesOf(template, "AWS::IAM::Role"))
    byRole.set(
      id,
      roleSchema.parse(Properties).Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
    );
  for (const [, { Properties }] of resourcesOf(template, "AWS::IAM::Policy")) {
    const { PolicyDocument, Roles } = policySchema.parse(Properties);
    for (const { Ref } of Roles) byRole.set(Ref, [...(byRole.get(Ref) ?? []), ...PolicyDocument.Statement]);
  }
  return byRole;
};

/** Everything that the one role with such a logical id may do. */
export const allowed = (template: Template, role: RegExp): readonly PolicyStatement[] => {
  const found = [...statementsByRole(template)].filter(([id]) => role.test(id));
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} roles match ${role}`);
  return first[1];
};

export const actionsOf = (template: Template, role: RegExp): string[] =>
  allowed(template, role)
    .flatMap(({ Action = [] }) => Action)
    .sort();

/** Where a template is deployed, and with what. */
export interface Deployed {
  readonly accountId: string;
  readonly region: string;
  readonly partition?: string;
  readonly parameters?: Readonly<Record<string, string | readonly string[]>>;
}

/** The resources that CloudFormation would make there. What only it can tell stands as `unresolved(LogicalId)`. */
export const deployed = (template: Template, { accountId, region, partition = "aws", parameters = {} }: Deployed) => {
  const read = readTemplate(template.toJSON());
  const given = Object.entries(read.Parameters).map(([name, { Type, Default }]) => {
    const preset = Type === "CommaDelimitedList" ? (Default ?? "").split(",") : (Default ?? unresolved(name));
    return [name, parameters[name] ?? preset] as const;
  });
  const [stackName, stackId] = [unresolved("AWS::StackName"), unresolved("AWS::StackId")];
  const { resolve, holds } = createResolver(
    read,
    { accountId, region, partition, stackName, stackId },
    {
      parameters: Object.fromEntries(given),
      ref: unresolved,
      attribute: (logicalId, name) => unresolved(`${logicalId}.${name}`),
      unresolved,
    },
  );
  return Object.entries(read.Resources).flatMap(([id, { Condition, Type, Properties }]) => {
    if (Condition !== undefined && holds(Condition) !== true) return [];
    return [{ id, type: Type, properties: z.record(z.string(), z.unknown()).parse(resolve(Properties)) }];
  });
};
