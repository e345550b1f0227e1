import * as z from "zod";
import { AwsError, type Call, operation, type Service } from "../protocol/service.ts";

const invalid = (message: string): never => {
  throw new AwsError("InvalidOperationException", message);
};

const stackSets = "member.org.stacksets.cloudformation.amazonaws.com";

/** @throws AwsError `InvalidOperationException` for whoever has no say in the organization's stack sets */
const checkCaller = ({ account, state }: Call, callAs: "SELF" | "DELEGATED_ADMIN"): void => {
  const { delegatedAdministrators, managementAccountId } = state.organization;
  if (callAs === "DELEGATED_ADMIN") {
    if (!delegatedAdministrators.get(account.id)?.has(stackSets))
      invalid("Account used is not a delegated administrator");
  } else if (account.standalone || account.id !== managementAccountId) {
    invalid("You must be the management account of an organization to perform this operation");
  }
};

/** Of AWS CloudFormation, its access to the organization for service-managed stack sets. */
export const cloudFormation: Service = {
  name: "cloudformation",
  protocol: {
    type: "query",
    version: "2010-05-15",
    namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
  },
  operations: {
    ActivateOrganizationsAccess: operation({}, (call) => {
      checkCaller(call, "SELF");
      const { organization } = call.state;
      if (organization.featureSet !== "ALL") invalid("You must enable all features in the organization");
      organization.stackSetsActivated = true;
      if (!organization.trustedServices.has(stackSets)) organization.trustedServices.set(stackSets, call.now);
      return {};
    }),

    DescribeOrganizationsAccess: operation(
      { CallAs: z.enum(["SELF", "DELEGATED_ADMIN"]).default("SELF") },
      (call, { CallAs }) => {
        checkCaller(call, CallAs);
        const { stackSetsActivated, trustedServices } = call.state.organization;
        return { Status: stackSetsActivated && trustedServices.has(stackSets) ? "ENABLED" : "DISABLED" };
      },
    ),
  },
};
