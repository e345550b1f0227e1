import type { Interlock } from "./authorization.ts";
import type { Prepared } from "./prepare.ts";

/** Whether a person approved exactly this: the same stage, steps and before-images. */
export const approvalMatches = ({ stage, digest, request: { approval } }: Prepared): boolean =>
  approval !== undefined && approval.stage === stage && approval.digest === digest;

/** An interlock that lets pass what a person approved who saw why it held. */
export const unlessApproved =
  (interlock: Interlock): Interlock =>
  async (prepared) =>
    approvalMatches(prepared) ? undefined : interlock(prepared);
