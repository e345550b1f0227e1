import * as z from "zod";
import { controlById } from "../controls/catalogue.ts";
import { MalformedRequestError, messageOf, WardenError } from "../errors.ts";
import type { Finding } from "../findings/finding.ts";
import { inOrder } from "../judgement/in-order.ts";
import { once } from "../once.ts";
import type { Approval } from "../remediation/prepare.ts";
import { stages } from "../remediation/remediation.ts";
import { accountIdArg, defineCommand, digestArg, findingIdArg, limitArg, repairedControlIdArg } from "./command.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import { dryRun, type Plan } from "./dry-run.ts";
import { findFinding } from "./find.ts";
import { mostRead, type Page } from "./findings.ts";
import { summaryOf } from "./summary.ts";
import { worstFirst, writeCursor } from "./worst-first.ts";

/** A plan is some ten calls of IAM, more for a role that used many services. */
const atOnce = 4;
/** After so long, what is not planned yet waits for the next request. */
const longestMs = 20_000;

/**
 * Tells what would be done about one finding, or about all that can be repaired: the dry run. With `approved`, of one finding as if the
 * caller had approved the plan of that digest: what holds it then no approval lifts.
 */
export const plan = defineCommand(
  z.strictObject({
    id: findingIdArg.optional(),
    control: repairedControlIdArg.optional(),
    account: accountIdArg.optional(),
    stage: z.enum(stages, { error: `one of ${stages.join(", ")}` }).default("repair"),
    approved: digestArg.optional(),
    limit: limitArg(50).default(20),
    cursor: z.string({ error: "what an earlier answer gave" }).max(500).optional(),
  }),
  async (dependencies, caller, { id, control, account, stage, approved, limit, cursor }): Promise<Page<Plan>> => {
    const asked = { ...dependencies, listAccounts: once(dependencies.listAccounts) };
    if (id !== undefined) {
      if (control !== undefined || account !== undefined || cursor !== undefined)
        throw new MalformedRequestError("id: names one finding; leave out control, account and cursor, or id");
      const approval =
        approved === undefined ? undefined : { by: caller.arn, at: dependencies.clock(), stage, digest: approved };
      return {
        items: [await tried(asked, await findFinding(dependencies.store, id), stage, approval)],
        unreadable: [],
      };
    }
    if (approved !== undefined)
      throw new MalformedRequestError("approved: the digest of one finding's plan; name the finding by its id");
    const steps = worstFirst(dependencies.store, {
      ...(account !== undefined && { accounts: [account] }),
      ...(cursor !== undefined && { cursor }),
      read: stage === "final" ? "active" : "open",
      wanted: (finding) =>
        (control === undefined || finding.control === control) &&
        isRepairable(finding) &&
        (stage === "repair" || finding.finishDueAt !== undefined),
    });
    const due: { readonly finding: Finding; readonly place: string }[] = [];
    const unreadable: Page<never>["unreadable"][number][] = [];
    let rest: string | undefined;
    for await (const { place, finding, read, unreadable: gap } of steps) {
      if (gap) unreadable.push(gap);
      const at = writeCursor(place);
      if (finding) due.push({ finding, place: at });
      const isEnough = due.length >= limit || (finding === undefined && read >= mostRead);
      if (isEnough) {
        rest = at;
        break;
      }
    }
    const until = dependencies.clock().getTime() + longestMs;
    const items: Plan[] = [];
    for await (const one of inOrder(due, atOnce, ({ finding }) => tried(asked, finding, stage))) {
      items.push(one);
      const next = due[items.length - 1]?.place;
      if (dependencies.clock().getTime() > until && items.length < due.length)
        return { items, unreadable, cursor: next };
    }
    return { items, unreadable, ...(rest !== undefined && { cursor: rest }) };
  },
);

const isRepairable = ({ control }: Finding): boolean => {
  const found = controlById(control);
  return found?.type === "state" && found.repair !== undefined;
};

/** What cannot be planned is no reason to keep the plans of all others: it says so, in its place. */
const tried = async (
  dependencies: OperatorDependencies,
  finding: Finding,
  stage: Plan["stage"],
  approval?: Approval,
): Promise<Plan> => {
  const { telemetry, clock } = dependencies;
  try {
    return await dryRun(dependencies, finding, stage, approval);
  } catch (error) {
    const isForeseen = error instanceof WardenError;
    if (!isForeseen)
      telemetry.error(`A repair could not be planned: ${messageOf(error)}`, { error, finding: finding.id });
    const nothing = { finding: summaryOf(finding, clock()), stage, steps: [], holds: [], losses: [] };
    return { ...nothing, outcome: "unknown", why: isForeseen ? error.message : messageOf(error) };
  }
};
