import { createHash } from "node:crypto";
import type { RecordedStep } from "./remediation.ts";
import { isOwnTag } from "./step.ts";

/**
 * Tells two plans apart, by their steps and before-images, and by what a boundary that they attach allowed then. What
 * iam-warden's own tags say (of the day, for one) is left out: they change nothing that anybody may do.
 */
export const digestOf = (steps: readonly RecordedStep[]): string =>
  createHash("sha256")
    .update(
      JSON.stringify(
        steps
          .filter(({ step }) => !isOwnTag(step))
          .map(({ step, before, boundary }) => (boundary === undefined ? [step, before] : [step, before, boundary])),
        inOrder,
      ),
    )
    .digest("hex")
    .slice(0, 20);

/** For `JSON.stringify`: what was stored and read again has its keys in another order. */
const inOrder = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
