import * as z from "zod";
import { acknowledge } from "../findings/reconcile.ts";
import { tell } from "../notify/tell.ts";
import { defineCommand, findingIdArg } from "./command.ts";
import { findFinding } from "./find.ts";
import { type FindingSummary, summaryOf } from "./summary.ts";

/**
 * Records that the caller has seen a finding and takes it on, which resolves the finding of an activity. Asked again, it
 * records nothing twice, and tells what could not be told before.
 */
export const ack = defineCommand(
  z.strictObject({ id: findingIdArg }),
  async (dependencies, { arn }, { id }): Promise<{ readonly finding: FindingSummary }> => {
    const { store, clock } = dependencies;
    const found = await findFinding(store, id);
    const now = clock();
    const acknowledged = await acknowledge(store, found.account.id, found.id, arn, now);
    const finding = await tell(dependencies, acknowledged ?? found, now);
    return { finding: summaryOf(finding, now) };
  },
);
