import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import * as z from "zod";
import { HubStack } from "../../infra/hub-stack.ts";
import { ManagementAccountStack } from "../../infra/management-account-stack.ts";

/** With every repair and every permission that settings can ask for. */
const everything = `version: 1
controls:
  console-user-without-mfa: { mode: remediate }
  role-with-unapproved-boundary: { mode: remediate, options: { approvedBoundaries: [iam-warden-boundary] } }
  role-without-boundary: { mode: remediate }
  root-access-key-exists: { mode: remediate }
  root-without-mfa: { mode: remediate }
  stale-access-key: { mode: remediate }
  unused-access-key: { mode: remediate }
repairs: { permissionsBoundary: iam-warden-boundary, centralRootAccess: true }
owners: { accountTag: team }
`;

const oneOrMore = z.union([z.array(z.unknown()), z.unknown().transform((value) => [value])]);
const statementSchema = z.object({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore,
  Condition: z.record(z.string(), z.record(z.string(), oneOrMore)).optional(),
});
export type Statement = z.output<typeof statementSchema>;

const documentSchema = z.object({ Statement: z.array(z.unknown()) });
const roleSchema = z.object({
  RoleName: z.string().optional(),
  Description: z.string().optional(),
  AssumeRolePolicyDocument: documentSchema,
  Policies: z.array(z.object({ PolicyDocument: documentSchema })).default([]),
});
const policySchema = z.object({ PolicyDocument: documentSchema, Roles: z.array(z.object({ Ref: z.string() })) });
const templateSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
});

/** A role as a stack makes it. */
export interface SynthesizedRole {
  /** Its name, or where it has none of its own its logical id. */
  readonly name: string;
  readonly statements: readonly Statement[];
}

/** The roles of the hub's stack, and those of an account's, with all that they may do if the settings ask for everything. */
export const synthesizedRoles = (): Readonly<Record<"hub" | "account", readonly SynthesizedRole[]>> => {
  const outdir = mkdtempSync(join(tmpdir(), "iam-warden-docs-"));
  try {
    const settingsFile = join(outdir, "settings.yaml");
    writeFileSync(settingsFile, everything);
    // Nothing is bundled: what the functions are made of is no matter here.
    const context = { "aws:cdk:bundling-stacks": [], "@aws-cdk/aws-iam:minimizePolicies": true };
    const app = new App({ outdir, analyticsReporting: false, context });
    const hub = new HubStack(app, "hub", { settingsFile });
    const account = new ManagementAccountStack(app, "account", { settingsFile });
    const assembly = app.synth();
    const rolesOf = (name: string) => rolesIn(assembly.getStackByName(name).template);
    return { hub: rolesOf(hub.stackName), account: rolesOf(account.stackName) };
  } finally {
    rmSync(outdir, { recursive: true });
  }
};

const rolesIn = (template: unknown): readonly SynthesizedRole[] => {
  const resources = Object.entries(templateSchema.parse(template).Resources);
  const policies = resources.flatMap(([, { Type, Properties }]) =>
    Type === "AWS::IAM::Policy" ? [policySchema.parse(Properties)] : [],
  );
  return resources.flatMap(([id, { Type, Properties }]) => {
    if (Type !== "AWS::IAM::Role") return [];
    const { RoleName, Policies } = roleSchema.parse(Properties);
    const attached = policies.filter(({ Roles }) => Roles.some(({ Ref }) => Ref === id));
    const statements = [...Policies, ...attached].flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    return [{ name: RoleName ?? id, statements: z.array(statementSchema).parse(statements) }];
  });
};
