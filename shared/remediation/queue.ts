import * as z from "zod";
import { MalformedInputError } from "../errors.ts";
import { stages } from "./remediation.ts";

/** So often the queue gives out a message that fails; then it lies in the dead-letter queue. */
export const mostTries = 5;

const accountId = z.string().regex(/^\d{12}$/, "must be twelve digits");
const id = z.string().min(1).max(64);
const text = z.string().min(1).max(1_000);

const repairMessage = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("repair"), accountId, findingId: id, stage: z.enum(stages) }),
  z.strictObject({ kind: z.literal("undo"), accountId, remediationId: id, by: text, why: text, force: z.boolean() }),
]);

/**
 * What the one function that writes is asked to do. A repair says no more than which finding: whether it may be made, and
 * how, is decided by whoever receives it, on the facts of that moment. An undo carries who asked for it.
 */
export type RepairMessage = z.output<typeof repairMessage>;

export interface RepairQueue {
  /** @throws DeliveryError if it was not, or perhaps not, sent: send it again */
  send(message: RepairMessage): Promise<void>;
}

/** @throws MalformedInputError */
export const parseRepairMessage = (body: string): RepairMessage => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new MalformedInputError("The message is not JSON; a repair or an undo was expected", { cause });
  }
  const parsed = repairMessage.safeParse(value);
  if (!parsed.success) throw new MalformedInputError(`A message to repair or undo: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};
