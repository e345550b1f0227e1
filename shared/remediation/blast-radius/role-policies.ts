import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { call } from "../../aws/errors.ts";
import { MalformedInputError } from "../../errors.ts";
import { maxItems, pages } from "../../facts/reading.ts";
import { parsePolicy, type Statement } from "../../policy/language/document.ts";
import type { AccountAccess } from "../account-access.ts";
import { policyTextOf } from "../slots.ts";

type IamAccess = Pick<AccountAccess, "accountId" | "iam">;

/** Policies of one layer: their texts as they stand in IAM, and what they say. */
export interface Layer {
  readonly texts: readonly string[];
  readonly statements: readonly Statement[];
}

const layerOf = (texts: readonly string[]): Layer => ({
  texts,
  statements: texts.flatMap((text) => parsePolicy(text).statements),
});

/** What gives a role its permissions: its inline policies and the default versions of those attached. */
export const rolePolicies = async (access: IamAccess, RoleName: string): Promise<Layer> => {
  const { accountId, iam } = access;
  const texts: string[] = [];
  const inline = pages((marker) =>
    call("iam:ListRolePolicies", accountId, () =>
      iam.send(new ListRolePoliciesCommand({ RoleName, MaxItems: maxItems, ...marker })),
    ),
  );
  for await (const { PolicyNames = [] } of inline)
    for (const PolicyName of PolicyNames)
      texts.push(
        policyTextOf(
          await call("iam:GetRolePolicy", accountId, () =>
            iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
          ),
        ),
      );
  const attached = pages((marker) =>
    call("iam:ListAttachedRolePolicies", accountId, () =>
      iam.send(new ListAttachedRolePoliciesCommand({ RoleName, MaxItems: maxItems, ...marker })),
    ),
  );
  for await (const { AttachedPolicies = [] } of attached)
    for (const { PolicyArn } of AttachedPolicies) texts.push(await managedText(access, PolicyArn));
  return layerOf(texts);
};

/** A managed policy's default version. */
export const managedPolicy = async (access: IamAccess, arn: string): Promise<Layer> =>
  layerOf([await managedText(access, arn)]);

const managedText = async ({ accountId, iam }: IamAccess, PolicyArn: string | undefined): Promise<string> => {
  const { Policy } = await call("iam:GetPolicy", accountId, () => iam.send(new GetPolicyCommand({ PolicyArn })));
  const VersionId = Policy?.DefaultVersionId;
  if (VersionId === undefined) throw new MalformedInputError(`IAM answered without a default version of ${PolicyArn}`);
  const { PolicyVersion } = await call("iam:GetPolicyVersion", accountId, () =>
    iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId })),
  );
  return policyTextOf({ PolicyDocument: PolicyVersion?.Document });
};
