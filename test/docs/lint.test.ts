import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { templateTypes } from "../../shared/lint/read/cloudformation-resources.ts";
import { policyKinds } from "../../shared/lint/read/policy.ts";
import { planTypes } from "../../shared/lint/read/terraform-resources.ts";
import { lintRules } from "../../shared/lint/rules/index.ts";

const page = readFileSync(new URL("../../docs/lint.md", import.meta.url), "utf8");
const named = (row: string): string[] => {
  const line = page.split("\n").find((one) => one.startsWith(`| ${row}`)) ?? "";
  return [...(line.split("|")[3] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
};

describe("docs/lint.md", () => {
  it("names the resources of templates that are read, and no others", () => {
    const short = named("CloudFormation").filter((name) => !name.startsWith("!"));
    const full = short.map((name) => (name.includes("::") ? name : `AWS::IAM::${name}`));
    expect(full.toSorted()).toEqual([...templateTypes, "AWS::CloudFormation::StackSet"].toSorted());
  });

  it("names the resources of plans that are read, and no others", () => {
    const full = named("Terraform").map((name) => (name.startsWith("aws_") ? name : `aws_iam_${name}`));
    expect(full.toSorted()).toEqual([...planTypes, "aws_iam_policy_document"].toSorted());
  });

  it("names what policies may be written for", () => {
    expect(named("policy document")).toEqual(expect.arrayContaining([...policyKinds]));
  });

  it("has a heading for each rule of lint's own, with its severity", () => {
    for (const { id, severity } of lintRules)
      expect(page.toLowerCase()).toMatch(new RegExp(`^### ${id}\\n\\n(?:medium where|${severity})`, "m"));
  });
});
