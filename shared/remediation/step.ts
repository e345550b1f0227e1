import { ownAnalyzer } from "../analyzers/own-analyzer.ts";
import type { PasswordPolicyFacts } from "../facts/facts.ts";

/** Tasks that central root access knows, by the name of their policy in `policy/root-task/`. */
export type RootTask = "IAMAuditRootUserCredentials" | "IAMDeleteRootUserCredentials";

/**
 * Every write that a repair, or its undo, may make. Those that begin with `root:` run as a member account's root, in a
 * session of `sts:AssumeRoot` that may do nothing else.
 */
export type AnyWrite =
  | {
      readonly operation: "PutUserPolicy";
      readonly userName: string;
      readonly policyName: string;
      /** JSON text, as it is to stand there. */
      readonly document: string;
    }
  | { readonly operation: "DeleteUserPolicy"; readonly userName: string; readonly policyName: string }
  | {
      readonly operation: "UpdateAccessKey";
      readonly userName: string;
      readonly accessKeyId: string;
      readonly status: KeyStatus;
    }
  | { readonly operation: "DeleteAccessKey"; readonly userName: string; readonly accessKeyId: string }
  | { readonly operation: "PutRolePermissionsBoundary"; readonly roleName: string; readonly boundaryArn: string }
  | { readonly operation: "DeleteRolePermissionsBoundary"; readonly roleName: string }
  | {
      readonly operation: "PutRolePolicy";
      readonly roleName: string;
      readonly policyName: string;
      /** JSON text, as it is to stand there. */
      readonly document: string;
    }
  | { readonly operation: "DeleteRolePolicy"; readonly roleName: string; readonly policyName: string }
  | { readonly operation: "TagRole"; readonly roleName: string; readonly key: OwnTagKey; readonly value: string }
  | { readonly operation: "UntagRole"; readonly roleName: string; readonly key: OwnTagKey }
  | {
      readonly operation: "UpdateAssumeRolePolicy";
      readonly roleName: string;
      /** JSON text, as it is to stand there. */
      readonly document: string;
    }
  | {
      readonly operation: "UpdateAccountPasswordPolicy";
      /** All of it: what is not named falls back to IAM's default. */
      readonly policy: PasswordPolicyFacts;
    }
  | { readonly operation: "DeleteAccountPasswordPolicy" }
  | { readonly operation: "CreateAnalyzer"; readonly region: string; readonly analyzerName: string }
  | { readonly operation: "DeleteAnalyzer"; readonly region: string; readonly analyzerName: string }
  /** Facts hold no ids of root's keys: those that the before-image names are meant, and no later ones. */
  | { readonly operation: "root:DeleteAccessKey" }
  | { readonly operation: "root:DeleteLoginProfile" };

/** The keys of iam-warden's own tags on roles: it sets and removes no others. */
export const ownTagKeys = ["iam-warden-quarantine"] as const;
export type OwnTagKey = (typeof ownTagKeys)[number];

export type KeyStatus = "Active" | "Inactive";
export type WriteName = AnyWrite["operation"];
export type WriteOf<N extends WriteName> = Extract<AnyWrite, { readonly operation: N }>;

/** The place in an account that a step changes: what stands there before is the step's before-image. */
export type Slot =
  | { readonly kind: "userPolicy"; readonly userName: string; readonly policyName: string }
  | { readonly kind: "accessKey"; readonly userName: string; readonly accessKeyId: string }
  | { readonly kind: "roleBoundary"; readonly roleName: string }
  | { readonly kind: "rolePolicy"; readonly roleName: string; readonly policyName: string }
  | { readonly kind: "roleTag"; readonly roleName: string; readonly key: OwnTagKey }
  | { readonly kind: "trustPolicy"; readonly roleName: string }
  | { readonly kind: "passwordPolicy" }
  | { readonly kind: "analyzer"; readonly region: string; readonly analyzerName: string }
  | { readonly kind: "rootAccessKeys" }
  | { readonly kind: "rootPassword" };
export type SlotKind = Slot["kind"];
type SlotOf<K extends SlotKind> = Extract<Slot, { readonly kind: K }>;

interface Reversible<N extends WriteName, K extends SlotKind, Undo> {
  readonly write: WriteOf<N>;
  readonly before: SlotOf<K>;
  /** The write that brings the before-image back: where something stood there, and where nothing did. */
  readonly undo: Undo;
}

interface Irreversible<N extends WriteName, K extends SlotKind> {
  readonly write: WriteOf<N>;
  readonly before: SlotOf<K>;
  /** Why nothing can undo it, as a sentence. */
  readonly irreversible: string;
}

export type AnyStep =
  | Reversible<
      "PutUserPolicy",
      "userPolicy",
      { readonly present: "PutUserPolicy"; readonly absent: "DeleteUserPolicy" }
    >
  | Reversible<"UpdateAccessKey", "accessKey", { readonly present: "UpdateAccessKey" }>
  | Reversible<
      "PutRolePermissionsBoundary",
      "roleBoundary",
      { readonly present: "PutRolePermissionsBoundary"; readonly absent: "DeleteRolePermissionsBoundary" }
    >
  | Reversible<
      "PutRolePolicy",
      "rolePolicy",
      { readonly present: "PutRolePolicy"; readonly absent: "DeleteRolePolicy" }
    >
  | Reversible<"TagRole", "roleTag", { readonly present: "TagRole"; readonly absent: "UntagRole" }>
  | Reversible<"UpdateAssumeRolePolicy", "trustPolicy", { readonly present: "UpdateAssumeRolePolicy" }>
  | Reversible<
      "UpdateAccountPasswordPolicy",
      "passwordPolicy",
      { readonly present: "UpdateAccountPasswordPolicy"; readonly absent: "DeleteAccountPasswordPolicy" }
    >
  | Reversible<"CreateAnalyzer", "analyzer", { readonly absent: "DeleteAnalyzer" }>
  | Irreversible<"DeleteAccessKey", "accessKey">
  | Irreversible<"root:DeleteAccessKey", "rootAccessKeys">
  | Irreversible<"root:DeleteLoginProfile", "rootPassword">;

/** The writes that a step and its undo may make. */
export type WritesOf<S extends AnyStep> =
  | S["write"]["operation"]
  | (S extends { readonly undo: infer Undo } ? Extract<Undo[keyof Undo], WriteName> : never);

type Within<S extends AnyStep, W extends WriteName> = S extends AnyStep
  ? [WritesOf<S>] extends [W]
    ? S
    : never
  : never;

/** A step that makes no write but those named, be it to apply or to undo: what to do, as data. */
export type Step<W extends WriteName> = Within<AnyStep, W>;

type PlanOf<S extends AnyStep> = { readonly steps: readonly [S, ...(readonly S[])] } | { readonly held: string };

/** The steps that repair a finding, in order; or why nothing but a person can, as a sentence. */
export type AnyPlan = PlanOf<AnyStep>;
/** A plan whose steps make no write but those named. */
export type Plan<W extends WriteName> = PlanOf<Step<W>>;

type StepThat<N extends WriteName> = Extract<AnyStep, { readonly write: WriteOf<N> }>;

/** Puts an inline policy on a user. What stood under that name comes back on undo, byte for byte. */
export const putUserPolicy = (policy: Omit<WriteOf<"PutUserPolicy">, "operation">): StepThat<"PutUserPolicy"> => ({
  write: { operation: "PutUserPolicy", ...policy },
  before: { kind: "userPolicy", userName: policy.userName, policyName: policy.policyName },
  undo: { present: "PutUserPolicy", absent: "DeleteUserPolicy" },
});

/** Makes an access key inactive. */
export const deactivateAccessKey = (userName: string, accessKeyId: string): StepThat<"UpdateAccessKey"> => ({
  write: { operation: "UpdateAccessKey", userName, accessKeyId, status: "Inactive" },
  before: { kind: "accessKey", userName, accessKeyId },
  undo: { present: "UpdateAccessKey" },
});

export const deleteAccessKey = (userName: string, accessKeyId: string): StepThat<"DeleteAccessKey"> => ({
  write: { operation: "DeleteAccessKey", userName, accessKeyId },
  before: { kind: "accessKey", userName, accessKeyId },
  irreversible: "Nothing brings a deleted access key back.",
});

/** Attaches a boundary to a role in place of whatever boundary it has. */
export const putRoleBoundary = (roleName: string, boundaryArn: string): StepThat<"PutRolePermissionsBoundary"> => ({
  write: { operation: "PutRolePermissionsBoundary", roleName, boundaryArn },
  before: { kind: "roleBoundary", roleName },
  undo: { present: "PutRolePermissionsBoundary", absent: "DeleteRolePermissionsBoundary" },
});

/** Puts an inline policy on a role. What stood under that name comes back on undo, byte for byte. */
export const putRolePolicy = (policy: Omit<WriteOf<"PutRolePolicy">, "operation">): StepThat<"PutRolePolicy"> => ({
  write: { operation: "PutRolePolicy", ...policy },
  before: { kind: "rolePolicy", roleName: policy.roleName, policyName: policy.policyName },
  undo: { present: "PutRolePolicy", absent: "DeleteRolePolicy" },
});

/** Sets one of iam-warden's own tags on a role; IAM takes letters, numbers, spaces and `_.:/=+-@` in its value, at most 256. */
export const tagRole = (tag: Omit<WriteOf<"TagRole">, "operation">): StepThat<"TagRole"> => ({
  write: { operation: "TagRole", ...tag },
  before: { kind: "roleTag", roleName: tag.roleName, key: tag.key },
  undo: { present: "TagRole", absent: "UntagRole" },
});

/** Sets whom a role trusts, in place of whomever it trusts now. */
export const updateTrustPolicy = (roleName: string, document: string): StepThat<"UpdateAssumeRolePolicy"> => ({
  write: { operation: "UpdateAssumeRolePolicy", roleName, document },
  before: { kind: "trustPolicy", roleName },
  undo: { present: "UpdateAssumeRolePolicy" },
});

/** Sets what the account asks of console passwords, in place of whatever it asks now. */
export const updatePasswordPolicy = (policy: PasswordPolicyFacts): StepThat<"UpdateAccountPasswordPolicy"> => ({
  write: { operation: "UpdateAccountPasswordPolicy", policy },
  before: { kind: "passwordPolicy" },
  undo: { present: "UpdateAccountPasswordPolicy", absent: "DeleteAccountPasswordPolicy" },
});

/** Makes an analyzer for access from outside the account; undo deletes it, and no other. */
export const createAnalyzer = (region: string): StepThat<"CreateAnalyzer"> => ({
  write: { operation: "CreateAnalyzer", region, analyzerName: ownAnalyzer.name },
  before: { kind: "analyzer", region, analyzerName: ownAnalyzer.name },
  undo: { absent: "DeleteAnalyzer" },
});

/** Deletes every access key that root has by the time of the before-image. */
export const deleteRootAccessKeys = (): StepThat<"root:DeleteAccessKey"> => ({
  write: { operation: "root:DeleteAccessKey" },
  before: { kind: "rootAccessKeys" },
  irreversible: "Nothing brings a deleted access key of root back.",
});

export const deleteRootPassword = (): StepThat<"root:DeleteLoginProfile"> => ({
  write: { operation: "root:DeleteLoginProfile" },
  before: { kind: "rootPassword" },
  irreversible: "Nothing brings root's password back; central root access can let the account's owner set a new one.",
});

export const isIrreversible = (step: AnyStep): step is Extract<AnyStep, { readonly irreversible: string }> =>
  "irreversible" in step;

/** Whether a step only says what iam-warden did: it takes part in no decision. */
export const isOwnTag = ({ write }: AnyStep): boolean => write.operation === "TagRole";

/** The writes that a step and its undo may make, by name. @internal for tests */
export const writesOf = (step: AnyStep): readonly WriteName[] =>
  isIrreversible(step) ? [step.write.operation] : [step.write.operation, ...Object.values(step.undo)];
