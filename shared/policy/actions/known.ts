import { decodeActions, type KnownAction } from "./decode.ts";
import { table } from "./table.ts";

/** The table, read. Names are looked up in lower case. */
interface Known {
  readonly all: readonly KnownAction[];
  readonly byService: ReadonlyMap<string, readonly KnownAction[]>;
  readonly byId: ReadonlyMap<string, KnownAction>;
}

let read: Known | undefined;

/** Every action that AWS documents. Read at its first use: most runs never ask. */
export const known = (): Known => {
  if (read === undefined) {
    const all = decodeActions(table);
    read = {
      all,
      byService: Map.groupBy(all, ({ service }) => service),
      byId: new Map(all.map((action) => [action.id.toLowerCase(), action])),
    };
  }
  return read;
};

/** The documented action of a name, in whatever case. */
export const actionNamed = (id: string): KnownAction | undefined => known().byId.get(id.toLowerCase());
