import { stringify } from "csv-stringify/sync";
import { rootArn } from "../callers.ts";
import { AwsError, type Operation, operation, sortBy } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import type { AccessKey, CredentialReport, Credentials } from "./state.ts";

const hoursMs = 3_600_000;
/** A report younger than this is returned as it is. */
const lifetimeMs = 4 * hoursMs;
/** A report is ready when the seconds since its start and the times somebody asked for it add up to this. */
const effort = 3;

const keyColumns = ["active", "last_rotated", "last_used_date", "last_used_region", "last_used_service"];
const columns = [
  ...["user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed"],
  ...["password_next_rotation", "mfa_active"],
  ...[1, 2].flatMap((number) => keyColumns.map((column) => `access_key_${number}_${column}`)),
  ...["cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated"],
];

const time = (date: Date | undefined) => (date ? `${date.toISOString().slice(0, 19)}+00:00` : "N/A");

const keyCells = (key: AccessKey | undefined) => [
  String(key?.status === "Active"),
  time(key?.createdAt),
  time(key?.lastUsed?.at),
  key?.lastUsed?.region ?? "N/A",
  key?.lastUsed?.service ?? "N/A",
];

const cells = ({ accessKeys, mfaDevices }: Credentials) => [
  String(mfaDevices.length > 0),
  ...keyCells(accessKeys[0]),
  ...keyCells(accessKeys[1]),
  ...["false", "N/A", "false", "N/A"],
];

const contentOf = ({ id, root, users, passwordPolicy }: AccountState): string => {
  const maxAgeMs = Number(passwordPolicy?.MaxPasswordAge ?? Number.NaN) * 24 * hoursMs;
  const rootCells = [
    ...["<root_account>", rootArn(id), time(root.createdAt), String(root.passwordEnabled)],
    root.passwordEnabled && !root.passwordLastUsedAt ? "no_information" : time(root.passwordLastUsedAt),
    ...["not_supported", "not_supported"],
    ...cells(root),
  ];
  const rows = sortBy(users.values(), ({ name }) => name).map((user) => {
    const changed = user.loginProfile?.changedAt;
    return [
      ...[user.name, user.arn, time(user.createdAt), String(changed !== undefined)],
      changed && !user.passwordLastUsedAt ? "no_information" : time(changed && user.passwordLastUsedAt),
      time(changed),
      time(changed && maxAgeMs ? new Date(changed.getTime() + maxAgeMs) : undefined),
      ...cells(user),
    ];
  });
  return stringify([columns, rootCells, ...rows]);
};

/** A report that IAM begins to make. */
export const newReport = (account: AccountState, startedAt: Date): CredentialReport => ({
  startedAt,
  polls: 0,
  complete: false,
  content: contentOf(account),
});

/** Whether a report is ready by now; asking is what moves a report on where the virtual clock stands still. */
const poll = (report: CredentialReport, now: Date): boolean => {
  report.polls++;
  report.complete ||= (now.getTime() - report.startedAt.getTime()) / 1000 + report.polls >= effort;
  return report.complete;
};

const isFresh = (report: CredentialReport, now: Date) => now.getTime() - report.startedAt.getTime() < lifetimeMs;

/** The credential report: made in the background, a snapshot of when that began, good for four hours. */
export const credentialReportOperations: Record<string, Operation> = {
  GenerateCredentialReport: operation({}, ({ account, now }) => {
    const { credentialReport: report } = account;
    if (report && isFresh(report, now)) return { State: poll(report, now) ? "COMPLETE" : "INPROGRESS" };
    account.credentialReport = newReport(account, now);
    return { State: "STARTED", Description: "No report exists. Starting a new report generation task" };
  }),

  GetCredentialReport: operation({}, ({ account, now }) => {
    const { credentialReport: report } = account;
    if (!report) throw new AwsError("ReportNotPresent", "No report exists. Try generating a new one.", 410);
    if (!poll(report, now)) throw new AwsError("ReportInProgress", "Report generation is in progress.", 404);
    if (!isFresh(report, now)) {
      throw new AwsError("ReportExpired", "The report has expired. Try generating a new one.", 410);
    }
    return { Content: Buffer.from(report.content), ReportFormat: "text/csv", GeneratedTime: report.startedAt };
  }),
};
