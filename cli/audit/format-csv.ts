import { stringify } from "csv-stringify/sync";
import type { AuditReport } from "./report.ts";

const columns = [
  "outcome",
  "id",
  "severity",
  "control",
  "account",
  "accountName",
  "subjectKind",
  "subjectName",
  "subjectArn",
  "accessKeyId",
  "reason",
  "evidence",
];

/**
 * One row for each finding (`violation`), each control that could not be judged (`unknown`) and each account that could
 * not be read (`failed`), so that a table of the rows cannot be mistaken for full coverage. Cells that a spreadsheet
 * would run as a formula are quoted with an apostrophe.
 */
export const formatCsv = ({ accounts, findings, unknown }: AuditReport): string => {
  const names = new Map(accounts.map(({ id, name }) => [id, name ?? ""]));
  const rows = [
    ...accounts
      .filter(({ status }) => status === "failed")
      .map(({ id, name, error }) => ({ outcome: "failed", account: id, accountName: name ?? "", reason: error })),
    ...findings.map((finding) => ({
      outcome: "violation",
      ...finding,
      ...place(finding),
      accountName: names.get(finding.account),
      evidence: JSON.stringify(finding.evidence),
    })),
    ...unknown.map((entry) => ({
      outcome: "unknown",
      ...entry,
      ...place(entry),
      accountName: names.get(entry.account),
    })),
  ];
  return stringify(rows, { header: true, columns, escape_formulas: true, record_delimiter: "\r\n" });
};

const place = ({ subject }: { readonly subject: AuditReport["unknown"][number]["subject"] }) => ({
  subjectKind: subject.kind,
  subjectName: subject.name,
  subjectArn: subject.arn,
  accessKeyId: subject.accessKeyId ?? "",
});
