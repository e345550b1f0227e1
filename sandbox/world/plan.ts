import { byCodeUnit } from "../../shared/order.ts";
import { type SubjectRef, subjectKey } from "../../shared/subject.ts";

/** That somebody is beside a flaw like it, and quiet. */
export interface TwinPlan {
  /** The control that would find it, but for what confines it. */
  readonly control: string;
  /** `likeness`: nothing confines it; it is as the control asks for it. */
  readonly confinedBy: "condition" | "boundary" | "serviceControl" | "likeness";
}

/** What looks like a violation and is none. */
export interface Twin extends Violation, TwinPlan {}

/**
 * What a generated account will hold, in words that both sides are made from: the state that AWS would show, and the truth
 * of which controls are violated. Ages are in whole days; each entity's times lie a few hours further back, the same for
 * all of one entity, so that an age is over or under a limit for hours to come.
 */
export interface UserPlan {
  readonly name: string;
  readonly path?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly createdDays: number;
  /** `usedDays` absent: never signed in. */
  readonly password?: { readonly setDays: number; readonly usedDays?: number };
  readonly mfa?: MfaKind;
  /** A virtual device bears the user's name and is assigned to nobody. */
  readonly unassignedMfaDevice?: boolean;
  readonly keys?: readonly KeyPlan[];
  readonly serviceCredentials?: readonly ServiceCredentialPlan[];
  readonly boundary?: boolean;
  readonly groups?: readonly string[];
  /** By name. */
  readonly inlinePolicies?: Readonly<Record<string, string>>;
  /** The controls of permissions that its policies violate. */
  readonly permissionViolations?: readonly string[];
  readonly twinOf?: readonly TwinPlan[];
}

export type MfaKind = "virtual" | "fido" | "hardware";

export interface KeyPlan {
  readonly active: boolean;
  readonly createdDays: number;
  /** Absent: never used. */
  readonly usedDays?: number;
}

export interface ServiceCredentialPlan {
  /** `codecommit.amazonaws.com` */
  readonly service: string;
  readonly active: boolean;
  readonly createdDays: number;
  /** How long it is good for; absent: for ever. */
  readonly lastsDays?: number;
}

export interface RolePlan {
  readonly name: string;
  readonly path?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly createdDays: number;
  readonly usedDays?: number;
  readonly trust: string;
  readonly boundary: "none" | "approved" | "other";
  /** The control of trust that `trust` violates, if it violates one. */
  readonly trustViolation?: string;
  /** AWS makes it, or AWS tools and iam-warden itself depend on it: no control on boundaries judges it. */
  readonly outOfScope?: boolean;
  readonly attachedPolicies?: readonly string[];
  /** By name. */
  readonly inlinePolicies?: Readonly<Record<string, string>>;
  /** The controls of permissions that its policies violate, with what its boundary leaves of them. */
  readonly permissionViolations?: readonly string[];
  readonly twinOf?: readonly TwinPlan[];
}

/** What an account asks of console passwords; absent: nothing of its own. */
export interface PasswordPolicyPlan {
  /** In characters. */
  readonly minimumLength: number;
  /** How many of a user's last passwords may not come back. */
  readonly remembered: number;
}

/** Without password and keys: a member under central root access. */
export interface RootPlan {
  readonly password?: { readonly setDays: number; readonly usedDays?: number };
  readonly mfa?: readonly MfaKind[];
  readonly keys?: readonly KeyPlan[];
}

/** One thing that a control must find, and may find nowhere else. */
export interface Violation {
  readonly control: string;
  /** Account id. */
  readonly account: string;
  readonly subject: SubjectRef;
}

/** In the order of control, account and subject. */
export const sortViolations = (violations: readonly Violation[]): readonly Violation[] => {
  const keyOf = ({ control, account, subject }: Violation) => `${control} ${account} ${subjectKey(subject)}`;
  return violations.toSorted((a, b) => byCodeUnit(keyOf(a), keyOf(b)));
};

// The default limits, in days; an age must be over them.
const oldKeyDays = 90;
const unusedDays = 45;
const idleRoleDays = 90;
// And those of passwords.
const shortestLength = 14;
const fewestRemembered = 24;

/** Days since something was last used, or since it was made or set anew if that is later. */
const idleDays = (madeDays: number, usedDays: number | undefined): number => Math.min(madeDays, usedDays ?? madeDays);

/** The ids of a user's keys go with its plan's keys, one for one. */
export const userViolations = (account: string, plan: UserPlan, keyIds: readonly string[]): readonly Violation[] => {
  const { name, password, mfa, keys = [], permissionViolations = [], serviceCredentials = [] } = plan;
  const user = { kind: "user", name } as const;
  const found: Violation[] = [];
  const violates = (control: string, subject: SubjectRef) => found.push({ control, account, subject });
  for (const control of permissionViolations) violates(control, user);
  if (password && mfa === undefined) violates("console-user-without-mfa", user);
  if (password && idleDays(password.setDays, password.usedDays) > unusedDays) violates("unused-console-password", user);
  const isLongLived = ({ active, createdDays, lastsDays }: ServiceCredentialPlan) =>
    active && createdDays > oldKeyDays && (lastsDays === undefined || lastsDays > createdDays);
  if (serviceCredentials.some(isLongLived)) violates("long-lived-service-credential", user);
  if (keys.filter(({ active }) => active).length === 2) violates("two-active-access-keys", user);
  keys.forEach((key, at) => {
    if (!key.active) return;
    const subject = { kind: "accessKey", name, accessKeyId: keyIds[at] ?? "" } as const;
    if (key.createdDays > oldKeyDays) violates("stale-access-key", subject);
    if (idleDays(key.createdDays, key.usedDays) > unusedDays) violates("unused-access-key", subject);
  });
  return found;
};

/** `role-with-unapproved-boundary` judges nothing until the settings approve a boundary: see `World.withApprovedBoundary`. */
export const roleViolations = (account: string, plan: RolePlan): readonly Violation[] => {
  const { name, boundary, outOfScope, trustViolation, permissionViolations = [], createdDays, usedDays } = plan;
  const found: string[] = [...permissionViolations];
  if (trustViolation !== undefined) found.push(trustViolation);
  if (!outOfScope && boundary === "none") found.push("role-without-boundary");
  if (!outOfScope && boundary === "other") found.push("role-with-unapproved-boundary");
  if (!outOfScope && idleDays(createdDays, usedDays) > idleRoleDays) found.push("unused-role");
  return found.map((control) => ({ control, account, subject: { kind: "role", name } }));
};

export const rootViolations = (account: string, { password, mfa = [], keys = [] }: RootPlan): readonly Violation[] => {
  const subject = { kind: "root", name: "root" } as const;
  const hasCredentials = password !== undefined || keys.length > 0;
  const found: string[] = [];
  if (hasCredentials && mfa.length === 0) found.push("root-without-mfa");
  if (hasCredentials && mfa.includes("virtual")) found.push("root-mfa-not-hardware");
  if (keys.length > 0) found.push("root-access-key-exists");
  return found.map((control) => ({ control, account, subject }));
};

/** An account's own, once all its users are there. */
export const passwordViolations = (
  account: string,
  policy: PasswordPolicyPlan | undefined,
  hasConsoleUsers: boolean,
): readonly Violation[] => {
  const isStrict = policy && policy.minimumLength >= shortestLength && policy.remembered >= fewestRemembered;
  if (!hasConsoleUsers || isStrict) return [];
  return [{ control: "weak-password-policy", account, subject: { kind: "account", name: account } }];
};

/** Of server certificates: whole days since they expired; negative for those that are good still. */
export const certificateViolations = (account: string, name: string, expiredDays: number): readonly Violation[] =>
  expiredDays < 0
    ? []
    : [{ control: "server-certificate-expired", account, subject: { kind: "serverCertificate", name } }];

/** What a world's violations are once the settings approve a boundary; without that, no boundary is unapproved. */
export const underDefaults = (violations: readonly Violation[]): readonly Violation[] =>
  violations.filter(({ control }) => control !== "role-with-unapproved-boundary");
