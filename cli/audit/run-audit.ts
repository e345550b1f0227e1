import type { AwsAccess, CallCounts } from "../../shared/aws/access.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Fact } from "../../shared/facts/facts.ts";
import { findingId } from "../../shared/findings/finding.ts";
import { judgeAccount } from "../../shared/judgement/judge-account.ts";
import type { Judgement } from "../../shared/judgement/judgement.ts";
import { byCodeUnit } from "../../shared/order.ts";
import type { OrganizationView } from "../../shared/organization/view.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { type AccountRef, type Subject, subjectKey } from "../../shared/subject.ts";
import type { AuditedAccount, AuditFinding, AuditReport, AuditUnknown } from "./report.ts";

/** Accounts read at the same time. IAM throttles by account, so this bounds our own sockets and memory, not IAM's rate. */
const accountsAtOnce = 8;

export interface AuditRequest {
  readonly aws: AwsAccess;
  /** Calls that were made before there was an `AwsAccess` to count them. */
  readonly earlierCalls: CallCounts;
  readonly accounts: readonly AccountRef[];
  /** The organization as an account sees it. */
  readonly organization: (accountId: string) => Fact<OrganizationView>;
  /** Controls that are off here are not judged. The bulk reads are the same whichever are on. */
  readonly settings: Settings;
  readonly clock: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told after each account how many are done. */
  readonly onProgress?: (done: number) => void;
}

interface AccountResult {
  readonly account: AuditedAccount;
  readonly findings: readonly AuditFinding[];
  readonly unknown: readonly AuditUnknown[];
}

/** Judges every account. One that cannot be read is reported as failed, with nothing of it half-told, and stops no other. */
export const runAudit = async (request: AuditRequest): Promise<AuditReport> => {
  const startedAt = request.clock().toISOString();
  const results: AccountResult[] = [];
  const pending = request.accounts.values();
  const worker = async (): Promise<void> => {
    for (const account of pending) {
      results.push(await auditAccount(request, account));
      request.onProgress?.(results.length);
    }
  };
  await Promise.all(Array.from({ length: accountsAtOnce }, worker));

  return {
    version: 1,
    startedAt,
    finishedAt: request.clock().toISOString(),
    accounts: results.map(({ account }) => account).sort((a, b) => byCodeUnit(a.id, b.id)),
    findings: results.flatMap(({ findings }) => findings).sort(byPlace),
    unknown: results.flatMap(({ unknown }) => unknown).sort(byPlace),
  };
};

const auditAccount = async (request: AuditRequest, account: AccountRef): Promise<AccountResult> => {
  const { aws, settings, clock, sleep } = request;
  const identity = { id: account.id, name: account.name ?? null };
  const findings: AuditFinding[] = [];
  const unknown: AuditUnknown[] = [];
  try {
    const organization = request.organization(account.id);
    for await (const { judgements } of judgeAccount({ aws, account, settings, clock, sleep, organization, open: [] })) {
      for (const judgement of judgements) sortVerdict(judgement, findings, unknown);
    }
    return { account: { ...identity, status: "swept", apiCalls: callsOf(request, account.id) }, findings, unknown };
  } catch (error) {
    return {
      account: { ...identity, status: "failed", error: messageOf(error), apiCalls: callsOf(request, account.id) },
      findings: [],
      unknown: [],
    };
  }
};

const sortVerdict = (judgement: Judgement, findings: AuditFinding[], unknown: AuditUnknown[]): void => {
  const { control, severity, verdict } = judgement;
  const account = judgement.account.id;
  const subject = shownSubject(judgement.subject);
  if (verdict.outcome === "violation") {
    const { reason, evidence } = verdict;
    findings.push({ id: findingId(account, control, subject), control, severity, account, subject, reason, evidence });
  } else if (verdict.outcome === "unknown") {
    unknown.push({ control, account, subject, reason: verdict.reason, cause: verdict.cause });
  }
};

const shownSubject = ({ kind, name, arn, accessKeyId }: Subject): Subject => ({
  kind,
  name,
  arn,
  ...(accessKeyId === undefined ? {} : { accessKeyId }),
});

/** The two hold different operations: nobody but the caller asks who the caller is. */
const callsOf = ({ aws, earlierCalls }: AuditRequest, accountId: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries({ ...earlierCalls[accountId], ...aws.calls()[accountId] }).sort(([a], [b]) => byCodeUnit(a, b)),
  );

type Placed = Pick<AuditFinding, "account" | "control" | "subject">;
const byPlace = (a: Placed, b: Placed): number =>
  byCodeUnit(a.account, b.account) ||
  byCodeUnit(a.control, b.control) ||
  byCodeUnit(subjectKey(a.subject), subjectKey(b.subject));
