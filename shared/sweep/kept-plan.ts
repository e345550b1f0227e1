import * as z from "zod";
import type { S3Bucket } from "../aws/s3-bucket.ts";
import { messageOf, SweepPlanError } from "../errors.ts";
import type { SweepPlan } from "./plan.ts";
import { account, keyOfRun } from "./requests.ts";

/**
 * A plan whose accounts lie in a bucket. What passes between the steps of a state machine may be 256 KiB, which the accounts of a
 * large organization are more than.
 */
export interface KeptPlan extends Omit<SweepPlan, "accounts"> {
  /** The key of an object, a JSON array of the plan's accounts. */
  readonly accountsKey: string;
}

/** What the keys of all plans begin with. */
export const planPrefix = "plans/";

/** @throws SweepPlanError if it was not, or perhaps not, kept */
export const keepPlan = async (bucket: S3Bucket, { accounts, ...plan }: SweepPlan): Promise<KeptPlan> => {
  const accountsKey = `${planPrefix}${keyOfRun(plan.runId)}.json`;
  try {
    await bucket.put(accountsKey, "application/json", JSON.stringify(accounts));
  } catch (cause) {
    throw new SweepPlanError(`The plan was not kept as ${bucket.address(accountsKey)}: ${messageOf(cause)}`, { cause });
  }
  return { ...plan, accountsKey };
};

/** @throws SweepPlanError where it cannot be read, or is none */
export const readPlan = async <P extends KeptPlan>(
  bucket: S3Bucket,
  { accountsKey, ...plan }: P,
): Promise<Omit<P, "accountsKey"> & SweepPlan> => {
  try {
    return { ...plan, accounts: z.array(account).parse(JSON.parse(await bucket.get(accountsKey))) };
  } catch (cause) {
    throw new SweepPlanError(`The plan cannot be read from ${bucket.address(accountsKey)}: ${messageOf(cause)}`, {
      cause,
    });
  }
};
