import type { Metric, Telemetry } from "../../shared/telemetry.ts";

/** What the functions said: the counts of their metrics, and what they warned of. */
export interface KeptTelemetry extends Telemetry {
  readonly warnings: readonly string[];
  counted(metric: Metric): number;
}

export const keptTelemetry = (): KeptTelemetry => {
  const warnings: string[] = [];
  const counts = new Map<Metric, number>();
  return {
    warnings,
    info: () => {},
    warn: (message) => void warnings.push(message),
    error: () => {},
    count: (metric, value = 1) => void counts.set(metric, (counts.get(metric) ?? 0) + value),
    measure: () => {},
    counted: (metric) => counts.get(metric) ?? 0,
  };
};
