import * as z from "zod";
import type { PasswordPolicyFacts } from "../facts/facts.ts";
import { cut } from "../findings/bounds.ts";
import { readItem } from "../findings/read-item.ts";
import { subjectKinds } from "../subject.ts";
import { type Remediation, remediationStates, stages } from "./remediation.ts";
import { type AnyStep, ownTagKeys } from "./step.ts";

const status = z.enum(["Active", "Inactive"]);
const text = z.string();
const at = text.optional();

const passwordPolicy: z.ZodType<PasswordPolicyFacts> = z.object({
  minimumLength: z.int(),
  requireLowercase: z.boolean(),
  requireUppercase: z.boolean(),
  requireNumbers: z.boolean(),
  requireSymbols: z.boolean(),
  usersMayChange: z.boolean(),
  maxAgeDays: z.int().nullable(),
  hardExpiry: z.boolean(),
  remembered: z.int().nullable(),
});
const userPolicy = { userName: text, policyName: text };
const accessKey = { userName: text, accessKeyId: text };
const rolePolicy = { roleName: text, policyName: text };
const roleTag = { roleName: text, key: z.enum(ownTagKeys) };
const analyzer = { region: text, analyzerName: text };
const keySlot = z.object({ kind: z.literal("accessKey"), ...accessKey });

const step: z.ZodType<AnyStep> = z.union([
  z.object({
    write: z.object({ operation: z.literal("PutUserPolicy"), ...userPolicy, document: text }),
    before: z.object({ kind: z.literal("userPolicy"), ...userPolicy }),
    undo: z.object({ present: z.literal("PutUserPolicy"), absent: z.literal("DeleteUserPolicy") }),
  }),
  z.object({
    write: z.object({ operation: z.literal("UpdateAccessKey"), ...accessKey, status }),
    before: keySlot,
    undo: z.object({ present: z.literal("UpdateAccessKey") }),
  }),
  z.object({
    write: z.object({ operation: z.literal("PutRolePermissionsBoundary"), roleName: text, boundaryArn: text }),
    before: z.object({ kind: z.literal("roleBoundary"), roleName: text }),
    undo: z.object({
      present: z.literal("PutRolePermissionsBoundary"),
      absent: z.literal("DeleteRolePermissionsBoundary"),
    }),
  }),
  z.object({
    write: z.object({ operation: z.literal("PutRolePolicy"), ...rolePolicy, document: text }),
    before: z.object({ kind: z.literal("rolePolicy"), ...rolePolicy }),
    undo: z.object({ present: z.literal("PutRolePolicy"), absent: z.literal("DeleteRolePolicy") }),
  }),
  z.object({
    write: z.object({ operation: z.literal("TagRole"), ...roleTag, value: text }),
    before: z.object({ kind: z.literal("roleTag"), ...roleTag }),
    undo: z.object({ present: z.literal("TagRole"), absent: z.literal("UntagRole") }),
  }),
  z.object({
    write: z.object({ operation: z.literal("UpdateAssumeRolePolicy"), roleName: text, document: text }),
    before: z.object({ kind: z.literal("trustPolicy"), roleName: text }),
    undo: z.object({ present: z.literal("UpdateAssumeRolePolicy") }),
  }),
  z.object({
    write: z.object({ operation: z.literal("UpdateAccountPasswordPolicy"), policy: passwordPolicy }),
    before: z.object({ kind: z.literal("passwordPolicy") }),
    undo: z.object({
      present: z.literal("UpdateAccountPasswordPolicy"),
      absent: z.literal("DeleteAccountPasswordPolicy"),
    }),
  }),
  z.object({
    write: z.object({ operation: z.literal("CreateAnalyzer"), ...analyzer }),
    before: z.object({ kind: z.literal("analyzer"), ...analyzer }),
    undo: z.object({ absent: z.literal("DeleteAnalyzer") }),
  }),
  z.object({
    write: z.object({ operation: z.literal("DeleteAccessKey"), ...accessKey }),
    before: keySlot,
    irreversible: text,
  }),
  z.object({
    write: z.object({ operation: z.literal("root:DeleteAccessKey") }),
    before: z.object({ kind: z.literal("rootAccessKeys") }),
    irreversible: text,
  }),
  z.object({
    write: z.object({ operation: z.literal("root:DeleteLoginProfile") }),
    before: z.object({ kind: z.literal("rootPassword") }),
    irreversible: text,
  }),
]);

const slotState = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("userPolicy"), userId: text, document: text.nullable() }),
  z.object({ kind: z.literal("accessKey"), status: status.nullable() }),
  z.object({ kind: z.literal("roleBoundary"), roleId: text, boundaryArn: text.nullable() }),
  z.object({ kind: z.literal("rolePolicy"), roleId: text, document: text.nullable() }),
  z.object({ kind: z.literal("roleTag"), roleId: text, value: text.nullable() }),
  z.object({ kind: z.literal("trustPolicy"), roleId: text, document: text }),
  z.object({ kind: z.literal("passwordPolicy"), policy: passwordPolicy.nullable() }),
  z.object({ kind: z.literal("analyzer"), made: z.enum(["none", "own", "other"]) }),
  z.object({
    kind: z.literal("rootAccessKeys"),
    keys: z.array(z.object({ id: text, status, createdAt: text })),
  }),
  z.object({ kind: z.literal("rootPassword"), present: z.boolean() }),
  z.object({ kind: z.literal("gone"), what: text }),
]);

const boundary = z.object({ policyId: text, versionId: text });

const remediationItem = z.object({
  id: text,
  account: z.object({ id: text, name: text.optional(), ouPath: text.optional() }),
  findingId: text,
  control: text,
  subject: z.object({
    kind: z.enum(subjectKinds),
    name: text,
    accessKeyId: text.optional(),
    arn: text,
  }),
  stage: z.enum(stages),
  state: z.enum(remediationStates),
  steps: z.array(z.object({ step, before: slotState, boundary: boundary.optional(), doneAt: at })),
  by: text,
  why: text,
  approvedBy: text.optional(),
  intendedAt: text,
  startedAt: text,
  appliedAt: at,
  verifiedAt: at,
  verification: text.optional(),
  contained: z.literal(true).optional(),
  failedAt: at,
  failure: text.optional(),
  failures: z.number().int().nonnegative(),
  undo: z
    .object({ by: text, why: text, askedAt: text, forced: z.boolean(), drift: z.array(text), left: text.optional() })
    .optional(),
  undoneAt: at,
  overAt: at,
  version: z.number().int().positive(),
});

/**
 * The attributes of a stored remediation, without keys: plain JSON, nothing shared. What people wrote is cut to 1,000
 * characters; before-images are kept whole, since undo has to bring them back to the byte (IAM bounds them).
 */
export const remediationToItem = (remediation: Remediation): Record<string, unknown> => {
  const { by, why, approvedBy, failure, verification, undo, ...rest } = structuredClone(remediation);
  const bounded = { by, why, approvedBy, failure, verification };
  const present = Object.entries(bounded).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, cut(value, 1_000)] as const],
  );
  return {
    ...rest,
    ...Object.fromEntries(present),
    ...(undo && {
      undo: {
        ...{ ...undo, by: cut(undo.by, 1_000), why: cut(undo.why, 1_000) },
        ...(undo.left !== undefined && { left: cut(undo.left, 1_000) }),
      },
    }),
  };
};

/** @throws MalformedInputError if what is stored is not a remediation: a later version's, or somebody else's item */
export const remediationFromItem = (item: Readonly<Record<string, unknown>>): Remediation =>
  readItem("remediation", remediationItem, item);
