import Table from "cli-table3";
import { noLines } from "../table.ts";
import { assumptions, excluded } from "./assumptions.ts";
import { type Line, type Size, totalOf } from "./model.ts";
import { type Price, pricesOf } from "./prices.ts";

/** Dollars to the cent; what is less than a cent is not nothing. */
export const dollars = (usd: number): string => (usd > 0 && usd < 0.005 ? "< 0.01" : usd.toFixed(2));

const amount = (number: number): string =>
  number > 0 && number < 0.1
    ? "< 0.1"
    : number.toLocaleString("en-US", { maximumFractionDigits: number < 100 ? 1 : 0 });

const priceText = ({ usd, per, isApproximate }: Price): string =>
  `${isApproximate ? "about " : ""}${usd}${per === 1 ? "" : ` / ${per.toLocaleString("en-US")}`}`;

/** A month's bill as a table, with everything that it rests on. */
export const formatMonth = (size: Size, lines: readonly Line[]): string => {
  const table = new Table({
    head: ["Item", "A month", "", "Price, $", "$ a month"],
    colAligns: ["left", "right", "left", "left", "right"],
    chars: noLines,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2, compact: true },
  });
  for (const { item, quantity, price, usd } of lines)
    table.push([item, amount(quantity), price.unit, priceText(price), dollars(usd)]);
  table.push(["Total", "", "", "", dollars(totalOf(lines))]);
  const { accounts, eventsPerDay, regions, findings } = size;
  const count = (number: number, what: string): string => `${number.toLocaleString("en-US")} ${what}`;
  return [
    `${count(accounts, "accounts")}, ${count(eventsPerDay, "events a day")}, ${count(regions, "Regions")}, ${count(findings, "open findings")}; prices of ${pricesOf.region}, ${pricesOf.month}`,
    "",
    ...table
      .toString()
      .split("\n")
      .map((line) => line.trimEnd()),
    "",
    "Assumed:",
    ...Object.values(assumptions).map(({ value, says }) => `  ${value} ${says}`),
    "",
    "Left out:",
    ...excluded.map((what) => `  ${what}`),
    "",
  ].join("\n");
};
