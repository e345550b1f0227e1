import type { Statement } from "./synthesized.ts";

/** Why the account's roles have their statements, by `Sid`. */
const bySid: Readonly<Record<string, string>> = {
  ReadTheAccount: "what the controls judge; these actions take no resource",
  ReadUsers: "what a credential report does not say, or says too late; policies and groups",
  ReadGroups: "what users may do because of their groups, and whom a change of a group touches",
  ReadOidcProviders: "who of other identity providers may come in",
  ReadRoles: "boundaries, and what a repair would break",
  ReadPolicies:
    "the documents by which it tells what principals may do and what a boundary would break; whom a change touches",
  ReadItsOwnRules: "the doctor sees whether the rules that forward are as they were deployed",
  ListAnalyzers:
    "the sweep sees whether Access Analyzer looks at the account, and which analyzers the organization has",
  ReadFindings: "what its analyzers found of resources, and the organization's in the account that has them",
  ReadItsOwnAnalyzers: "what stands where a repair makes one, before and after",
  ReadTrails: "the sweep, the intake and the doctor see whether a trail logs what the rules need",
  ListTrails: "the sweep, the intake and the doctor find the trails that log here, the organization's among them",
  LeaveTheMark: "marks itself, so that the event of that proves the path to the hub: the one write, on itself alone",
  SendToTheHub: "the rules send what the controls want to hear",
  RepairUsers: "the repairs of access keys and console users, and their undos",
  BoundRoles: "attaches the boundaries that the settings name",
  UnboundRoles: "undoes that, and takes off no others",
  QuarantineRoles: "denies unused roles everything, and undoes that: only with `unused-role` in mode `remediate`",
  TagQuarantined: "says on a quarantined role that it is, in iam-warden's own tag alone, and undoes that",
  ConfineTrust:
    "lets nobody but the organization assume a role that anyone could, and undoes that: only with `trust-open-to-anyone` in mode `remediate`",
  StrengthenPasswords:
    "raises what the account asks of passwords, and undoes that; these actions take no resource: only with `weak-password-policy` in mode `remediate`",
  RestoreBoundaries:
    "undoes where a boundary was replaced: only with `role-with-unapproved-boundary` in mode `remediate`",
  MakeAnalyzers: "makes the account an analyzer: only with `access-analyzer-missing` in mode `remediate`",
  DeleteItsAnalyzers: "undoes that",
  LetAccessAnalyzerIn: "an account's first analyzer makes the role that Access Analyzer itself works with",
  NeverWhatIsProtected: "protected principals stay as they are, whatever else is wrong",
};

/** Why the hub's roles have theirs, by an action that is in no other kind of statement; the first that fits counts. */
const byAction: readonly (readonly [action: string, why: string])[] = [
  ["logs:PutLogEvents", "writes its own log"],
  ["sqs:ReceiveMessage", "takes its work from its own queue"],
  ["sqs:GetQueueAttributes", "sees whether anything was laid aside"],
  ["sqs:SendMessage", "asks for repairs and undos; only where something is in mode `remediate`"],
  [
    "sts:AssumeRole",
    "goes into accounts: to read with the audit role, to repair with the remediation role; in this organization alone",
  ],
  ["sts:AssumeRoot", "central root access, for these tasks alone; only where a repair of root is in mode `remediate`"],
  [
    "organizations:ListPolicies",
    "knows the accounts, their OUs and owners, the service control policies that limit them, and what is centralized of root; these actions take no resource that is known before",
  ],
  [
    "organizations:ListTagsForResource",
    "knows the accounts, their OUs and owners; these actions take no resource that is known before",
  ],
  [
    "organizations:ListAccounts",
    "knows the accounts and their OUs; these actions take no resource that is known before",
  ],
  ["dynamodb:PutItem", "keeps findings, exemptions, repairs and the organization as it was read; no scan, no delete"],
  ["dynamodb:UpdateItem", "counts in the circuit breakers"],
  ["sns:Publish", "tells people"],
  ["appconfig:GetLatestConfiguration", "reads the settings as they are now"],
  ["cloudwatch:DescribeAlarms", "takes settings back while something fails: it asks whether an alarm is on"],
  [
    "s3:PutObject",
    "keeps what each sweep goes through, or its report: in a folder that is not the other's; it can delete none",
  ],
  ["s3:GetObject", "reads what a sweep goes through, and nothing else of the bucket"],
  ["lambda:InvokeFunction", "runs the functions that are its own steps"],
  ["logs:CreateLogDelivery", "writes the log of the sweep; these actions take no resource"],
  ["events:DescribeRule", "sees whether the hub's own rules are as they were deployed"],
  ["cloudformation:ListStackInstances", "sees whether every account has its stack"],
  ["sns:ListSubscriptionsByTopic", "sees whether somebody is told"],
  ["dynamodb:GetItem", "reads what is kept, and writes nothing"],
  ["states:StartExecution", "starts the sweep, and the turns of its accounts"],
  ["states:StopExecution", "follows and stops the turns of its accounts"],
  ["states:RedriveExecution", "lets a sweep that failed go on"],
];

/** @throws Error for a statement that nobody has explained yet */
export const reasonOf = (role: string, { Sid, Action = [] }: Statement): string => {
  const why = Sid === undefined ? byAction.find(([action]) => Action.includes(action))?.[1] : bySid[Sid];
  if (why === undefined)
    throw new Error(
      `Nobody says why ${role} may ${Action.join(", ")}${Sid === undefined ? "" : ` (${Sid})`}: say it in role-reasons.ts.`,
    );
  return why;
};
