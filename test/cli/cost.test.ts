import { describe, expect, it, test } from "vitest";
import * as z from "zod";
import { runWarden } from "../support/warden-process.ts";

const answerSchema = z.object({
  size: z.record(z.string(), z.number()),
  prices: z.object({ region: z.string(), month: z.string() }),
  lines: z.array(z.object({ item: z.string(), quantity: z.number(), usd: z.number() })),
  totalUsd: z.number(),
  assumptions: z.record(z.string(), z.object({ value: z.number(), says: z.string() })),
  excluded: z.array(z.string()),
});

test("warden cost says the total, every price's Region and month, every assumption, and what is left out", async () => {
  const args = ["cost", "--accounts", "200", "--events-per-day", "5000"];
  const { status, stdout, stderr } = await runWarden(args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const answer = answerSchema.parse(JSON.parse((await runWarden([...args, "--json"])).stdout));
  expect(answer.size).toEqual({ accounts: 200, eventsPerDay: 5000, regions: 4, findings: 2000 });
  expect(stdout).toMatch(new RegExp(`^Total +${answer.totalUsd.toFixed(2)}$`, "m"));
  expect(stdout).toContain(`prices of ${answer.prices.region}, ${answer.prices.month}`);
  for (const { item } of answer.lines) expect(stdout).toContain(`\n${item} `);
  for (const { value, says } of Object.values(answer.assumptions)) expect(stdout).toContain(`  ${value} ${says}\n`);
  for (const what of answer.excluded) expect(stdout).toContain(`  ${what}\n`);
});

describe("warden cost refuses, and says what would be right", () => {
  it.each([
    [["--events-per-day", "5"], /required option '--accounts <n>' not specified/],
    [["--accounts", "5"], /required option '--events-per-day <n>' not specified/],
    [["--accounts", "0", "--events-per-day", "5"], /Write a whole number from 1 to 100,000/],
    [["--accounts", "1.5", "--events-per-day", "5"], /Write a whole number from 1 to 100,000/],
    [["--accounts", "5", "--events-per-day", "-1"], /Write a whole number from 0 to 1,000,000,000/],
    [["--accounts", "5", "--events-per-day", "many"], /Write a whole number/],
    [["--accounts", "5", "--events-per-day", "5", "--regions", "0"], /Write a whole number from 1 to 40/],
    [["--accounts", "5", "--events-per-day", "5", "--findings", "1e3"], /Write a whole number from 0/],
  ])("%j", async (args, told) => {
    const { status, stdout, stderr } = await runWarden(["cost", ...args]);
    expect(stderr).toMatch(told);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });
});
