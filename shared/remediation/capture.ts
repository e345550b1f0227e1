import {
  GetAccountSummaryCommand,
  GetPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
} from "@aws-sdk/client-iam";
import { call } from "../aws/errors.ts";
import { iamQuotas } from "../aws/iam-quotas.ts";
import { MalformedInputError } from "../errors.ts";
import { maxItems, pages } from "../facts/reading.ts";
import { readPolicyDocument } from "../policy/language/document.ts";
import type { AccountAccess } from "./account-access.ts";
import type { RecordedStep } from "./remediation.ts";
import { ifThere, policyTextOf, readSlot } from "./slots.ts";
import { driftOf } from "./standing.ts";
import type { AnyStep } from "./step.ts";

/** The before-image of a step; a text if the step cannot be made (a quota, a policy that is not there), which says why. */
export const capture = async (access: AccountAccess, step: AnyStep): Promise<RecordedStep | string> => {
  const before = await readSlot(access, step.before);
  if (before.kind === "gone" || (before.kind === "accessKey" && before.status === null))
    return driftOf({ step, before }, before);
  if (before.kind === "analyzer" && before.made === "other") return driftOf({ step, before }, before);
  const { write } = step;
  if (write.operation === "PutUserPolicy") {
    const tooLong = await inlineTooLong(access, write.userName, write.policyName, write.document);
    if (tooLong !== undefined) return tooLong;
  }
  if (write.operation === "PutRolePolicy") {
    if (before.kind === "rolePolicy" && before.document !== null && deniesAll(before.document))
      return `The inline policy ${write.policyName} of role ${write.roleName} stands already, and no repair of this finding put it there: it denies everything, and undo would bring it back. Look whose it is, and delete it first.`;
    const tooLong = await roleInlineTooLong(access, write.roleName, write.policyName, write.document);
    if (tooLong !== undefined) return tooLong;
  }
  if (write.operation === "UpdateAssumeRolePolicy") {
    const tooLong = await trustTooLong(access, write.roleName, write.document);
    if (tooLong !== undefined) return tooLong;
  }
  if (write.operation === "PutRolePermissionsBoundary") {
    const boundary = await policyNow(access, write.boundaryArn);
    return typeof boundary === "string" ? boundary : { step, before, boundary };
  }
  return { step, before };
};

/** What quarantines a role already, however it is written. What nobody can read is given back as it was. */
const deniesAll = (text: string): boolean => {
  const policy = readPolicyDocument(text);
  return (
    "statements" in policy &&
    policy.statements.some(
      ({ effect, actions, resources, conditions }) =>
        effect === "Deny" &&
        actions?.some((each) => /^\*+(?::\*+)?$/.test(each)) === true &&
        resources?.some((each) => /^\*+$/.test(each)) === true &&
        Object.keys(conditions).length === 0,
    )
  );
};

/** Characters of all inline policies of a user together, white space not counted. */
const userInlineQuota = iamQuotas.inline.user;
const sizeOf = (document: string): number => document.replace(/\s/g, "").length;

const inlineTooLong = async (
  { accountId, iam }: AccountAccess,
  UserName: string,
  policyName: string,
  document: string,
): Promise<string | undefined> => {
  const names = await call("iam:ListUserPolicies", accountId, async () => {
    const list = pages((marker) => iam.send(new ListUserPoliciesCommand({ UserName, MaxItems: maxItems, ...marker })));
    return (await Array.fromAsync(list)).flatMap((page) => page.PolicyNames ?? []);
  });
  let others = 0;
  for (const PolicyName of names) {
    if (PolicyName === policyName) continue;
    const policy = await ifThere("iam:GetUserPolicy", accountId, () =>
      iam.send(new GetUserPolicyCommand({ UserName, PolicyName })),
    );
    if (policy) others += sizeOf(policyTextOf(policy));
  }
  const size = sizeOf(document);
  if (others + size <= userInlineQuota) return undefined;
  return `User ${UserName} has ${others} characters of other inline policies; with the ${size} of ${policyName} that is more than the ${userInlineQuota} that IAM allows.`;
};

/** The same of a role. */
const roleInlineQuota = iamQuotas.inline.role;

const roleInlineTooLong = async (
  { accountId, iam }: AccountAccess,
  RoleName: string,
  policyName: string,
  document: string,
): Promise<string | undefined> => {
  const names = await call("iam:ListRolePolicies", accountId, async () => {
    const list = pages((marker) => iam.send(new ListRolePoliciesCommand({ RoleName, MaxItems: maxItems, ...marker })));
    return (await Array.fromAsync(list)).flatMap((page) => page.PolicyNames ?? []);
  });
  let others = 0;
  for (const PolicyName of names) {
    if (PolicyName === policyName) continue;
    const policy = await ifThere("iam:GetRolePolicy", accountId, () =>
      iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
    );
    if (policy) others += sizeOf(policyTextOf(policy));
  }
  const size = sizeOf(document);
  if (others + size <= roleInlineQuota) return undefined;
  return `Role ${RoleName} has ${others} characters of other inline policies; with the ${size} of ${policyName} that is more than the ${roleInlineQuota} that IAM allows.`;
};

/** What IAM allows for a trust policy where an account's summary does not say. */
const trustQuota = 2_048;

const trustTooLong = async (
  { accountId, iam }: AccountAccess,
  roleName: string,
  document: string,
): Promise<string | undefined> => {
  const { SummaryMap } = await call("iam:GetAccountSummary", accountId, () =>
    iam.send(new GetAccountSummaryCommand({})),
  );
  const quota = SummaryMap?.AssumeRolePolicySizeQuota ?? trustQuota;
  if (document.length <= quota) return undefined;
  return `The trust policy of role ${roleName} would have ${document.length} characters, and IAM allows ${quota} in account ${accountId}.`;
};

const policyNow = async (
  { accountId, iam }: AccountAccess,
  PolicyArn: string,
): Promise<NonNullable<RecordedStep["boundary"]> | string> => {
  const found = await ifThere("iam:GetPolicy", accountId, () => iam.send(new GetPolicyCommand({ PolicyArn })));
  if (found === undefined) return `Account ${accountId} has no policy ${PolicyArn} to be a boundary.`;
  const { PolicyId: policyId, DefaultVersionId: versionId } = found.Policy ?? {};
  if (!policyId || !versionId) throw new MalformedInputError("IAM answered without PolicyId or DefaultVersionId");
  return { policyId, versionId };
};
