import { addRole, administratorAccess, trusting } from "../../../sandbox/iam/state.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { addSubscription } from "../../../sandbox/sns/subscriptions.ts";
import { addTopic } from "../../../sandbox/sns/topics.ts";
import { defaultSettings, type Settings } from "../../../shared/settings/settings.ts";
import { putWardenRoles } from "../warden-roles.ts";
import type { Hub } from "./deployment.ts";

const functionRole = "iam-warden-functions";

/** Puts the roles of iam-warden into every account, as a deployment of these settings does. */
export const putRolesEverywhere = (sandbox: Sandbox, hubId: string, settings: Settings): void => {
  const trustPolicy = trusting({ AWS: `arn:aws:iam::${hubId}:role/${functionRole}` });
  for (const account of sandbox.state.accounts.values()) putWardenRoles(sandbox, account, { trustPolicy, settings });
};

/** Makes an account the hub: the functions' role, an audit role and (where something opted in) a remediation role in each account, a topic with an email subscription. */
export const makeHub = (sandbox: Sandbox, accountId: string, settings: Settings = defaultSettings()): Hub => {
  const { state, ids, clock } = sandbox;
  const createdAt = clock.now();
  const hub = state.accounts.get(accountId);
  if (hub === undefined) throw new Error(`the sandbox has no account ${accountId}`);
  addRole(hub, ids, {
    name: functionRole,
    createdAt,
    trustPolicy: trusting({ Service: "lambda.amazonaws.com" }),
    attachedPolicies: new Set([administratorAccess]),
  });
  putRolesEverywhere(sandbox, accountId, settings);
  const topic = addTopic(state, accountId, "us-east-1", "iam-warden-findings");
  addSubscription(topic, ids, { ownerId: accountId, protocol: "email", endpoint: "security@example.com" });
  const credentials = sandbox.credentialsFor(accountId, { role: functionRole, sessionName: "functions" });
  return { accountId, credentials, topicArn: topic.arn };
};
