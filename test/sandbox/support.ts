import { IAM } from "@aws-sdk/client-iam";
import { createSandbox, type EventBridgeEvent } from "../../sandbox/sandbox.ts";

/** A sandbox with its management account, a client of that account's root, and every event so far. */
export const startSandbox = () => {
  const sandbox = createSandbox();
  const events: EventBridgeEvent[] = [];
  sandbox.subscribe((event) => events.push(event));
  const accountId = sandbox.state.organization.managementAccountId;
  const account = sandbox.state.accounts.get(accountId);
  if (!account) throw new Error("no management account");
  const clientAs = (principal: Parameters<typeof sandbox.credentialsFor>[1], inAccount = accountId) =>
    new IAM({ ...sandbox.clientConfig(sandbox.credentialsFor(inAccount, principal)), maxAttempts: 1 });
  return { sandbox, events, accountId, account, clientAs, iam: clientAs("root") };
};

/** What a user or role has that may do these actions on everything. */
export const allowing = (...Action: string[]) => ({
  inlinePolicies: new Map([
    ["own", JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] })],
  ]),
});

/** The code and message with which a call fails; says so if it does not. */
export const failureOf = async (promise: Promise<unknown>): Promise<{ code: string; message: string }> => {
  try {
    await promise;
  } catch (error) {
    const { name, message, Code } = Object(error);
    return { code: Code ?? name, message };
  }
  throw new Error("the call succeeded");
};
