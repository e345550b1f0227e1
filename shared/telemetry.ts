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
  | "DenialsAfterRepair"
  /** An invocation that ran without settings that may be repaired by. */
  | "SettingsUnusable"
  /** What AppConfig delivered was refused. */
  | "SettingsRefused"
  /** A control is to be repaired, and the deployment gave no permission for it. */
  | "RepairsNotDeployed"
  /** A list of accounts whose tags may not be read: nobody is told as their owner. */
  | "OwnersUnknown"
  | "MarksFailed"
  /** Permissions of more users and roles changed than one event is worth, or of some that may not be listed. */
  | "ChangesLeftToSweep"
  | "BlindAccounts"
  /** The sweep could not read the organization, or not all of it. */
  | "OrganizationNotRead"
  /** A change of the organization is not read before the next sweep. */
  | "OrganizationOutdated";

/** What is measured, in seconds, by its CloudWatch metric name. */
export type Measure =
  /** From CloudTrail's time of a mark to when the hub heard of it. */
  "MarkDelaySeconds";

/** Structured fields of a log line. An `error` is logged with its name, message and causes. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the program says what it does: structured log lines, counters and durations. Never throws. */
export interface Telemetry {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  count(metric: Metric, value?: number): void;
  measure(metric: Measure, seconds: number): void;
}
