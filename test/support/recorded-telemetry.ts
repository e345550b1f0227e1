import type { LogFields, Measure, Metric, Telemetry } from "../../shared/telemetry.ts";

export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** Telemetry that keeps what it was told, for tests to look at. */
export interface RecordedTelemetry extends Telemetry {
  readonly lines: readonly LogLine[];
  counted(metric: Metric): number;
  /** In seconds, in order. */
  measured(metric: Measure): readonly number[];
}

export const recordedTelemetry = (): RecordedTelemetry => {
  const lines: LogLine[] = [];
  const counts = new Map<Metric, number>();
  const measures: (readonly [Measure, number])[] = [];
  const log =
    (level: LogLine["level"]) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
    };
  return {
    lines,
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    count: (metric, value = 1) => {
      counts.set(metric, (counts.get(metric) ?? 0) + value);
    },
    measure: (metric, seconds) => void measures.push([metric, seconds]),
    measured: (metric) => measures.flatMap(([name, seconds]) => (name === metric ? [seconds] : [])),
    counted: (metric) => counts.get(metric) ?? 0,
  };
};
