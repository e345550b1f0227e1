import type { Context } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readEnvironment } from "../../functions/environment.ts";
import { lambdaHandler } from "../../functions/runtime.ts";

const context = { awsRequestId: "request-1", functionName: "intake" } as Context;

/** The lines that a handler wrote to standard output and error, parsed. */
const written: Record<string, unknown>[] = [];
const keep = (text: unknown): boolean => {
  for (const line of String(text).trim().split("\n")) if (line.startsWith("{")) written.push(JSON.parse(line));
  return true;
};

beforeEach(() => {
  written.length = 0;
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockImplementation(keep);
  for (const method of ["log", "info", "warn", "error"] as const) vi.spyOn(console, method).mockImplementation(keep);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("a Lambda handler", () => {
  it("builds its dependencies at the first invocation, once, and tries a failed start again", async () => {
    let builds = 0;
    const handler = lambdaHandler<string, string>("test", () => {
      builds += 1;
      if (builds === 1) readEnvironment(["FINDINGS_TABLE"], {});
      return async (event) => `${event} done`;
    });
    expect(builds).toBe(0);
    await expect(handler("one", context)).rejects.toThrow("FINDINGS_TABLE is missing");
    expect(await handler("two", context)).toBe("two done");
    expect(await handler("three", context)).toBe("three done");
    expect(builds).toBe(2);
  });

  it("logs JSON with the error's name and cause, whatever the text holds", async () => {
    const name = 'a"\n\u001b[2J<script>';
    const handler = lambdaHandler<void, void>("intake", ({ telemetry }) => async () => {
      const error = new Error(name, { cause: new TypeError("why") });
      telemetry.error("It failed", { error, eventId: "e-1", control: "root-activity" });
    });
    await handler(undefined, context);
    expect(written).toMatchObject([
      {
        level: "ERROR",
        message: "It failed",
        service: "intake",
        eventId: "e-1",
        control: "root-activity",
        error: { name: "Error", message: name, cause: { name: "TypeError", message: "why" } },
      },
    ]);
  });

  it("tells CloudWatch that what it measures is seconds", async () => {
    vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "intake");
    const handler = lambdaHandler<void, void>("intake", ({ telemetry }) => async () => {
      telemetry.measure("MarkDelaySeconds", 41.5);
    });
    await handler(undefined, context);
    expect(written).toMatchObject([
      {
        _aws: { CloudWatchMetrics: [{ Metrics: [{ Name: "MarkDelaySeconds", Unit: "Seconds" }] }] },
        MarkDelaySeconds: 41.5,
      },
    ]);
  });

  it.each([
    ["in Lambda", "intake", 1],
    ["elsewhere", "", 0],
  ])("writes metrics as EMF lines %s, after a failed invocation too", async (_, functionName, expected) => {
    vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", functionName);
    const handler = lambdaHandler<void, void>("intake", ({ telemetry }) => async () => {
      telemetry.count("EventsRefused");
      telemetry.count("EventsRefused", 2);
      throw new Error("afterwards");
    });
    await expect(handler(undefined, context)).rejects.toThrow("afterwards");
    const metrics = written.filter((line) => "_aws" in line);
    expect(metrics).toHaveLength(expected);
    for (const line of metrics) expect(line).toMatchObject({ service: "intake", EventsRefused: [1, 2] });
  });
});
