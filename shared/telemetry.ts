/** What is counted, by its CloudWatch metric name. */
export type Metric =
  | "EventsRefused"
  | "PoisonMessages"
  | "MessagesRetried"
  | "UnknownVerdicts"
  | "FindingsOpened"
  | "FindingsResolved"
  | "FindingsUnreadable"
  | "SweepsUnreadable"
  | "NotificationsFailed"
  | "ReportsFailed"
  | "AccountsFailed"
  | "AccountsSwept"
  | "AccountsUnswept"
  | "RepairsMade"
  | "RepairsFailed"
  | "RepairsHeld"
  | "RepairsUndone"
  | "RepairsRetried"
  | "RepairsBroken"
  | "RepairsAsked"
  | "BreakersTripped"
  | "RemindersTold"
  | "ExemptionsUnreadable"
  | "DenialsAfterRepair";

/** Structured fields of a log line. An `error` is logged with its name, message and causes. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the program says what it does: structured log lines and counters. Never throws. */
export interface Telemetry {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  count(metric: Metric, value?: number): void;
}
