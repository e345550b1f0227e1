import type { AwsAccess } from "../../aws/access.ts";
import { MalformedInputError } from "../../errors.ts";
import type { Sleep } from "../../facts/fetch-report.ts";
import { type AccountAccess, accountAccess } from "../account-access.ts";
import type { Interlock } from "../authorization.ts";
import type { Prepared } from "../prepare.ts";
import type { RecordedStep } from "../remediation.ts";
import { boundaryLosses, type Loss, whyLost } from "./boundary-losses.ts";
import { accessKeyInUse, type InUseQuestion, roleInUse, rootKeysInUse, rootPasswordInUse } from "./in-use.ts";

export interface BlastRadiusDependencies {
  /** Reads, with the audit role. */
  readonly audit: AwsAccess;
  readonly clock: () => Date;
  readonly sleep: Sleep;
  /** A credential used within so many days is in use. Absent: 30. */
  readonly inUseDays?: number;
}

/** What a repair would break, as far as its last uses show. */
export interface BlastRadius {
  /** Why it is too much, as a sentence; absent if nothing is known to break. */
  readonly why?: string;
  /** What a boundary would cut off, or may. Ordered by service and action. */
  readonly losses: readonly Loss[];
}

/**
 * Finds out what a repair would break: credentials in use, and what a role used that its boundary would not allow. AWS
 * shows a use up to four hours late. What only resource policies grant to a role is not seen.
 * @throws AccessDeniedError | ThrottledError, or the SDK's own error: then it is not known, and must not be acted on
 */
export const assessBlastRadius = async (
  { audit, clock, sleep, inUseDays = 30 }: BlastRadiusDependencies,
  prepared: Prepared,
): Promise<BlastRadius> => {
  const access = accountAccess(audit, prepared.request.finding.account.id);
  const question: InUseQuestion = { now: clock(), sleep, inUseDays };
  const reasons: string[] = [];
  const losses: Loss[] = [];
  for (const step of prepared.steps) {
    const found = await radiusOf(access, prepared, step, question);
    if (found.why !== undefined) reasons.push(found.why);
    losses.push(...found.losses);
  }
  return { losses, ...(reasons.length > 0 && { why: reasons.join(" ") }) };
};

/** Holds what would break something that is in use. `tell` gets what a boundary would cut off, for the finding. */
export const blastRadius =
  (
    dependencies: BlastRadiusDependencies,
    tell: (prepared: Prepared, losses: readonly Loss[]) => Promise<void> = async () => {},
  ): Interlock =>
  async (prepared) => {
    const { why, losses } = await assessBlastRadius(dependencies, prepared);
    if (losses.length > 0) await tell(prepared, losses);
    return why;
  };

const radiusOf = async (
  access: AccountAccess,
  prepared: Prepared,
  { step, before }: RecordedStep,
  question: InUseQuestion,
): Promise<BlastRadius> => {
  const only = (why: string | undefined): BlastRadius => ({ losses: [], ...(why !== undefined && { why }) });
  const { write } = step;
  switch (write.operation) {
    case "UpdateAccessKey":
    case "DeleteAccessKey": {
      if (write.operation === "UpdateAccessKey" && write.status === "Active") return only(undefined);
      if (before.kind === "accessKey" && before.status === "Inactive") return only(undefined);
      return only(await accessKeyInUse(access, write.accessKeyId, question));
    }
    case "PutRolePermissionsBoundary": {
      const { facts } = prepared;
      if (facts?.kind !== "role" || before.kind !== "roleBoundary")
        throw new MalformedInputError(`What role ${write.roleName} used cannot be read: the plan is without its facts`);
      const change = { role: facts, boundaryArn: write.boundaryArn, earlierArn: before.boundaryArn };
      const losses = await boundaryLosses(access, change, question);
      return losses.length === 0 ? only(undefined) : { losses, why: whyLost(change, losses) };
    }
    case "PutRolePolicy": {
      const { facts } = prepared;
      if (facts?.kind !== "role")
        throw new MalformedInputError(`What role ${write.roleName} used cannot be read: the plan is without its facts`);
      return only(await roleInUse(access, facts, question));
    }
    case "UpdateAssumeRolePolicy": {
      const { facts } = prepared;
      if (facts?.kind !== "role")
        throw new MalformedInputError(`What role ${write.roleName} used cannot be read: the plan is without its facts`);
      const used = await roleInUse(access, facts, question);
      return only(used && `${used} IAM does not say by whom: nor, hence, whether from outside the organization.`);
    }
    case "root:DeleteAccessKey":
      return only(await rootKeysInUse(access, before, question));
    case "root:DeleteLoginProfile":
      return only(await rootPasswordInUse(access, before, question));
    case "CreateAnalyzer": // It only looks.
      return only(undefined);
    // Permissions could go by a tag of that key; none of anybody's but iam-warden's should.
    case "TagRole":
    // Passwords that there are stay good, whatever the policy asks of new ones; when they expire it leaves as it is.
    case "UpdateAccountPasswordPolicy":
    // It takes nothing away from sessions that know no MFA, as those of access keys.
    case "PutUserPolicy":
      return only(undefined);
  }
};
