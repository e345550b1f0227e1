import type { Metric } from "../../shared/telemetry.ts";
import { demandEqual } from "./demand.ts";
import type { Stage } from "./stage.ts";

/** What is counted only where something is wrong with iam-warden itself; but for a message that no repair is. */
const failures: readonly Metric[] = [
  ...(["AccountsFailed", "AccountsUnswept", "EventsRefused", "ExemptionsUnreadable", "FindingsUnreadable"] as const),
  ...(["MarksFailed", "NotificationsFailed", "OwnersUnknown", "RepairsFailed", "RepairsNotDeployed"] as const),
  ...(["ReportsFailed", "SettingsRefused", "SettingsUnusable", "SweepsUnreadable", "UnknownVerdicts"] as const),
];

/** What failed and was made good later, by the next hourly run for one, was still seen by an alarm. @throws UnmetError */
export const demandHealth = ({ telemetry, wiring }: Stage): void => {
  const counted = failures.filter((metric) => telemetry.counted(metric) > 0);
  demandEqual(counted, [], "nothing failed, was refused or could not be told");
  const inPart = telemetry.warnings.filter((message) => message.includes("only in part"));
  demandEqual(inPart, [], "every account is read as a whole");
  demandEqual(wiring.functionErrors, [], "no function fails");
};
