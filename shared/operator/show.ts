import * as z from "zod";
import type { Finding } from "../findings/finding.ts";
import { type ShownStatus, shownStatus } from "../findings/standing-of.ts";
import type { Remediation } from "../remediation/remediation.ts";
import { defineCommand, findingIdArg } from "./command.ts";
import { repairDueAt } from "./dry-run.ts";
import { findFinding } from "./find.ts";
import { type RemediationSummary, remediationSummaryOf } from "./summary.ts";

const args = z.strictObject({ id: findingIdArg });

/** A finding can be repaired and undone without end; what is older than the latest so many is counted. */
const mostRemediations = 20;

export interface Shown {
  readonly finding: Finding;
  readonly status: ShownStatus;
  /** When the ladder repairs it; absent as long as nobody was warned, where it never does, and where it is repaired. */
  readonly dueAt?: string;
  /** The latest, oldest first, without their steps. */
  readonly remediations: readonly RemediationSummary[];
}

/** Shows all that is stored of a finding. */
export const show = defineCommand(
  args,
  async ({ store, remediations, settings, clock }, _caller, { id }): Promise<Shown> => {
    const finding = await findFinding(store, id);
    const all = await remediations.ofFinding(finding.account.id, finding.id);
    const dueAt = repairDueAt(settings, finding, finding.account);
    return {
      finding,
      status: shownStatus(finding, clock()),
      ...(dueAt !== undefined && { dueAt }),
      remediations: all.slice(-mostRemediations).map(remediationSummaryOf),
    };
  },
);

export interface History {
  readonly finding: Pick<Finding, "id" | "account" | "control" | "severity" | "subject" | "history">;
  readonly status: ShownStatus;
  /** The latest, oldest first: with each step, what stood there before it. */
  readonly remediations: readonly Remediation[];
  /** Older ones that are left out here. */
  readonly earlierRemediations: number;
}

/** Tells what happened to a finding: its own history, and each remediation with its before-images. */
export const history = defineCommand(args, async ({ store, remediations, clock }, _caller, args): Promise<History> => {
  const finding = await findFinding(store, args.id);
  const all = await remediations.ofFinding(finding.account.id, finding.id);
  const { id, account, control, severity, subject, history } = finding;
  return {
    finding: { id, account, control, severity, subject, history },
    status: shownStatus(finding, clock()),
    remediations: all.slice(-mostRemediations),
    earlierRemediations: Math.max(0, all.length - mostRemediations),
  };
});
