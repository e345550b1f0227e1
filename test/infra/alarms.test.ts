import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { HubStack } from "../../infra/hub-stack.ts";
import { deployed, everythingRepairs, settingsFileOf, templateOf } from "./templates.ts";

const settingsFile = settingsFileOf(everythingRepairs);
const template = templateOf((app) => new HubStack(app, "hub", { settingsFile }));
const alarmSchema = z.object({
  AlarmName: z.string(),
  MetricName: z.string(),
  Namespace: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
  Period: z.number(),
  EvaluationPeriods: z.number(),
  TreatMissingData: z.string(),
});
const alarms = deployed(template, { accountId: "999999999999", region: "eu-west-1" })
  .filter(({ type }) => type === "AWS::CloudWatch::Alarm")
  .map(({ properties }) => alarmSchema.parse(properties));
const own = alarms
  .filter(({ Namespace }) => Namespace === "IamWarden")
  .map(({ MetricName, Dimensions }) => ({ metric: MetricName, service: Dimensions[0]?.Value ?? "" }));

const sourceOf = (file: string): string => readFileSync(file, "utf8");

/** A function's file and all that it runs: what is imported as a type alone is not. */
const runBy = (entry: string): readonly string[] => {
  const found = new Set([entry]);
  for (const file of found)
    for (const [, target = ""] of sourceOf(file).matchAll(/^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)"/gm))
      found.add(posix.join(posix.dirname(file), target));
  return [...found];
};

/** The metrics that files count, by name. */
const countedIn = (files: readonly string[]): ReadonlySet<string> =>
  new Set(
    files.flatMap((file) =>
      [...sourceOf(file).matchAll(/\bcount\(([^;]*?)\);/g)].flatMap(([, given = ""]) => names(given)),
    ),
  );
const names = (text: string): string[] => Array.from(text.matchAll(/"([A-Z]\w+)"/g), ([, name = ""]) => name);

/** What is counted and wakes nobody, and who says it instead. */
const seenOtherwise: Readonly<Record<string, string>> = {
  PoisonMessages: "such a message comes to the dead-letter queue, which has an alarm",
  MessagesRetried: "what fails for good comes to the dead-letter queue, and what waits is late: both have alarms",
  RepairsRetried: "the same of repairs",
  RepairsBroken: "the same of repairs",
  UnknownVerdicts: "the digest has them with their causes",
  FindingsOpened: "people are told",
  FindingsResolved: "people are told",
  FindingsUnreadable: "the digest names the accounts",
  SweepsUnreadable: "such an account counts as not swept, which has an alarm",
  AccountsFailed: "an account that fails to the end counts as not swept, which has an alarm",
  AccountsSwept: "it is what should be",
  ReportsFailed: "the sweep fails as a whole, which has an alarm",
  RepairsMade: "people are told",
  RepairsUndone: "people are told",
  RepairsHeld: "the digest has them with what holds them",
  RepairsAsked: "it is what should be",
  RemindersTold: "it is what should be",
  DenialsAfterRepair: "people are told",
  MarksFailed: "the account becomes blind, which has an alarm, or its gap is in the digest",
  ExemptionsUnreadable:
    "it excuses nobody, so that people are told of what it excused; and it holds repairs, which the digest has",
};

describe("alarms of what iam-warden counts", () => {
  const functions = new Map(
    [...new Set(own.map(({ service }) => service))].map((service) => [service, runBy(`functions/${service}.ts`)]),
  );

  test.each(own.map(({ service, metric }) => [service, metric]))("can fire: %s counts %s", (service, metric) => {
    const files = functions.get(service) ?? [];
    expect(sourceOf(`functions/${service}.ts`)).toContain(`("${service}", build)`);
    expect([...countedIn(files)]).toContain(metric);
  });

  test("are looked for in what a function runs, not in what others do", () => {
    expect([...countedIn(runBy("functions/list-accounts.ts"))].sort()).not.toContain("EventsRefused");
    expect(runBy("functions/list-accounts.ts")).toContain("shared/organization/keep.ts");
  });

  test("there are of all that is counted, or somebody says it otherwise", () => {
    const [, metrics = ""] = /export type Metric =([^;]*);/.exec(sourceOf("shared/telemetry.ts")) ?? [];
    const all = names(metrics);
    expect(all.length).toBeGreaterThan(30);
    const alarmed = new Set(own.map(({ metric }) => metric));
    expect(all.filter((metric) => !alarmed.has(metric)).sort()).toEqual(Object.keys(seenOtherwise).sort());
  });
});

describe("alarms of what runs by the clock", () => {
  test("say within a day and a half, and within three hours, that it does not", () => {
    const silent = alarms.filter(({ TreatMissingData }) => TreatMissingData === "breaching");
    const hours = silent.map(({ AlarmName, Period, EvaluationPeriods }) => [
      AlarmName,
      (Period * EvaluationPeriods) / 3600,
    ]);
    expect(Object.fromEntries(hours)).toEqual({ "iam-warden-sweep-silent": 36, "iam-warden-escalate-silent": 3 });
  });
});

describe("docs/operate.md", () => {
  const rows = sourceOf("docs/operate.md")
    .split("\n")
    .filter((line) => line.startsWith("| `iam-warden-"))
    .map((line) => line.split(" | ").map((cell) => cell.replaceAll("|", "").trim()));
  const explained = rows.flatMap(([cell = ""]) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = ""]) => name));

  test("has each alarm once, and none that there is not", () => {
    expect(explained.toSorted()).toEqual(alarms.map(({ AlarmName }) => AlarmName).sort());
  });

  test("says of each what it means and what to do", () => {
    for (const [names, means = "", does = ""] of rows)
      expect([names, means.length > 15, does.length > 6]).toEqual([names, true, true]);
  });
});
