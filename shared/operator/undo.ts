import * as z from "zod";
import { ConflictError, NotFoundError } from "../errors.ts";
import { accountAccess } from "../remediation/account-access.ts";
import { lookBeforeUndo } from "../remediation/before-undo.ts";
import type { Remediation } from "../remediation/remediation.ts";
import { restoringWrite } from "../remediation/standing.ts";
import { inWords } from "../remediation/writes.ts";
import { defineCommand, whyArg } from "./command.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import { findFinding } from "./find.ts";
import { type FindingSummary, type RemediationSummary, remediationSummaryOf, summaryOf } from "./summary.ts";

const idError = "the id of a finding or of a remediation, or at least the first 8 characters of a finding's (0-9, a-f)";

export interface UndoAsked {
  readonly finding: FindingSummary;
  readonly remediation: RemediationSummary;
  /** What brings the before-images back, in the order in which it is done. */
  readonly steps: readonly string[];
  /** What has changed since, and a forced undo writes over: a sentence each. */
  readonly drift: readonly string[];
}

/**
 * Asks for the undo of a remediation, by its own id or the latest of a finding that is not undone, if live reads show that it
 * can be undone. Whoever makes the undo looks again; it is recorded there, with who asked and why.
 */
export const undo = defineCommand(
  z.strictObject({
    id: z
      .string({ error: idError })
      .regex(/^(?:[0-9a-f]{8,32}|[0-9a-f]{32}-\d{4,})$/i, { error: idError })
      .transform((id) => id.toLowerCase()),
    why: whyArg,
    force: z.boolean({ error: "true or false" }).default(false),
  }),
  async (dependencies, { arn: by }, { id, why, force }): Promise<UndoAsked> => {
    const { store, audit, remediations, repairs, telemetry, clock } = dependencies;
    const finding = await findFinding(store, id.slice(0, 32));
    const accountId = finding.account.id;
    const remediation = await toUndo(dependencies, accountId, finding.id, id);
    const reads = accountAccess(audit, accountId);
    const { steps, drift } = await lookBeforeUndo({ store: remediations, clock }, reads, remediation, force);
    // Nothing is recorded before this, and all that follows is in the message.
    await repairs.send({ kind: "undo", accountId, remediationId: remediation.id, by, why, force });
    telemetry.info("A person asked for an undo", { by, why, force, remediation: remediation.id, account: accountId });
    return {
      finding: summaryOf(finding, clock()),
      remediation: remediationSummaryOf(remediation),
      steps: steps.toReversed().flatMap((step) => {
        const write = restoringWrite(step);
        return write ? [inWords(write)] : [];
      }),
      drift,
    };
  },
);

const toUndo = async (
  { remediations }: OperatorDependencies,
  accountId: string,
  findingId: string,
  asked: string,
): Promise<Remediation> => {
  const all = await remediations.ofFinding(accountId, findingId);
  const latest = all.at(-1);
  if (latest === undefined)
    throw new NotFoundError(`Finding ${findingId} was never repaired: there is nothing to undo.`);
  const isNamed = asked.length > 32;
  const meant = isNamed
    ? all.find(({ id }) => id === asked)
    : (all.findLast(({ state }) => state !== "undone") ?? latest);
  if (meant === undefined)
    throw new NotFoundError(
      `Finding ${findingId} has no remediation ${asked}; it has ${all.map(({ id }) => id).join(", ")}.`,
    );
  if (meant.state === "undone")
    throw new ConflictError(`${meant.undo?.by ?? "Somebody"} undid ${meant.id} at ${meant.undoneAt} already.`);
  return meant;
};
