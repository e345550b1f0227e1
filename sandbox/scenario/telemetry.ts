import type { Metric, Telemetry } from "../../shared/telemetry.ts";

/** What the functions said: the counts of their metrics, and what they logged as errors. */
export interface KeptTelemetry extends Telemetry {
  readonly errors: readonly string[];
  counted(metric: Metric): number;
}

export const keptTelemetry = (): KeptTelemetry => {
  const errors: string[] = [];
  const counts = new Map<Metric, number>();
  return {
    errors,
    info: () => {},
    warn: () => {},
    error: (message) => void errors.push(message),
    count: (metric, value = 1) => void counts.set(metric, (counts.get(metric) ?? 0) + value),
    measure: () => {},
    counted: (metric) => counts.get(metric) ?? 0,
  };
};
