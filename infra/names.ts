/** The roles in each account, by name: what one account's template makes, another's trusts. */
export const roleNames = {
  /** Reads IAM. */
  audit: "iam-warden-audit",
  /** Repairs; there only if a control opted in. */
  remediate: "iam-warden-remediate",
  /** Forwards events: nobody else in the organization may put events on the hub's bus. */
  forward: "iam-warden-forward",
} as const;

/** The hub's event bus, by name. */
export const busName = "iam-warden";

/** The stack set that gives each account its stack, by name. */
export const stackSetName = "iam-warden-member";

/** What a rule is called, here and in the members. */
export const ruleName = (pattern: string): string => `iam-warden-${pattern}`;

/** The boundary policy that iam-warden puts into each account, by name. */
export const boundaryName = "iam-warden-boundary";

/** The role in the hub of a function of `functions/`, by name. */
export const functionRoleName = (entry: string): string => `iam-warden-hub-${entry}`;

/** What the settings are called in AppConfig, and what they are deployed by. */
export const configurationNames = {
  application: "iam-warden",
  environment: "hub",
  profile: "settings",
  strategies: { Gradually: "iam-warden-gradually", AtOnce: "iam-warden-at-once" },
} as const;

/** The functions that read accounts with the audit role, or leave their marks with it. */
export const auditors = ["intake", "list-accounts", "sweep-account", "escalate", "operator", "doctor"] as const;

/** The one function that writes, with the remediation role; it reads too. */
export const remediator = "remediate";
