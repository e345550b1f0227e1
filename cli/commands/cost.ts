import { Command, InvalidArgumentError } from "commander";
import { assumptions, excluded } from "../cost/assumptions.ts";
import { formatMonth } from "../cost/format.ts";
import { monthOf, type Size, totalOf } from "../cost/model.ts";
import { pricesOf } from "../cost/prices.ts";
import { print } from "../output.ts";

interface CostOptions {
  readonly accounts: number;
  readonly eventsPerDay: number;
  readonly regions: number;
  readonly findings?: number;
  readonly json: boolean;
}

const whole = (from: number, to: number) => (value: string) => {
  const number = Number(value);
  if (/^\d{1,12}$/.test(value) && number >= from && number <= to) return number;
  const range = `${from.toLocaleString("en-US")} to ${to.toLocaleString("en-US")}`;
  throw new InvalidArgumentError(`Write a whole number from ${range}.`);
};

/** An ordinary account has so many open findings. */
const findingsPerAccount = 10;

/** `warden cost`: what a deployment would cost. */
export const costCommand = (): Command =>
  new Command("cost")
    .summary("estimate what a deployment costs a month")
    .description(
      "Estimates what a deployment of such a size costs in AWS, item by item, with prices and assumptions. It asks AWS nothing.",
    )
    .requiredOption("--accounts <n>", "accounts that are watched", whole(1, 100_000))
    .requiredOption(
      "--events-per-day <n>",
      "changes of IAM, sign-ins and uses of root, of all accounts together (`warden replay` counts yours)",
      whole(0, 1_000_000_000),
    )
    .option("--regions <n>", "Regions with rules, the one of IAM's events included", whole(1, 40), 4)
    .option("--findings <n>", "open findings, of all accounts together (default: 10 an account)", whole(0, 10_000_000))
    .option("--json", "as JSON, with unrounded numbers", false)
    .addHelpText("after", "\nExample:\n  warden cost --accounts 200 --events-per-day 5000")
    .action(async ({ json, ...options }: CostOptions) => {
      const size: Size = { ...options, findings: options.findings ?? options.accounts * findingsPerAccount };
      const lines = monthOf(size);
      const result = { size, prices: pricesOf, lines, totalUsd: totalOf(lines), assumptions, excluded };
      await print(json ? `${JSON.stringify(result, null, 2)}\n` : formatMonth(size, lines));
    });
