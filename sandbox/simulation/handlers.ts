import type { SQSBatchResponse } from "aws-lambda";
import { createHandler as createDigest } from "../../functions/digest.ts";
import { createHandler as createEscalate } from "../../functions/escalate.ts";
import { createHandler as createIntake } from "../../functions/intake.ts";
import { createHandler as createListAccounts } from "../../functions/list-accounts.ts";
import { createHandler as createSweepAccount } from "../../functions/sweep-account.ts";
import { listAccounts } from "../../shared/accounts/list-accounts.ts";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { createAccountDirectory } from "../../shared/intake/account-directory.ts";
import type { Notifier } from "../../shared/notify/notice.ts";
import type { RepairMessage } from "../../shared/remediation/queue.ts";
import { createRepairs } from "../../shared/remediation/receive.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { SweepPlan } from "../../shared/sweep/list.ts";
import type { SweepAnswer, SweepRequest } from "../../shared/sweep/run.ts";
import type { Telemetry } from "../../shared/telemetry.ts";
import { type OperatorCommand, operate } from "./operate.ts";
import type { QueuedMessage } from "./queue.ts";
import type { Tables } from "./tables.ts";

/** What one instance of a function is built with. Every call to the world outside is one of its present invocation. */
export interface InstanceParts {
  readonly hubAccountId: string;
  /** With the audit role. */
  readonly aws: AwsAccess;
  /** With the remediation role. */
  readonly remediate: AwsAccess;
  readonly tables: Tables;
  readonly notifier: Notifier;
  readonly settings: Settings;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly remainingMs: () => number;
  readonly enqueue: (message: RepairMessage) => Promise<void>;
}

/** The handlers of the program's functions. */
export interface Handlers {
  readonly intake: (batch: { readonly Records: readonly QueuedMessage[] }) => Promise<SQSBatchResponse>;
  readonly listAccounts: (request: unknown) => Promise<SweepPlan>;
  readonly sweepAccount: (request: SweepRequest) => Promise<SweepAnswer>;
  readonly digest: (plan: SweepPlan) => Promise<void>;
  readonly escalate: (event: unknown) => Promise<void>;
  readonly remediate: (batch: { readonly Records: readonly QueuedMessage[] }) => Promise<SQSBatchResponse>;
  readonly operator: (command: OperatorCommand) => Promise<unknown>;
}
export type FunctionName = keyof Handlers;

/** What passes between functions passes as JSON. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const common = ({ tables, ...parts }: InstanceParts) => ({
  ...parts,
  store: tables.findings,
  exemptions: tables.exemptions,
});

export const builders: { readonly [F in FunctionName]: (parts: InstanceParts) => Handlers[F] } = {
  intake: (parts) => {
    const { aws, clock, telemetry, sleep } = parts;
    const patience = () => sleep(10_000);
    const accounts = createAccountDirectory({ list: () => listAccounts(aws), clock, telemetry, patience });
    const intake = createIntake({ ...common(parts), accounts });
    return (batch) => intake(batch, { getRemainingTimeInMillis: () => 90_000 });
  },
  listAccounts: (parts) => createListAccounts(parts),
  sweepAccount: (parts) => {
    const sweep = createSweepAccount(common(parts));
    return (request) => sweep(throughJson(request), { getRemainingTimeInMillis: parts.remainingMs });
  },
  digest: (parts) => {
    const digest = createDigest(common(parts));
    return (plan) => digest(throughJson(plan));
  },
  escalate: (parts) => createEscalate(common(parts)),
  remediate: (parts) => {
    const { aws, tables, remainingMs, hubAccountId } = parts;
    const repairs = createRepairs({
      ...parts,
      ...tables,
      audit: aws,
      store: tables.findings,
      listAccounts: () => listAccounts(aws),
      managementAccountId: async () => hubAccountId,
    });
    return ({ Records }) => repairs(Records, remainingMs);
  },
  operator: (parts) => (command) => operate(parts, command),
};
