import type { Remediation } from "./remediation.ts";

/** When a remediation may be forgotten, as it is now; `undefined`: not as long as nobody writes it. */
export type ForgetRemediationAt = (remediation: Remediation) => Date | undefined;

/**
 * Remediations, beside the findings that they are about. Two adapters, memory and DynamoDB, pass one contract suite
 * (`test/remediation/store-contract.ts`). Writes are conditional on the version; every read is strongly consistent. A table
 * that does not answer is a `StoreError` or `ThrottledError`. A store that is told when remediations may be forgotten shows each
 * until it has forgotten it, which may take some days longer.
 */
export interface RemediationStore {
  get(accountId: string, id: string): Promise<Remediation | undefined>;
  /**
   * Writes a remediation whose `version` is one more than the stored one's (1: it must not exist yet).
   * @throws VersionConflictError if somebody else wrote it first, or if this very write had already arrived
   */
  put(remediation: Remediation): Promise<void>;
  /** The remediations of a finding, oldest first. */
  ofFinding(accountId: string, findingId: string): Promise<readonly Remediation[]>;
}
