import type { Grant } from "./granted.ts";

/** A line for each action of a role, its statements beside it; and what is to be said of it. */
export const grantTable = (grants: readonly Grant[], noteOf: (grant: Grant) => string): string => {
  const rows = grants.map((grant) => [grant.role, grant.statement, grant.action, noteOf(grant)] as const);
  const head = ["role", "statement", "action", "not exercised, because"] as const;
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return `${[head, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("\n")}\n`;
};
