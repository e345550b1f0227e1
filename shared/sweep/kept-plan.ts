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

/**
 * Keeps a plan. Each is an object of its own, also of runs that have one id, as where a schedule fires twice: no run goes
 * through accounts that another listed.
 * @throws SweepPlanError if it was not, or perhaps not, kept
 */
export const keepPlan = async (bucket: S3Bucket, { accounts, ...plan }: SweepPlan): Promise<KeptPlan> => {
  const accountsKey = `${planPrefix}${keyOfRun(plan.runId)}/${keyOfRun(plan.listedAt)}.json`;
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
