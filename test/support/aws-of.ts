import { addRole, administratorAccess } from "../../sandbox/iam/state.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { type AwsAccessOptions, createAwsAccess } from "../../shared/aws/aws-access.ts";

/**
 * Access to a sandbox's organization from a role in its management account: its own IAM with the role's credentials, that
 * of others through `roleName` (default `OrganizationAccountAccessRole`).
 */
export const awsOf = (
  sandbox: Sandbox,
  options: Partial<AwsAccessOptions> = {},
): AwsAccess & { readonly ownAccountId: string } => {
  const ownAccountId = options.ownAccountId ?? sandbox.state.organization.managementAccountId;
  const account = sandbox.state.accounts.get(ownAccountId);
  if (!account) throw new Error(`the sandbox has no account ${ownAccountId}`);
  const role = account.roles.get("iam-warden-hub")
    ? "iam-warden-hub"
    : addRole(account, sandbox.ids, {
        name: "iam-warden-hub",
        path: "/aws-reserved/test/",
        createdAt: account.joinedAt,
        attachedPolicies: new Set([administratorAccess]),
      }).name;
  const access = createAwsAccess({
    ...sandbox.clientConfig(sandbox.credentialsFor(ownAccountId, { role })),
    ownAccountId,
    roleName: "OrganizationAccountAccessRole",
    clock: () => sandbox.clock.now(),
    // What the SDK itself waits between attempts is real time.
    maxAttempts: 1,
    retryMode: "standard",
    ...options,
  });
  return Object.assign(access, { ownAccountId });
};
