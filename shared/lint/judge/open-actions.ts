import { firstUnresolved } from "../../cloudformation/unresolved.ts";
import type { Positions } from "../../text/positions.ts";
import type { Declaration, Unread } from "../declarations.ts";
import { knownDocumentsOf } from "../rules/index.ts";

/** Statements that may allow more than anybody can tell before they are deployed. */
export const openActions = (declarations: readonly Declaration[], positions: Positions): readonly Unread[] =>
  knownDocumentsOf(declarations, positions).flatMap(({ address, statements }) =>
    statements.flatMap(({ value, at }, index) => {
      const open = firstUnresolved(Object(value).Action);
      if (open === undefined) return [];
      return [
        { address, at, why: `Statement[${index}] allows «${open}», an action that is not known before it is deployed` },
      ];
    }),
  );
