import type * as z from "zod";
import { AwsError, type Operation, operation, sortBy } from "../protocol/service.ts";
import { checkIdentityPolicy, sizeOf } from "./documents.ts";
import { pathPrefix, policyName } from "./managed-policies.ts";
import * as shape from "./shapes.ts";

const { find, findToChange } = shape;

/** Inline and attached policies, which users, roles and groups have alike. */
const policiesOf = (kind: shape.Kind): Record<string, Operation> => {
  const nameField = `${kind}Name` as const;
  const named = { [nameField]: shape.entityName[kind] } as Record<"UserName" | "RoleName" | "GroupName", z.ZodString>;
  const nameOf = (input: { UserName?: string; RoleName?: string; GroupName?: string }) => input[nameField] ?? "";
  const lower = kind.toLowerCase();
  const lowerQuota = {
    User: "userPolicySizeQuota",
    Role: "rolePolicySizeQuota",
    Group: "groupPolicySizeQuota",
  } as const;
  const noPolicy = (name: string) => shape.noSuchEntity(`The ${lower} policy with name ${name} cannot be found.`);
  return {
    [`Put${kind}Policy`]: operation(
      { ...named, PolicyName: policyName, PolicyDocument: shape.document },
      ({ account }, input) => {
        const entity = findToChange(account, kind, nameOf(input));
        checkIdentityPolicy(input.PolicyDocument);
        const after = new Map(entity.inlinePolicies).set(input.PolicyName, input.PolicyDocument);
        const quota = account.quotas[lowerQuota[kind]];
        if ([...after.values()].reduce((sum, text) => sum + sizeOf(text), 0) > quota) {
          const message = `Maximum policy size of ${quota} bytes exceeded for ${lower} ${entity.name}`;
          throw new AwsError("LimitExceeded", message, 409);
        }
        entity.inlinePolicies.set(input.PolicyName, input.PolicyDocument);
      },
    ),
    [`Get${kind}Policy`]: operation({ ...named, PolicyName: policyName }, ({ account }, input) => {
      const entity = find(account, kind, nameOf(input));
      const document = entity.inlinePolicies.get(input.PolicyName);
      if (document === undefined) throw noPolicy(input.PolicyName);
      return {
        [nameField]: entity.name,
        PolicyName: input.PolicyName,
        PolicyDocument: shape.encodeDocument(document),
      };
    }),
    [`Delete${kind}Policy`]: operation({ ...named, PolicyName: policyName }, ({ account }, input) => {
      const entity = findToChange(account, kind, nameOf(input));
      if (!entity.inlinePolicies.delete(input.PolicyName)) throw noPolicy(input.PolicyName);
    }),
    [`List${kind}Policies`]: operation({ ...named, ...shape.paging }, ({ account }, input) => {
      const names = sortBy(find(account, kind, nameOf(input)).inlinePolicies.keys(), (name) => name);
      return shape.listed(
        "PolicyNames",
        names,
        (name) => name,
        (name) => name,
        input,
      );
    }),
    [`Attach${kind}Policy`]: operation({ ...named, PolicyArn: shape.arn }, ({ account }, input) => {
      const { attachedPolicies } = findToChange(account, kind, nameOf(input));
      shape.findPolicy(account, input.PolicyArn);
      const quota = account.quotas[`attachedPoliciesPer${kind}Quota`];
      if (!attachedPolicies.has(input.PolicyArn) && attachedPolicies.size >= quota) {
        throw shape.limitExceeded(`PoliciesPer${kind}`, quota);
      }
      attachedPolicies.add(input.PolicyArn);
    }),
    [`Detach${kind}Policy`]: operation({ ...named, PolicyArn: shape.arn }, ({ account }, input) => {
      const entity = findToChange(account, kind, nameOf(input));
      if (!entity.attachedPolicies.delete(input.PolicyArn)) {
        throw shape.noSuchEntity(`Policy ${input.PolicyArn} was not found.`);
      }
    }),
    [`ListAttached${kind}Policies`]: operation(
      { ...named, PathPrefix: pathPrefix, ...shape.paging },
      ({ account }, input) => {
        const policies = [...find(account, kind, nameOf(input)).attachedPolicies]
          .map((arn) => shape.findPolicy(account, arn))
          .filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"));
        const sorted = sortBy(policies, ({ arn }) => arn);
        return shape.listed("AttachedPolicies", sorted, ({ arn }) => arn, shape.attachedPolicy, input);
      },
    ),
  };
};

export const policyOperations: Record<string, Operation> = {
  ...policiesOf("User"),
  ...policiesOf("Role"),
  ...policiesOf("Group"),
};
