import * as z from "zod";
import { type Evidence, severities } from "../control.ts";
import { MalformedInputError, messageOf } from "../errors.ts";
import { stages } from "../remediation/remediation.ts";
import { subjectKinds } from "../subject.ts";
import { type Finding, historyEvents, repairNews, repairStates, violationNews } from "./finding.ts";
import { readItem } from "./read-item.ts";
import type { AccountPopulation, AccountSweep, ReportUnreadable } from "./store.ts";

const count = z.number().int().nonnegative();

/** Evidence is stored as one JSON string: a table's maps forget the order of their keys and refuse some numbers. */
const evidence = z.string().transform((text, context): Evidence => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Evidence;
    context.addIssue("is not an object");
  } catch (error) {
    context.addIssue(`is not JSON: ${messageOf(error)}`);
  }
  return z.NEVER;
});

const stage = z.enum(stages);

const loss = z.object({
  service: z.string(),
  action: z.string().optional(),
  lastUsedAt: z.string(),
  region: z.string().optional(),
  untold: z.string().optional(),
});

const findingItem = z.object({
  id: z.string(),
  account: z.object({ id: z.string(), name: z.string().optional(), ouPath: z.string().optional() }),
  control: z.string(),
  severity: z.enum(severities),
  subject: z.object({
    kind: z.enum(subjectKinds),
    name: z.string(),
    accessKeyId: z.string().optional(),
    arn: z.string(),
  }),
  principalId: z.string().optional(),
  status: z.enum(["open", "resolved"]),
  reason: z.string(),
  evidence,
  actor: z
    .object({
      arn: z.string().optional(),
      type: z.string().optional(),
      eventName: z.string(),
      eventId: z.string(),
      at: z.string(),
      sourceIPAddress: z.string().optional(),
      userAgent: z.string().optional(),
      region: z.string().optional(),
    })
    .optional(),
  openedAt: z.string(),
  resolvedAt: z.string().optional(),
  observedAt: z.string(),
  notifiedAt: z.string().optional(),
  activity: z
    .object({
      count,
      episodes: z.array(z.string()),
      lastAt: z.string(),
      lastUseAt: z.string().optional(),
      onlyAttempts: z.literal(true).optional(),
      eventIds: z.array(z.string()),
    })
    .optional(),
  repair: z
    .object({
      state: z.enum(repairStates),
      at: z.string(),
      why: z.string(),
      stage,
      interlock: z.string().optional(),
      digest: z.string().optional(),
      losses: z.array(loss).optional(),
      remediationId: z.string().optional(),
      denied: z.array(z.string()).optional(),
    })
    .optional(),
  approval: z.object({ by: z.string(), at: z.string(), digest: z.string(), stage, why: z.string() }).optional(),
  exemption: z.object({ id: z.string(), by: z.string(), reason: z.string(), until: z.string() }).optional(),
  warnedAt: z.string().optional(),
  reminded: z.object({ dueAt: z.string(), at: z.string() }).optional(),
  finishDueAt: z.string().optional(),
  owners: z.array(z.string()).optional(),
  history: z.array(
    z.object({
      at: z.string(),
      what: z.enum(historyEvents),
      reason: z.string().optional(),
      by: z.string().optional(),
    }),
  ),
  outbox: z.array(
    z.object({
      id: z.string(),
      kind: z.enum([...violationNews, ...repairNews]),
      at: z.string(),
      delivery: z.enum(["single", "digest"]),
      reason: z.string(),
      runId: z.string().optional(),
      repairAfterHours: z.number().optional(),
    }),
  ),
  version: count,
});

const sweepItem = z.object({
  runId: z.string(),
  accountId: z.string(),
  accountName: z.string().optional(),
  ouPath: z.string().optional(),
  status: z.enum(["swept", "failed"]),
  startedAt: z.string(),
  finishedAt: z.string(),
  error: z.string().optional(),
  verdicts: z.object({ violation: count, compliant: count, unknown: count, notApplicable: count }),
  unknownCauses: z.array(z.object({ cause: z.string(), count })),
  gaps: z.array(z.string()),
  population: z.object({ users: count, roles: count, accessKeys: count }).optional(),
});

const populationItem = z.object({
  accountId: z.string(),
  countedAt: z.string(),
  users: count,
  roles: count,
  accessKeys: count,
});

/** The attributes of a stored finding, without keys. Plain JSON: nothing `undefined`, nothing shared with the finding. */
export const findingToItem = (finding: Finding): Record<string, unknown> => ({
  ...structuredClone(finding),
  evidence: JSON.stringify(finding.evidence),
});

/** @throws MalformedInputError if what is stored is not a finding: a later version's, or somebody else's item */
export const findingFromItem = (item: Readonly<Record<string, unknown>>): Finding =>
  readItem("finding", findingItem, item);

/** @throws MalformedInputError if what is stored is not the result of a sweep */
export const sweepFromItem = (item: Readonly<Record<string, unknown>>): AccountSweep =>
  readItem("sweep", sweepItem, item);

/** What a sweep counted, as it is kept for the account; `undefined` if it counted nothing. */
export const populationOf = ({ accountId, finishedAt, population }: AccountSweep): AccountPopulation | undefined =>
  population && { accountId, countedAt: finishedAt, ...population };

/** @throws MalformedInputError if what is stored is not a count of an account's subjects */
export const populationFromItem = (item: Readonly<Record<string, unknown>>): AccountPopulation =>
  readItem("population", populationItem, item);

/** What `readIt` gives; `undefined` if that cannot be read and somebody is told of it. */
export const reporting = <T>(
  unreadable: ReportUnreadable | undefined,
  accountId: string,
  readIt: () => T,
): T | undefined => {
  try {
    return readIt();
  } catch (error) {
    if (unreadable === undefined || !(error instanceof MalformedInputError)) throw error;
    unreadable(accountId, error);
    return undefined;
  }
};

/** Where an undelivered finding stands among the others: the oldest entry first. `undefined` if all has been told. */
export const undeliveredSince = (finding: Finding): string | undefined => {
  const oldest = finding.outbox.map((entry) => entry.at).sort()[0];
  return oldest === undefined ? undefined : `${oldest}#${finding.account.id}#${finding.id}`;
};

/** Whether anything is still to be done about a finding: it is open, something is untold, a repair was begun or is to be finished. */
export const isActive = ({ status, outbox, finishDueAt, repair }: Finding): boolean =>
  status === "open" || outbox.length > 0 || finishDueAt !== undefined || repair?.state === "remediating";
