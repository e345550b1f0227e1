import { auditStatements } from "../../infra/policies/audit-role.ts";
import { documentOf, type PolicyStatement } from "../../infra/policies/place.ts";
import { remediationStatements } from "../../infra/policies/remediation-role.ts";
import { addRole } from "../../sandbox/iam/state.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { AccountState } from "../../sandbox/state.ts";
import type { Settings } from "../../shared/settings/settings.ts";

const auditRole = "iam-warden-audit";
const remediationRole = "iam-warden-remediate";

/**
 * Puts the roles that read and repair into an account, with what the product's policies allow under these settings. Where
 * nothing is opted in, a role that repairs stays as it is.
 */
export const putWardenRoles = (
  { ids, clock }: Pick<Sandbox, "ids" | "clock">,
  account: AccountState,
  { trustPolicy, settings }: { readonly trustPolicy: string; readonly settings: Settings },
): void => {
  const place = { partition: "aws", accountId: account.id };
  const put = (name: string, statements: readonly PolicyStatement[]): void => {
    if (statements.length === 0) return;
    const kept = account.roles.get(name);
    addRole(account, ids, {
      ...(kept && { id: kept.id }),
      name,
      createdAt: kept?.createdAt ?? clock.now(),
      trustPolicy,
      inlinePolicies: new Map([[name, JSON.stringify(documentOf(statements))]]),
    });
  };
  put(auditRole, auditStatements(place));
  put(remediationRole, remediationStatements(place, settings));
};
