import { readFileSync } from "node:fs";
import { type LintRequest, lint } from "../../shared/lint/lint.ts";
import type { LintReport } from "../../shared/lint/report.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { account, now } from "../support/facts.ts";

export const lintText = (text: string, name = "app.template.json", over: Partial<LintRequest> = {}): LintReport =>
  lint([{ name, text }], { settings: defaultSettings(), accountId: account.id, now, ...over });

/** A template of resources, or any other value, as JSON. */
export const lintValue = (value: unknown, over?: Partial<LintRequest>): LintReport =>
  lintText(JSON.stringify(value, null, 2), undefined, over);

export const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");

/** `line:column rule severity address` of each finding. */
export const places = ({ findings }: LintReport): string[] =>
  findings.map(({ location, rule, severity, address }) =>
    [`${location.line}:${location.column}`, rule, severity, address].join(" ").trim(),
  );

/** The text that a finding points at. */
export const pointedAt = (
  text: string,
  { line, column, endLine, endColumn }: LintReport["findings"][number]["location"],
) => {
  const lines = text.split(/\r\n|\r|\n/);
  if (line === endLine) return lines[line - 1]?.slice(column - 1, endColumn - 1);
  return [
    lines[line - 1]?.slice(column - 1),
    ...lines.slice(line, endLine - 1),
    lines[endLine - 1]?.slice(0, endColumn - 1),
  ].join("\n");
};

/** A trust policy that lets the Lambda service in. */
export const lambdaTrust = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
