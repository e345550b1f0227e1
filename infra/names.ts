/** The roles in each account, by name: what one account's template makes, another's trusts. */
export const roleNames = {
  /** Reads IAM. */
  audit: "iam-warden-audit",
  /** Repairs; there only if a control opted in. */
  remediate: "iam-warden-remediate",
  /** Forwards events: nobody else in the organization may put events on the hub's bus. */
  forward: "iam-warden-forward",
} as const;

/** The role in the hub of a function of `functions/`, by name. */
export const functionRoleName = (entry: string): string => `iam-warden-hub-${entry}`;

/** The one function that writes with the remediation role. */
export const remediator = "remediate";
