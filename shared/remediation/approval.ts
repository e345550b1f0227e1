import type { Prepared } from "./prepare.ts";

/** Whether a person approved exactly this: the same stage, steps and before-images. */
export const approvalMatches = ({ stage, digest, request: { approval } }: Prepared): boolean =>
  approval !== undefined && approval.stage === stage && approval.digest === digest;
