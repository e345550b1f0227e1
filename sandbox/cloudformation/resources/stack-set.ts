import * as z from "zod";
import { readTemplate, type Template } from "../../../shared/cloudformation/template.ts";
import { handler, ignored, type ResourceHandler } from "../resource.ts";
import { deployInstances, stackSetService } from "../stack-set.ts";
import type { StackSet } from "../state.ts";

const json = z.string().transform((text): Template => {
  const template: unknown = JSON.parse(text);
  readTemplate(template);
  return template as Template;
});

const stackSet = handler(
  {
    StackSetName: z.string(),
    PermissionModel: z.literal("SERVICE_MANAGED"),
    CallAs: z.enum(["SELF", "DELEGATED_ADMIN"]).default("SELF"),
    TemplateBody: json,
    Parameters: z.array(z.strictObject({ ParameterKey: z.string(), ParameterValue: z.string() })).default([]),
    AutoDeployment: z.strictObject({ Enabled: z.boolean(), RetainStacksOnAccountRemoval: ignored }),
    StackInstancesGroup: z.tuple([
      z.strictObject({
        DeploymentTargets: z.strictObject({ OrganizationalUnitIds: z.array(z.string()).min(1) }),
        Regions: z.array(z.string()).min(1),
      }),
    ]),
    Capabilities: z.array(z.string()).default([]),
    ManagedExecution: ignored,
    OperationPreferences: ignored,
    Description: ignored,
  },
  (making, { StackSetName: name, CallAs, TemplateBody, Parameters, AutoDeployment, ...properties }) => {
    const { state, place, ids } = making;
    const { managementAccountId, delegatedAdministrators, rootId, units } = state.organization;
    const may =
      CallAs === "SELF"
        ? place.accountId === managementAccountId
        : delegatedAdministrators.get(place.accountId)?.has(stackSetService);
    if (!may) throw new Error(`account ${place.accountId} is no delegated administrator of ${stackSetService}`);
    const named = Object.values(TemplateBody.Resources).some(({ Type }) => Type.startsWith("AWS::IAM::"));
    if (named && !properties.Capabilities.includes("CAPABILITY_NAMED_IAM"))
      throw new Error("its template makes IAM resources, which needs CAPABILITY_NAMED_IAM");
    const [{ DeploymentTargets, Regions }] = properties.StackInstancesGroup;
    for (const id of DeploymentTargets.OrganizationalUnitIds)
      if (id !== rootId && !units.has(id)) throw new Error(`there is no root or OU ${id}`);
    const made: StackSet = {
      ...{ id: `arn:aws:cloudformation:${place.region}:${place.accountId}:stackset/${name}:${ids.uuid()}`, name },
      ...{ accountId: place.accountId, template: TemplateBody, regions: Regions },
      parameters: Object.fromEntries(
        Parameters.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]),
      ),
      organizationalUnitIds: DeploymentTargets.OrganizationalUnitIds,
      autoDeployment: AutoDeployment.Enabled,
    };
    state.stackSets.set(made.id, made);
    deployInstances(making, made);
    return { ref: made.id, attributes: { StackSetId: made.id } };
  },
);

export const stackSetResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::CloudFormation::StackSet": stackSet,
};
