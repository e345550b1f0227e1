import type { MalformedInputError } from "../errors.ts";
import type { Exemption } from "./exemption.ts";

/** Is told of a stored exemption that cannot be read, by its id. */
export type ReportUnreadableExemption = (id: string, error: MalformedInputError) => void;

/**
 * Exemptions, in the findings table. Two adapters, memory and DynamoDB, pass one contract suite
 * (`test/exemptions/store-contract.ts`). Writes are conditional on the version; every read is strongly consistent. A stored
 * exemption that cannot be read is a `MalformedInputError`, a table that does not answer a `StoreError` or `ThrottledError`.
 */
export interface ExemptionStore {
  get(id: string): Promise<Exemption | undefined>;
  /**
   * Writes an exemption whose `version` is one more than the stored one's (1: it must not exist yet).
   * @throws VersionConflictError if somebody else wrote it first, or if this very write had already arrived
   */
  put(exemption: Exemption): Promise<void>;
  /**
   * All exemptions, ordered by id; those that are over too, until the table forgets them three months later.
   * @param options.unreadable told of an exemption that cannot be read, which then excuses nobody. Without it that is
   *   thrown: whoever writes to an account must not take somebody for not exempt whom nobody could ask about
   */
  list(options?: { readonly unreadable?: ReportUnreadableExemption }): Promise<readonly Exemption[]>;
}
