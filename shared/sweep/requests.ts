import * as z from "zod";
import { MalformedInputError } from "../errors.ts";
import type { AccountSweep } from "../findings/store.ts";
import type { AccountRef } from "../subject.ts";
import type { SweepPlan } from "./plan.ts";

const accountId = z.string().regex(/^\d{12}$/);
const runId = z.string().min(1).max(128);

/** An account, as plans and requests have it. */
export const account = z.object({
  id: accountId,
  name: z.string().optional(),
  ouPath: z.string().optional(),
  owner: z.string().optional(),
});

const count = z.number().int().nonnegative();

const cursor = z.object({
  after: z.string(),
  startedAt: z.iso.datetime(),
  verdicts: z.object({ violation: count, compliant: count, unknown: count, notApplicable: count }),
  unknownCauses: z.array(z.object({ cause: z.string(), count })),
});

/** Where the sweep of one account stands. It travels through the state machine: small, plain JSON. */
export interface SweepCursor extends Pick<AccountSweep, "startedAt" | "verdicts" | "unknownCauses"> {
  /** The subject that was judged last. */
  readonly after: string;
}

const sweepRequest = z.object({ runId, account, cursor: cursor.optional() });
export interface SweepRequest {
  readonly runId: string;
  readonly account: AccountRef;
  /** From the answer to the request before, while there is more to do. */
  readonly cursor?: SweepCursor;
}

/** The answer to a sweep request: one that is not done is itself the next request. */
export type SweepAnswer =
  | { readonly done: false; readonly runId: string; readonly account: AccountRef; readonly cursor: SweepCursor }
  | {
      readonly done: true;
      readonly runId: string;
      readonly account: AccountRef;
      readonly status: "swept" | "failed";
      readonly verdicts: SweepCursor["verdicts"];
    };

const runRequest = z.object({ runId: runId.optional() });
const step = z.literal("report").optional();
const digestRequest = z.object({ runId, listedAt: z.iso.datetime(), accountsKey: z.string().min(1), step });

/** What is asked for when a run is over: its digest first, then its report, so that each can be tried again alone. */
export interface DigestRequest extends SweepPlan {
  /** Absent: the digest. */
  readonly step?: "report" | undefined;
}

const parsed = <T>(schema: z.ZodType<T>, what: string, value: unknown): T => {
  const result = schema.safeParse(value);
  if (!result.success) throw new MalformedInputError(`${what}: ${z.prettifyError(result.error)}`);
  return result.data;
};

/** @throws MalformedInputError */
export const parseSweepRequest = (value: unknown): SweepRequest => parsed(sweepRequest, "A sweep request", value);

/** @throws MalformedInputError */
export const parseRunRequest = (value: unknown): { readonly runId?: string } =>
  parsed(runRequest, "A request to list the accounts", value ?? {});

/** A digest's request, as the state machine has it: the plan's accounts are kept. @throws MalformedInputError */
export const parseDigestRequest = (value: unknown): z.output<typeof digestRequest> =>
  parsed(digestRequest, "A digest request", value);

/** What of a run's id needs no escape in a URL, a key or a shell. */
export const keyOfRun = (id: string): string => id.replace(/[^A-Za-z0-9._-]/g, "-");
