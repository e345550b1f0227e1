import type { Finding, HistoryEntry } from "../../shared/findings/finding.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import type { SandboxState } from "../state.ts";

/** What happened to one finding. */
export interface FindingNews {
  readonly finding: Finding;
  readonly entry: HistoryEntry;
}

const findingKeys = /^FINDING#(.+)$/;
const accountKeys = /^ACCOUNT#(.+)$/;

/** Tells what the history of each finding has gained since it was last asked; only what was written anew is read. */
export const followFindings = (state: SandboxState, store: FindingStore) => {
  const seen = new Map<string, { readonly version: string; readonly entries: number }>();
  const changed = () =>
    [...state.tables.values()]
      .flatMap(({ items }) => [...items.values()].flatMap((partition) => [...partition.values()]))
      .flatMap(({ PK, SK, version }) => {
        const accountId = PK && "S" in PK ? accountKeys.exec(PK.S)?.[1] : undefined;
        const id = SK && "S" in SK ? findingKeys.exec(SK.S)?.[1] : undefined;
        if (accountId === undefined || id === undefined || version === undefined || !("N" in version)) return [];
        return seen.get(id)?.version === version.N ? [] : [{ accountId, id, version: version.N }];
      });
  return async (): Promise<readonly FindingNews[]> => {
    const news: FindingNews[] = [];
    for (const { accountId, id, version } of changed()) {
      const finding = await store.get(accountId, id);
      if (finding === undefined) continue;
      const { history } = finding;
      // The oldest entries of a long history are forgotten; then it is no longer, and only its end is new.
      const before = Math.min(seen.get(id)?.entries ?? 0, history.length - 1);
      news.push(...history.slice(before).map((entry) => ({ finding, entry })));
      seen.set(id, { version, entries: history.length });
    }
    return news;
  };
};
