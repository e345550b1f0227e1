import type { Metric } from "../../shared/telemetry.ts";
import { watched } from "./arrange.ts";
import { demandEqual } from "./demand.ts";
import type { Stage } from "./stage.ts";

/**
 * Whether a metric is counted only where something is wrong with iam-warden itself. Not so: a message that no repair is, which the
 * scenario sends, and what it does to an account on purpose; of what could not be known the digest tells, which is read for its causes.
 */
const isFailure: Readonly<Record<Metric, boolean>> = {
  AccountsFailed: true,
  AccountsSwept: false,
  AccountsUnswept: true,
  BlindAccounts: false,
  BreakersTripped: false,
  ChangesLeftToSweep: true,
  DenialsAfterRepair: false,
  EventsRefused: true,
  ExemptionsUnreadable: true,
  FindingsOpened: false,
  FindingsResolved: false,
  FindingsUnreadable: true,
  MarksFailed: true,
  MessagesRetried: false,
  NotificationsFailed: true,
  OrganizationNotRead: true,
  OrganizationOutdated: true,
  OwnersUnknown: true,
  PoisonMessages: false,
  RemindersTold: false,
  RepairsAsked: false,
  RepairsBroken: false,
  RepairsFailed: true,
  RepairsHeld: false,
  RepairsMade: false,
  RepairsNotDeployed: true,
  RepairsRetried: false,
  RepairsUndone: false,
  ReportsFailed: true,
  SettingsRefused: true,
  SettingsUnusable: true,
  SweepsUnreadable: true,
  UnknownVerdicts: false,
};
const metrics = Object.keys(isFailure) as Metric[];

/** What failed and was made good later, by the next hourly run for one, was still seen by an alarm. @throws UnmetError */
export const demandHealth = ({ telemetry, wiring, sandbox }: Stage): void => {
  const counted = metrics.filter((metric) => isFailure[metric] && telemetry.counted(metric) > 0);
  demandEqual(counted, [], "nothing failed, was refused or could not be told");
  const inPart = telemetry.warnings.filter((message) => message.includes("only in part"));
  demandEqual(inPart, [], "every account is read as a whole");
  demandEqual(wiring.functionErrors, [], "no function fails");
  const digests = sandbox.deliveries.filter(({ attributes }) => attributes.kind?.value === "digest");
  const unknown = digests.flatMap(({ message }) =>
    Array.from(message.matchAll(/^- \d+ verdicts? in \d+ accounts?: ([\s\S]*?)(?=\n- |\n\n)/gm), ([, cause = ""]) =>
      cause.replaceAll(/\s+/g, " "),
    ),
  );
  demandEqual(
    [...new Set(unknown)],
    [`no analyzer for external access is active in ${watched}`],
    "nothing is unknown but what no analyzer looks at",
  );
};
