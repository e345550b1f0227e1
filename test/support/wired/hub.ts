import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { addSubscription } from "../../../sandbox/sns/subscriptions.ts";
import { addTopic } from "../../../sandbox/sns/topics.ts";
import { addRole, trusting } from "../../../sandbox/state.ts";
import type { Hub } from "./deployment.ts";

const functionRole = "iam-warden-functions";
const rolesInMembers = { "iam-warden-audit": "SecurityAudit", "iam-warden-remediate": "IAMFullAccess" };

/** Makes an account the hub: the functions' role, an audit role and a remediation role wherever none is yet, a topic with an email subscription. */
export const makeHub = (sandbox: Sandbox, accountId: string): Hub => {
  const { state, ids, clock } = sandbox;
  const createdAt = clock.now();
  const hub = state.accounts.get(accountId);
  if (hub === undefined) throw new Error(`the sandbox has no account ${accountId}`);
  addRole(hub, ids, {
    name: functionRole,
    createdAt,
    trustPolicy: trusting({ Service: "lambda.amazonaws.com" }),
    attachedPolicies: new Set(["arn:aws:iam::aws:policy/AdministratorAccess"]),
  });
  for (const account of state.accounts.values()) {
    for (const [name, policy] of Object.entries(rolesInMembers)) {
      if (account.roles.has(name)) continue;
      addRole(account, ids, {
        name,
        createdAt,
        trustPolicy: trusting({ AWS: `arn:aws:iam::${accountId}:role/${functionRole}` }),
        attachedPolicies: new Set([`arn:aws:iam::aws:policy/${policy}`]),
      });
    }
  }
  const topic = addTopic(state, accountId, "us-east-1", "iam-warden-findings");
  addSubscription(topic, ids, { ownerId: accountId, protocol: "email", endpoint: "security@example.com" });
  const credentials = sandbox.credentialsFor(accountId, { role: functionRole, sessionName: "functions" });
  return { accountId, credentials, topicArn: topic.arn };
};
