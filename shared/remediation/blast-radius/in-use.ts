import { GetAccessKeyLastUsedCommand, type IAMClient } from "@aws-sdk/client-iam";
import { call } from "../../aws/errors.ts";
import { MalformedInputError } from "../../errors.ts";
import { parseCredentialReport } from "../../facts/credential-report.ts";
import type { RoleFacts } from "../../facts/facts.ts";
import { fetchCredentialReport, type Sleep } from "../../facts/fetch-report.ts";
import type { AccountAccess } from "../account-access.ts";
import type { SlotState } from "../remediation.ts";
import { usedSince } from "./last-accessed.ts";

export interface InUseQuestion {
  readonly now: Date;
  readonly sleep: Sleep;
  readonly inUseDays: number;
}

const dayMs = 86_400_000;

/** Whether `at` is no more than so many days ago; what clocks call the future is. */
export const within = (days: number, now: Date, at: Date): boolean => at.getTime() >= now.getTime() - days * dayMs;

/** Why an access key cannot be taken away: it was used of late, or nobody can say. `undefined` if it was not. */
export const accessKeyInUse = ({ accountId, iam }: AccountAccess, accessKeyId: string, question: InUseQuestion) =>
  keyInUse(accountId, iam, accessKeyId, `access key ${accessKeyId}`, question);

const keyInUse = async (
  accountId: string,
  iam: IAMClient,
  AccessKeyId: string,
  what: string,
  { now, inUseDays }: InUseQuestion,
): Promise<string | undefined> => {
  const { AccessKeyLastUsed: last } = await call("iam:GetAccessKeyLastUsed", accountId, () =>
    iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId })),
  );
  if (last === undefined) return `When ${what} was last used is not known.`;
  const { LastUsedDate: at, ServiceName: service, Region: region } = last;
  // IAM gives no date, and "N/A" for the service, if it was never used; a service without a date says neither.
  if (at === undefined)
    return service === undefined || service === "N/A" ? undefined : `When ${what} was last used is not known.`;
  if (!within(inUseDays, now, at)) return undefined;
  const where = region === undefined || region === "N/A" ? "" : ` in ${region}`;
  return `A${what.slice(1)} was used at ${at.toISOString()} for ${service ?? "an unknown service"}${where}, within ${inUseDays} days.`;
};

/**
 * The same for a role: by its last use, and by what services saw of its sessions, which may have begun long before. Both
 * are told up to four hours late.
 */
export const roleInUse = async (
  access: AccountAccess,
  role: Pick<RoleFacts, "name" | "arn" | "lastUsedAt">,
  { now, sleep, inUseDays }: InUseQuestion,
): Promise<string | undefined> => {
  if (role.lastUsedAt !== null && !(role.lastUsedAt.getTime() < now.getTime() - inUseDays * dayMs))
    return `Role ${role.name} was used at ${role.lastUsedAt.toISOString()}, within ${inUseDays} days.`;
  const used = await usedSince(access, role.arn, new Date(now.getTime() - inUseDays * dayMs), sleep);
  const [latest] = used.toSorted((a, b) => b.at.getTime() - a.at.getTime());
  return latest && `Role ${role.name} used ${latest.service} at ${latest.at.toISOString()}, within ${inUseDays} days.`;
};

/** The same for every access key of root that the before-image names. */
export const rootKeysInUse = async (
  { accountId, asRoot }: AccountAccess,
  before: SlotState,
  question: InUseQuestion,
): Promise<string | undefined> => {
  if (before.kind !== "rootAccessKeys") throw new MalformedInputError("The plan does not say which keys root has");
  if (before.keys.length === 0) return undefined;
  const root = await asRoot("IAMAuditRootUserCredentials");
  const reasons: string[] = [];
  for (const { id } of before.keys) {
    const why = await keyInUse(accountId, root, id, `access key ${id} of root`, question);
    if (why !== undefined) reasons.push(why);
  }
  return reasons.length === 0 ? undefined : reasons.join(" ");
};

/** The same for root's password, whose last use only the credential report tells (up to four hours late). */
export const rootPasswordInUse = async (
  { accountId, iam }: AccountAccess,
  before: SlotState,
  { now, sleep, inUseDays }: InUseQuestion,
): Promise<string | undefined> => {
  if (before.kind !== "rootPassword")
    throw new MalformedInputError("The plan does not say whether root has a password");
  if (!before.present) return undefined;
  const untold = (why: string) => `When root's password was last used is not known: ${why}.`;
  const report = await fetchCredentialReport(iam, accountId, { sleep });
  if (!report.ready) return untold(report.why);
  const { root, halfRead } = parseCredentialReport(report.content);
  if (root === undefined) return untold(halfRead ?? "the credential report has no row for root");
  const { passwordLastUsedAt: at } = root;
  if (!at.known) return untold(at.why);
  if (at.value === null || !within(inUseDays, now, at.value)) return undefined;
  return `Root's password was used at ${at.value.toISOString()}, within ${inUseDays} days.`;
};
