import type { TagRoleCommand } from "@aws-sdk/client-iam";
import type { AwsAccess } from "../../shared/aws/access.ts";
import type { EscalationDependencies } from "../../shared/escalation/dependencies.ts";
import { escalate } from "../../shared/escalation/escalate.ts";
import { createMemoryExemptionStore } from "../../shared/exemptions/memory-store.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { changeMarks, type MarkStore } from "../../shared/marks/mark-store.ts";
import { createMemoryMarkStore } from "../../shared/marks/memory-mark-store.ts";
import { arrivedMark } from "../../shared/marks/standing.ts";
import type { Notice } from "../../shared/notify/notice.ts";
import type { RepairMessage } from "../../shared/remediation/queue.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { AccountRef } from "../../shared/subject.ts";
import { aFinding, hubAccount } from "../support/findings.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";
import { settingsOf } from "../support/repair-flow.ts";

export const hourMs = 3_600_000;
export const start = Date.UTC(2026, 10, 3, 8);
export const iso = (hours: number): string => new Date(start + hours * hourMs).toISOString();

export const week = settingsOf(`version: 1
controls:
  console-user-without-mfa: { mode: remediate }
breaker: { perAccount: { count: 3, percent: 100 }, organization: { count: 3, percent: 100 } }
`);

export interface World extends EscalationDependencies {
  readonly notices: Notice[];
  readonly asked: RepairMessage[];
  readonly telemetry: ReturnType<typeof recordedTelemetry>;
  /** The hourly run, so many hours after the start. */
  at(hours: number, changes?: Partial<EscalationDependencies>): Promise<void>;
}

/** IAM in which every mark is heard of at once, so that no account is ever blind. */
const markable = (marks: MarkStore, clock: () => Date): AwsAccess => {
  const iam = (accountId: string) => ({
    send: async ({ input: { Tags = [] } }: TagRoleCommand) => {
      const at = clock().toISOString();
      await changeMarks(marks, accountId, (one) => arrivedMark(one, Tags[0]?.Value ?? "", { recordedAt: at, at }));
    },
  });
  return { iam } as unknown as AwsAccess;
};

export const world = (settings: Settings = week, store: FindingStore = createMemoryStore()): World => {
  let now = start;
  const notices: Notice[] = [];
  const asked: RepairMessage[] = [];
  const telemetry = recordedTelemetry();
  const marks = createMemoryMarkStore();
  const dependencies: EscalationDependencies = {
    aws: markable(marks, () => new Date(now)),
    auditRoleName: "iam-warden-audit",
    marks,
    store,
    exemptions: createMemoryExemptionStore(),
    notifier: { publish: async (notice) => void notices.push(notice) },
    repairs: { send: async (message) => void asked.push(message) },
    settings,
    listAccounts: async (): Promise<AccountRef[]> => [hubAccount],
    telemetry,
    clock: () => new Date(now),
  };
  return {
    ...dependencies,
    notices,
    asked,
    telemetry,
    at: async (hours, changes = {}) => {
      now = start + hours * hourMs;
      await escalate({ ...dependencies, ...changes }, () => 15 * 60_000);
    },
  };
};

export const told = { notifiedAt: iso(0), warnedAt: iso(0) };
export const due = { ...told, reminded: { dueAt: iso(168), at: iso(144) } };
export const kindsOf = ({ notices }: World) => notices.map(({ kind }) => kind);
export const stored = async ({ store }: World, { id } = aFinding()) => {
  const finding = await store.get(hubAccount.id, id);
  if (finding === undefined) throw new Error("it is gone");
  return finding;
};
