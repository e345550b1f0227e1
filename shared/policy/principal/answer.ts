import type { ConditionBlock } from "../language/document.ts";
import type { LayerRef, StatementRef } from "./layers.ts";

/**
 * Which resources a question is about: all that a pattern stands for, or at least one of them that is not excepted.
 * Where an action has no resources, ask of everything.
 */
export type On = { readonly every: string } | { readonly some: string; readonly except?: readonly string[] };

/** On everything: the only grant that an action without resources can have. */
export const everything: On = { every: "*" };

/** A statement that confines: its conditions as far as they are open, and what else makes it less than whole. */
export interface ConfiningStatement extends StatementRef {
  readonly conditions: ConditionBlock;
  /** It is about some of what was asked, or a variable without a known value decides. */
  readonly isPartial: boolean;
}

/** A statement of the principal's own policies that gives what was asked. */
export interface Grant extends ConfiningStatement {
  readonly decision: "yes" | "conditional" | "unknown";
  /** Where it gives it: the resources as the policy writes them; `*` where it names none, or names what it leaves out. */
  readonly resources: readonly string[];
}

/**
 * What a principal can do. `yes`: but for the exceptions, if there are any. `conditional`: where conditions of an Allow hold, or
 * where a variable has the right value. `unknown`: an element or operator that nobody can judge decides it.
 */
export interface Answer {
  readonly decision: "yes" | "conditional" | "no" | "unknown";
  /** The surest first. Empty where the answer is no. */
  readonly grants: readonly Grant[];
  /** The Allow statements, of any layer, whose conditions make it conditional. */
  readonly confinedBy: readonly ConfiningStatement[];
  /** Deny statements that leave it, but not always: with conditions, or about a part of what was asked. */
  readonly exceptions: readonly ConfiningStatement[];
  /** Where the answer is no: the layer that denies, or does not allow. */
  readonly takenAwayBy?: LayerRef & { readonly denial?: StatementRef };
}

const order = ["yes", "conditional", "unknown", "no"] as const;

/** Orders answers from the surest to no. */
export const byWorth = (a: Pick<Answer, "decision">, b: Pick<Answer, "decision">): number =>
  order.indexOf(a.decision) - order.indexOf(b.decision);

/** What is left of two decisions that both have to hold. */
export const worst = <T extends Answer["decision"]>(a: T, b: T): T => (order.indexOf(a) > order.indexOf(b) ? a : b);
