import { paginateListStackInstances, type StackInstanceSummary } from "@aws-sdk/client-cloudformation";
import { call } from "../../aws/errors.ts";
import { type Check, problem, type Trouble } from "../check.ts";
import type { DoctorDependencies } from "../dependencies.ts";

/** Whether the stack set has brought every account what it is given, as it is now. */
export const stackInstances: Check<DoctorDependencies> = {
  id: "stack-instances",
  title: "every account has the current stack in every watched Region",
  severity: "high",
  isWatching: false,
  look: async ({ clients, deployed, listAccounts, managementAccountId }) => {
    const { stackSet, hubAccountId, watchedRegions } = deployed;
    const query = { StackSetName: stackSet, CallAs: "DELEGATED_ADMIN" } as const;
    const pages = await call("cloudformation:ListStackInstances", hubAccountId, () =>
      Array.fromAsync(paginateListStackInstances({ client: clients.cloudFormation() }, query)),
    );
    const instances = new Map(
      pages.flatMap(({ Summaries = [] }) => Summaries).map((one) => [`${one.Account} ${one.Region}`, one]),
    );
    // Service-managed stack sets never deploy there.
    const management = await managementAccountId();
    const accounts = (await listAccounts()).filter(({ id }) => id !== management);
    return accounts.flatMap(({ id: account }) =>
      watchedRegions.flatMap((region) => troubleOf(instances.get(`${account} ${region}`), account, region)),
    );
  },
};

const troubleOf = (instance: StackInstanceSummary | undefined, account: string, region: string): readonly Trouble[] => {
  if (instance === undefined)
    return [
      problem(
        `the stack set has no stack in ${region}`,
        "Is the account below the stack set's targets (parameter MemberTargets), and the Region among OtherRegions?",
        { account },
      ),
    ];
  const { Status, StackInstanceStatus, StatusReason } = instance;
  if (Status === "CURRENT") return [];
  const detail = [StackInstanceStatus?.DetailedStatus, StatusReason].filter((text) => text !== undefined).join(": ");
  return [
    problem(
      `the stack in ${region} is ${Status === "INOPERABLE" ? "inoperable" : "not current"}`,
      "See the stack set's operations for why it failed; then deploy the hub's stack again, or repair the account's stack.",
      { account, detail },
    ),
  ];
};
