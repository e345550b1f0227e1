import * as z from "zod";
import { ConflictError, NotFoundError } from "../errors.ts";
import { changeFinding } from "../findings/change.ts";
import type { Finding } from "../findings/finding.ts";
import { approved } from "../findings/repair-transition.ts";
import { once } from "../once.ts";
import { type Stage, stages } from "../remediation/remediation.ts";
import { defineCommand, digestArg, findingIdArg, whyArg } from "./command.ts";
import { dryRun, type Plan } from "./dry-run.ts";
import { findFinding } from "./find.ts";
import { whyFirm } from "./firm.ts";

export interface Approved {
  /** What was approved. What holds it still is there too: a tripped breaker alone, which it waits for. */
  readonly plan: Plan;
  readonly approvedAt: string;
}

/**
 * Records the caller's approval of one plan, if it is what would be done now and nothing holds it that no approval lifts; then
 * asks for the repair.
 */
export const approve = defineCommand(
  z.strictObject({
    id: findingIdArg,
    digest: digestArg,
    stage: z.enum(stages, { error: `one of ${stages.join(", ")}` }).default("repair"),
    why: whyArg,
  }),
  async (dependencies, { arn: by }, { id, digest, stage, why }): Promise<Approved> => {
    const { store, repairs, telemetry, clock } = dependencies;
    const found = await findFinding(store, id);
    requireToDo(found, stage);
    const at = clock();
    const asked = { ...dependencies, listAccounts: once(dependencies.listAccounts) };
    const plan = await dryRun(asked, found, stage, { by, at, stage, digest });
    requireSame(plan, digest);
    requireLiftable(plan);

    const approval = { by, at: at.toISOString(), digest, stage, why };
    const finding = await changeFinding(store, found.account.id, found.id, (one) => {
      if (one === undefined) throw new NotFoundError(`There is no finding ${found.id} any more.`);
      requireToDo(one, stage);
      return approved(one, approval);
    });
    telemetry.info("A person approved a repair", {
      by,
      why,
      finding: found.id,
      account: found.account.id,
      stage,
      digest,
    });
    // Should this fail, or never be reached, the hourly run finds the approval and asks for the repair; so does whoever
    // approves it once more.
    await repairs.send({ kind: "repair", accountId: found.account.id, findingId: found.id, stage });
    return { plan, approvedAt: finding?.approval?.at ?? approval.at };
  },
);

const requireToDo = ({ id, status, finishDueAt }: Finding, stage: Stage): void => {
  if (stage === "final" && finishDueAt === undefined)
    throw new ConflictError(`Finding ${id} waits for no last step: there is nothing to approve.`);
  if (stage === "repair" && status !== "open")
    throw new ConflictError(`Finding ${id} is resolved: there is nothing to approve.`);
};

const requireSame = ({ outcome, why, digest, steps }: Plan, named: string): void => {
  if (outcome !== "ready") throw new ConflictError(`There is no plan to approve. ${why ?? ""}`.trim());
  if (digest === named) return;
  const words = steps.map(({ does }) => does).join("; ");
  throw new ConflictError(
    `The plan is not the one of digest ${named} any more. Now, by digest ${digest}, it ${words}.`,
  );
};

/** An approval that changes nothing now would lie in wait until a setting or an exemption changes. */
const requireLiftable = (plan: Plan): void => {
  const why = whyFirm(plan);
  if (why !== undefined) throw new ConflictError(why);
};
