import { ConflictError } from "../errors.ts";
import type { RepairQueue } from "./queue.ts";

/** Stands where nothing is deployed that repairs: whoever asks for a repair or an undo is told so. */
export const noRepairQueue: RepairQueue = {
  send: async ({ kind }) => {
    throw new ConflictError(
      `Nothing here can ${kind === "repair" ? "repair" : "undo"}: when iam-warden was deployed, its settings had no control in mode remediate. Set one and deploy again.`,
    );
  },
};
