import { wrap } from "../demo/text.ts";
import type { Grant } from "./granted.ts";

/** Role by role a line for each action, its statement beside it; and below it, within `width` columns, what is to be said of it. */
export const grantTable = (
  grants: readonly Grant[],
  noteOf: (grant: Grant) => string | undefined,
  width: number,
): string => {
  const widest = Math.max(...grants.map(({ action }) => action.length));
  const lines = [...Map.groupBy(grants, ({ role }) => role)].flatMap(([role, ofRole]) => [
    role,
    ...ofRole.flatMap((grant) => {
      const note = noteOf(grant);
      return [
        `  ${grant.action.padEnd(widest)}  ${grant.statement}`,
        ...(note === undefined ? [] : wrap(`      ${note}`, width)),
      ];
    }),
  ]);
  return `${lines.join("\n")}\n`;
};
