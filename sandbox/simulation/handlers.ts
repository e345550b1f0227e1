import type { SQSBatchResponse } from "aws-lambda";
import { createHandler as createDigest } from "../../functions/digest.ts";
import { createHandler as createEscalate } from "../../functions/escalate.ts";
import { createHandler as createIntake } from "../../functions/intake.ts";
import { createHandler as createListAccounts } from "../../functions/list-accounts.ts";
import { createHandler as createOperator } from "../../functions/operator.ts";
import { createHandler as createRemediate } from "../../functions/remediate.ts";
import { createHandler as createSweepAccount } from "../../functions/sweep-account.ts";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { createAccountDirectory } from "../../shared/intake/account-directory.ts";
import type { IntakeDependencies } from "../../shared/intake/dependencies.ts";
import type { Notifier } from "../../shared/notify/notice.ts";
import type { Answer } from "../../shared/operator/answer.ts";
import { listAccounts } from "../../shared/organization/list-accounts.ts";
import { managementAccountId } from "../../shared/organization/management-account.ts";
import { readOrganization } from "../../shared/organization/read-organization.ts";
import { refreshOrganization } from "../../shared/organization/refresh.ts";
import { createStoredViews } from "../../shared/organization/stored-views.ts";
import type { RepairMessage } from "../../shared/remediation/queue.ts";
import { createMemoryReportStore } from "../../shared/report/memory-store.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { SweepPlan } from "../../shared/sweep/plan.ts";
import type { SweepAnswer, SweepRequest } from "../../shared/sweep/requests.ts";
import type { Telemetry } from "../../shared/telemetry.ts";
import type { QueuedMessage } from "./queue.ts";
import type { Tables } from "./tables.ts";
import { auditRole } from "./world.ts";

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
  readonly operator: (command: object) => Promise<Answer<Record<string, unknown>>>;
}
export type FunctionName = keyof Handlers;

/** Who gives the commands. */
export const olga = "arn:aws:sts::111122223333:assumed-role/operators/olga";

/** What passes between functions passes as JSON. */
const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** The dependencies of every function, by all the names that they have there. */
const everything = ({ tables, ...parts }: InstanceParts) => ({
  ...parts,
  ...tables,
  store: tables.findings,
  audit: parts.aws,
  auditRoleName: auditRole,
  repairs: { send: parts.enqueue },
  listAccounts: () => listAccounts(parts.aws),
  managementAccountId: () => managementAccountId(parts.aws),
  organization: createStoredViews({ ...parts, store: tables.organizations }),
});

/** Reads with the audit role, which in the simulation may ask what the functions' own roles may. */
const readAnew = ({ aws, hubAccountId, tables, clock }: InstanceParts): IntakeDependencies["refreshOrganization"] => {
  const own = { organizations: aws.organizations(), iam: aws.iam(hubAccountId), aws, clock };
  const store = tables.organizations;
  return (changes) =>
    refreshOrganization({ store, clock, read: (given) => readOrganization({ ...own, ...given }) }, changes);
};

const contextOf = ({ remainingMs }: InstanceParts) => ({ getRemainingTimeInMillis: remainingMs });

export const builders: { readonly [F in FunctionName]: (parts: InstanceParts) => Handlers[F] } = {
  intake: (parts) => {
    const { aws, clock, telemetry, sleep } = parts;
    const patience = () => sleep(10_000);
    const accounts = createAccountDirectory({ list: () => listAccounts(aws), clock, telemetry, patience });
    const intake = createIntake({ ...everything(parts), accounts, refreshOrganization: readAnew(parts) });
    // Its time is real time, of which a simulation takes none.
    return (batch) => intake(batch, { getRemainingTimeInMillis: () => 90_000 });
  },
  listAccounts: (parts) => {
    const list = createListAccounts(everything(parts));
    return (request) => list(request, contextOf(parts));
  },
  sweepAccount: (parts) => {
    const sweep = createSweepAccount(everything(parts));
    return (request) => sweep(throughJson(request), contextOf(parts));
  },
  digest: (parts) => {
    const digest = createDigest({ ...everything(parts), reports: createMemoryReportStore() });
    return (plan) => digest(throughJson(plan), contextOf(parts));
  },
  escalate: (parts) => {
    const escalate = createEscalate(everything(parts));
    return (event) => escalate(event, contextOf(parts));
  },
  remediate: (parts) => {
    const remediate = createRemediate(everything(parts));
    return (batch) => remediate(batch, contextOf(parts));
  },
  operator: (parts) => {
    const operator = createOperator(everything(parts));
    return async (command) => {
      const requestContext = { http: { method: "POST" }, authorizer: { iam: { userArn: olga } } };
      const { body } = await operator({ requestContext, body: JSON.stringify(command) });
      return JSON.parse(body);
    };
  },
};
