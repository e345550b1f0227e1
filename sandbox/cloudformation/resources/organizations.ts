import * as z from "zod";
import { handler, ignored, policyDocument, type ResourceHandler } from "../resource.ts";

/** What every root, OU and account has attached from the start. */
const fullAccess = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

const policy = handler(
  {
    Name: z.string(),
    Type: z.literal("SERVICE_CONTROL_POLICY"),
    Content: policyDocument,
    TargetIds: z.array(z.string()).default([]),
    Description: ignored,
  },
  ({ state, ids, place }, { Content, TargetIds }) => {
    const { organization, accounts } = state;
    const { managementAccountId, rootId, serviceControlPolicies, units } = organization;
    if (place.accountId !== managementAccountId)
      throw new Error(`only the management account ${managementAccountId} makes service control policies here`);
    for (const id of TargetIds) {
      if (id !== rootId && !units.has(id) && !accounts.has(id))
        throw new Error(`there is no root, OU or account ${id}`);
      serviceControlPolicies.set(id, [...(serviceControlPolicies.get(id) ?? [fullAccess]), Content]);
    }
    const id = `p-${ids.lower(8)}`;
    organization.stackPolicies.set(id, Content);
    return {
      ref: id,
      attributes: {
        Id: id,
        Arn: `arn:aws:organizations::${managementAccountId}:policy/${organization.id}/service_control_policy/${id}`,
      },
    };
  },
);

export const organizationResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::Organizations::Policy": policy,
};
