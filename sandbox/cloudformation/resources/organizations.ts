import * as z from "zod";
import { policyArnOf } from "../../organizations/attachments.ts";
import { handler, ignored, policyDocument, type ResourceHandler } from "../resource.ts";

const policy = handler(
  {
    Name: z.string(),
    Type: z.literal("SERVICE_CONTROL_POLICY"),
    Content: policyDocument,
    TargetIds: z.array(z.string()).default([]),
    Description: ignored,
  },
  ({ state, ids, place }, { Name, Content, TargetIds }) => {
    const { organization, accounts } = state;
    const { managementAccountId, rootId, serviceControlPolicies, units } = organization;
    if (place.accountId !== managementAccountId)
      throw new Error(`only the management account ${managementAccountId} makes service control policies here`);
    for (const id of TargetIds) {
      if (id !== rootId && !units.has(id) && !accounts.has(id))
        throw new Error(`there is no root, OU or account ${id}`);
    }
    const id = `p-${ids.lower(8)}`;
    serviceControlPolicies.set(id, {
      ...{ id, name: Name, description: "", document: Content },
      ...{ targets: new Set(TargetIds), tags: new Map() },
    });
    return { ref: id, attributes: { Id: id, Arn: policyArnOf(state, id) } };
  },
);

export const organizationResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::Organizations::Policy": policy,
};
