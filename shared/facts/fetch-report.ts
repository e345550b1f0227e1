import {
  CredentialReportExpiredException,
  CredentialReportNotPresentException,
  CredentialReportNotReadyException,
  GenerateCredentialReportCommand,
  GetCredentialReportCommand,
  type IAMClient,
} from "@aws-sdk/client-iam";
import { call, isLimitExceeded } from "../aws/errors.ts";
import { AccessDeniedError, ThrottledError } from "../errors.ts";
import { deniedWhy } from "./reading.ts";

/** A credential report younger than this is fact; what an older one accuses somebody of is read again first. */
export const freshForMs = 5 * 60_000;

/** Waits so many milliseconds. */
export type Sleep = (ms: number) => Promise<void>;

/** A report as IAM hands it out, or why there is none. */
export type FetchedReport =
  | { readonly ready: true; readonly content: Uint8Array; readonly generatedAt: Date }
  | { readonly ready: false; readonly why: string };

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/**
 * Has IAM make a credential report, or hand out the one it has (for up to four hours it makes no new one), and waits
 * for it: generate, then ask with pauses that double from one second, so a report that takes two costs three calls.
 * Never throws for want of a report: after `maxWaitMs` of pauses (default three minutes), or a denial, says why.
 * @param signal ends the waiting early
 */
export const fetchCredentialReport = async (
  iam: IAMClient,
  accountId: string,
  options: { readonly sleep: Sleep; readonly maxWaitMs?: number; readonly signal?: AbortSignal },
): Promise<FetchedReport> => {
  const maxWaitMs = options.maxWaitMs ?? 180_000;
  let waitedMs = 0;
  let pauseMs = firstPauseMs;
  let last = "not asked for";
  let expired = false;

  /** Pauses; false if there is no time left for it. */
  const pause = async (why: string): Promise<boolean> => {
    last = why;
    if (waitedMs >= maxWaitMs || options.signal?.aborted) return false;
    const ms = Math.min(pauseMs, maxWaitMs - waitedMs);
    await options.sleep(ms);
    waitedMs += ms;
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    return options.signal?.aborted !== true;
  };
  const gaveUp = (): FetchedReport => ({
    ready: false,
    why: `no credential report after ${Math.round(waitedMs / 1000)} seconds (${last})`,
  });

  const generate = async (): Promise<"made" | "pending" | "refused" | FetchedReport> => {
    try {
      const { State: state } = await call("iam:GenerateCredentialReport", accountId, () =>
        iam.send(new GenerateCredentialReportCommand({})),
      );
      return state === "COMPLETE" ? "made" : "pending";
    } catch (error) {
      if (error instanceof AccessDeniedError) return { ready: false, why: deniedWhy(error) };
      if (isLimitExceeded(error) || error instanceof ThrottledError) return "refused";
      throw error;
    }
  };

  const get = async (): Promise<"pending" | "absent" | "expired" | FetchedReport> => {
    try {
      const answer = await call("iam:GetCredentialReport", accountId, () =>
        iam.send(new GetCredentialReportCommand({})),
      );
      if (!answer.GeneratedTime) return { ready: false, why: "the credential report does not say when it was made" };
      return { ready: true, content: answer.Content ?? new Uint8Array(), generatedAt: answer.GeneratedTime };
    } catch (error) {
      if (error instanceof AccessDeniedError) return { ready: false, why: deniedWhy(error) };
      if (error instanceof CredentialReportNotReadyException || error instanceof ThrottledError) return "pending";
      if (error instanceof CredentialReportNotPresentException) return "absent";
      if (error instanceof CredentialReportExpiredException) return "expired";
      throw error;
    }
  };

  for (;;) {
    const generated = await generate();
    if (typeof generated === "object") return generated;
    if (generated === "refused") {
      if (!(await pause("IAM made none, for too many were asked for"))) return gaveUp();
      continue;
    }
    if (generated === "pending" && !(await pause("still being made"))) return gaveUp();
    let got = await get();
    while (got === "pending") {
      if (!(await pause("still being made"))) return gaveUp();
      got = await get();
    }
    if (typeof got === "object") return got;
    if (got === "expired") {
      if (expired) return { ready: false, why: "the credential report expired as often as it was made" };
      expired = true;
    } else if (!(await pause("IAM says that none is present"))) return gaveUp();
  }
};
