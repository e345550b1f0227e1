import { withoutUnresolved } from "../../cloudformation/unresolved.ts";

/**
 * In characters, white space not counted, as IAM measures a policy. What only a deployment can tell counts nothing: the policy
 * will be at least as large.
 */
export const sizeOf = (document: unknown): number =>
  withoutUnresolved(JSON.stringify(document) ?? "").replace(/\s/g, "").length;
