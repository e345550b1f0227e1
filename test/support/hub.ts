import type { Hub } from "../../sandbox/deployment.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { addSubscription } from "../../sandbox/sns/subscriptions.ts";
import { addTopic } from "../../sandbox/sns/topics.ts";
import { addRole, trusting } from "../../sandbox/state.ts";

const functionRole = "iam-warden-functions";

/** Makes an account the hub: the functions' role, an audit role wherever none is yet, a topic with an email subscription. */
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
    if (account.roles.has("iam-warden-audit")) continue;
    addRole(account, ids, {
      name: "iam-warden-audit",
      createdAt,
      trustPolicy: trusting({ AWS: `arn:aws:iam::${accountId}:role/${functionRole}` }),
      attachedPolicies: new Set(["arn:aws:iam::aws:policy/SecurityAudit"]),
    });
  }
  const topic = addTopic(state, accountId, "us-east-1", "iam-warden-findings");
  addSubscription(topic, ids, { ownerId: accountId, protocol: "email", endpoint: "security@example.com" });
  const credentials = sandbox.credentialsFor(accountId, { role: functionRole, sessionName: "functions" });
  return { accountId, credentials, topicArn: topic.arn };
};
