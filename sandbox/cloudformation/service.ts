import * as z from "zod";
import { AwsError, type Call, integer, operation, page, type Service } from "../protocol/service.ts";
import { stackSetService } from "./stack-set.ts";

const invalid = (message: string): never => {
  throw new AwsError("InvalidOperationException", message);
};

/** @throws AwsError `InvalidOperationException` for whoever has no say in the organization's stack sets */
const checkCaller = ({ account, state }: Call, callAs: "SELF" | "DELEGATED_ADMIN"): void => {
  const { delegatedAdministrators, managementAccountId } = state.organization;
  if (callAs === "DELEGATED_ADMIN") {
    if (!delegatedAdministrators.get(account.id)?.has(stackSetService))
      invalid("Account used is not a delegated administrator");
  } else if (account.standalone || account.id !== managementAccountId) {
    invalid("You must be the management account of an organization to perform this operation");
  }
};

/**
 * Of AWS CloudFormation, stack sets: their access to the organization, and their instances. Templates are deployed by this
 * directory's own functions.
 */
export const cloudFormation: Service = {
  name: "cloudformation",
  protocol: {
    type: "query",
    version: "2010-05-15",
    namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
  },
  operations: {
    ListStackInstances: operation(
      {
        StackSetName: z.string(),
        CallAs: z.enum(["SELF", "DELEGATED_ADMIN"]).default("SELF"),
        StackInstanceAccount: z.string().optional(),
        StackInstanceRegion: z.string().optional(),
        NextToken: z.string().optional(),
        MaxResults: integer(1, 100).default(100),
      },
      ({ state, account, region }, { StackSetName, CallAs, NextToken, MaxResults, ...only }) => {
        const isAdministrator = state.organization.delegatedAdministrators.get(account.id)?.has(stackSetService);
        if (CallAs === "DELEGATED_ADMIN" && !isAdministrator)
          throw new AwsError(
            "ValidationError",
            `Account ${account.id} must be a delegated admin to use this operation`,
          );
        const set = [...state.stackSets.values()].find(
          (one) =>
            (one.name === StackSetName || one.id === StackSetName) &&
            one.accountId === account.id &&
            one.id.split(":")[3] === region,
        );
        if (set === undefined)
          throw new AwsError("StackSetNotFoundException", `StackSet ${StackSetName} not found`, 404);
        const instances = [...state.stacks.values()].filter(
          (stack) =>
            stack.stackSetId === set.id &&
            (only.StackInstanceAccount === undefined || stack.accountId === only.StackInstanceAccount) &&
            (only.StackInstanceRegion === undefined || stack.region === only.StackInstanceRegion),
        );
        const { items, next } = page(
          instances.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
          ({ id }) => id,
          {
            marker: NextToken,
            size: MaxResults,
          },
        );
        return {
          Summaries: items.map(({ id, accountId, region: at, instance }) => ({
            ...{ StackSetId: set.id, Account: accountId, Region: at, StackId: id },
            ...{ Status: instance?.status ?? "CURRENT", StatusReason: instance?.reason },
            StackInstanceStatus: { DetailedStatus: instance?.detailedStatus ?? "SUCCEEDED" },
          })),
          NextToken: next,
        };
      },
      ({ account, region }, { StackSetName }) => [
        StackSetName.startsWith("arn:")
          ? StackSetName
          : `arn:aws:cloudformation:${region}:${account.id}:stackset/${StackSetName}:*`,
      ],
    ),

    ActivateOrganizationsAccess: operation({}, (call) => {
      checkCaller(call, "SELF");
      const { organization } = call.state;
      if (organization.featureSet !== "ALL") invalid("You must enable all features in the organization");
      organization.stackSetsActivated = true;
      if (!organization.trustedServices.has(stackSetService))
        organization.trustedServices.set(stackSetService, call.now);
      return {};
    }),

    DescribeOrganizationsAccess: operation(
      { CallAs: z.enum(["SELF", "DELEGATED_ADMIN"]).default("SELF") },
      (call, { CallAs }) => {
        checkCaller(call, CallAs);
        const { stackSetsActivated, trustedServices } = call.state.organization;
        return { Status: stackSetsActivated && trustedServices.has(stackSetService) ? "ENABLED" : "DISABLED" };
      },
    ),
  },
};
