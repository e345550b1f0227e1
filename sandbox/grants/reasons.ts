import { type Reason, reasonIn } from "../reason.ts";
import type { Grant } from "./granted.ts";

/** What is granted though the scenario has no use for it, as `role action`, each with who has. Rather take a grant away. */
export const reasons: readonly Reason[] = [
  {
    of: /^iam-warden-hub-[a-z-]+ logs:(?:CreateLogStream|PutLogEvents)$/,
    why: "Lambda writes a function's log with its role; telemetry does not go through the sandbox",
  },
  {
    of: /^SweepRunRole logs:/,
    why: "Step Functions delivers the log of its runs with it; the sandbox keeps none",
  },
  {
    of: /^SweepRunRole states:(?:DescribeExecution|StopExecution)$/,
    why: "Step Functions follows and stops the turns of a distributed map with it, as its documentation asks for",
  },
  {
    of: /^SweepRunRole states:RedriveExecution$/,
    why: "people have a sweep go on that failed, in Step Functions' console",
  },
];

/** Why something is granted that nothing exercises; undefined if nobody knows. */
export const reasonFor = ({ role, action }: Grant): string | undefined => reasonIn(reasons, `${role} ${action}`);
