import type { Rates } from "./faults.ts";

export interface KeyPlan {
  readonly active: boolean;
  /** Days before the simulation's start, with a fraction. */
  readonly createdDays: number;
  readonly usedDays?: number;
}

export interface UserPlan {
  readonly name: string;
  readonly path: string;
  readonly password?: { readonly setDays: number; readonly usedDays?: number };
  readonly mfa: boolean;
  readonly keys: readonly KeyPlan[];
}

export type BoundaryPlan = "none" | "approved" | "other";

export interface RolePlan {
  readonly name: string;
  readonly path: string;
  readonly boundary: BoundaryPlan;
}

export interface RootPlan {
  readonly password: boolean;
  readonly mfa: "none" | "virtual" | "hardware";
  readonly key: boolean;
}

export interface AccountPlan {
  readonly id: string;
  readonly name: string;
  /** From the root down, e.g. `Root/Workloads/Prod`. */
  readonly ouPath: string;
  readonly users: readonly UserPlan[];
  readonly roles: readonly RolePlan[];
  readonly root: RootPlan;
}

/** What people and pipelines do; what cannot be done where it comes to it (no such user) is refused by IAM and forgotten. */
export type Deed =
  | { readonly do: "createUser" | "deleteUser" | "createKey" | "enableMfa" | "disableMfa"; readonly user: string }
  | { readonly do: "createLogin" | "deleteLogin" | "useLogin"; readonly user: string }
  | {
      readonly do: "deleteKey" | "deactivateKey" | "activateKey" | "useKey";
      readonly user: string;
      readonly key: number;
    }
  | { readonly do: "createRoles"; readonly count: number }
  | { readonly do: "createRole" | "putBoundary"; readonly role: string; readonly boundary: BoundaryPlan }
  | { readonly do: "deleteRole"; readonly role: string }
  | { readonly do: "work"; readonly role: string; readonly service: "s3" | "sqs" }
  | { readonly do: "browse"; readonly user: string }
  | { readonly do: "rootSignIn"; readonly succeeds: boolean }
  | { readonly do: "rootMfa"; readonly mfa: RootPlan["mfa"] }
  | { readonly do: "moveAccount"; readonly ouPath: string }
  | { readonly do: "closeAccount" }
  | OperatorDeed;

/** What an operator does; `of` chooses among the findings, repairs or exemptions that there are by then. */
export type OperatorDeed =
  | { readonly do: "acknowledge" | "approve" | "unexempt" | "resume"; readonly of: number }
  | { readonly do: "undo"; readonly of: number; readonly force: boolean }
  | { readonly do: "exempt"; readonly of: number; readonly hours: number };

export interface Change {
  /** Stays the same when other changes are left out. */
  readonly id: number;
  /** Milliseconds after the simulation's start. */
  readonly at: number;
  /** By index among the plan's accounts. */
  readonly account: number;
  readonly deed: Deed;
}

/** Something that lasts; in milliseconds after the start. */
export interface Outage {
  readonly key: string;
  readonly what: "sns down" | "settings unreadable";
  readonly from: number;
  readonly to: number;
}

/** For a while, or for good, nothing of what happens in an account reaches the hub: somebody disabled the rules there. */
export interface Cut {
  readonly key: string;
  /** By index among the plan's accounts. */
  readonly account: number;
  /** In milliseconds after the start. */
  readonly from: number;
  /** Absent: for good. */
  readonly to?: number;
}

/** All that a seed draws, as plain data: with the same plan everything happens again. */
export interface Plan {
  readonly seed: number;
  readonly days: number;
  readonly accounts: readonly AccountPlan[];
  /** `warden.config.yaml`. */
  readonly settings: string;
  readonly changes: readonly Change[];
  readonly outages: readonly Outage[];
  readonly cuts: readonly Cut[];
  readonly rates: Rates;
  /** Keys of the only faults that may be injected; absent: any. */
  readonly only?: readonly string[];
}

/** Names are few, so that what is deleted comes back under its old name, and many hands are at one thing. */
export const userNames = ["ann", "bob", "cem", "dora", "eve"];
export const roleNames = ["app", "batch", "deploy", "export", "fetch", "guard", "hook"];
export const ouPaths = ["Root", "Root/Sandbox", "Root/Workloads", "Root/Workloads/Dev", "Root/Workloads/Prod"];

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** When every simulation starts. */
export const startOfTime = new Date("2026-11-02T00:00:00Z");
