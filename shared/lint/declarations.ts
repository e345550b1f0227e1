import type { Fact } from "../facts/facts.ts";
import type { Range } from "../text/positions.ts";
import type { Document } from "./source/source.ts";

// What templates, plans and bare documents declare, whatever their format.

interface Declared {
  /** What the file's people call it: a logical id, a Terraform address; empty for a bare document. */
  readonly address: string;
  readonly at: Range;
}

export type PrincipalKind = "role" | "user" | "group";

/** What a policy is attached to: declared here or not. */
export interface PrincipalRef {
  readonly kind: PrincipalKind;
  readonly name: string;
}

/** A policy embedded in a principal. */
export interface InlinePolicy extends Declared {
  readonly name: string;
  readonly document: Document;
}

export interface PrincipalDeclaration extends Declared, PrincipalRef {
  readonly path: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The ARN of the permissions boundary; a group has none. */
  readonly boundary: Fact<string | null>;
  /** ARNs of managed policies; unknown if the list is. */
  readonly attached: Fact<readonly string[]>;
  readonly inline: readonly InlinePolicy[];
  /** Of a user. */
  readonly groups: readonly string[];
  /** Of a role. */
  readonly trust?: Document;
}

export type Declaration =
  | ({ readonly type: "principal" } & PrincipalDeclaration)
  | ({ readonly type: "inlinePolicy"; readonly of: readonly PrincipalRef[] } & InlinePolicy)
  | ({
      readonly type: "managedPolicy";
      readonly name: string;
      readonly path: string;
      readonly arn: string;
      readonly document: Document;
      readonly to: readonly PrincipalRef[];
      /** Named so where a policy stands for itself: what it is written for. */
      readonly isBoundary?: boolean;
    } & Declared)
  | ({ readonly type: "attachment"; readonly policyArn: string; readonly to: readonly PrincipalRef[] } & Declared)
  | ({ readonly type: "membership"; readonly users: readonly string[]; readonly groups: readonly string[] } & Declared)
  | ({ readonly type: "loginProfile"; readonly user: string } & Declared)
  | ({ readonly type: "accessKey"; readonly user: string; readonly isActive: boolean } & Declared)
  | ({
      readonly type: "oidcProvider";
      /** The issuer, without `https://`. */
      readonly name: string;
      readonly clientIds: Fact<readonly string[]>;
      readonly tags: Readonly<Record<string, string>>;
    } & Declared)
  /** Policies that no control judges, and whose limits are checked. */
  | ({ readonly type: "otherPolicy"; readonly of: "scp" | "session"; readonly document: Document } & Declared);

/** Something that a file has and that lint cannot read: told, and never taken for clean. */
export interface Unread {
  readonly address: string;
  readonly at: Range;
  readonly why: string;
}

/** What a file says. */
export interface Reading {
  readonly declarations: readonly Declaration[];
  /** Templates within, which are deployed to accounts of their own. */
  readonly nested: readonly Reading[];
  /** What is right and cannot be told before it is deployed. */
  readonly unread: readonly Unread[];
  /** What is wrong: its deployment would fail. */
  readonly problems: readonly { readonly offset: number; readonly message: string }[];
  /** The names of the parameters that a template takes. */
  readonly parameters?: readonly string[];
}
