import type { EventPattern } from "../../shared/control.ts";

/** What EventBridge keeps, as plain data in the sandbox's state: a bus is of one account and Region. */
export interface EventBus {
  readonly arn: string;
  readonly name: string;
  /** The statements of its policy, by statement id. */
  readonly statements: Map<string, unknown>;
  /** By name, in the order in which they were made. */
  readonly rules: Map<string, Rule>;
}

export type RuleState = "ENABLED" | "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" | "DISABLED";

export interface Rule {
  readonly arn: string;
  readonly name: string;
  readonly busArn: string;
  readonly pattern: EventPattern;
  state: RuleState;
  /** By id. */
  readonly targets: Map<string, Target>;
}

export interface Target {
  readonly id: string;
  readonly arn: string;
  /** The role that EventBridge assumes to deliver. */
  readonly roleArn?: string;
  readonly retryPolicy?: { readonly maximumEventAgeInSeconds: number; readonly maximumRetryAttempts: number };
  /** A path into the event, whose value is the message group's id on a queue. */
  readonly messageGroupPath?: string;
  /** The queue of what could not be delivered. */
  readonly deadLetterArn?: string;
}

/** What a rule or a schedule had for its target, and the target did not get. */
export interface Undelivered {
  /** The rule's or the schedule's ARN. */
  readonly from: string;
  readonly targetArn: string;
  /** The event's. */
  readonly id: string;
  /** Virtual time. */
  readonly at: Date;
  /** E.g. `NO_PERMISSIONS`. */
  readonly code: string;
  readonly message: string;
  /** Whether it lies in the target's dead-letter queue. */
  readonly laidAside: boolean;
}
